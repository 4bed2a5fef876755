"""``yule compare``: two runs side by side."""

from typing import TYPE_CHECKING

import typer

from yule.cli.options import AsJson, Profile, RunName

if TYPE_CHECKING:
    from yule.session.views.comparison import RunComparison


def compare(first: RunName, second: RunName, profile: Profile = None, as_json: AsJson = False) -> None:
    """Show two finished runs side by side: how good they are, what differs between them, how far their lists agree."""
    import math

    from yule.core.settings import Json, canonical_json, to_plain
    from yule.session import open_project

    found = open_project(profile=profile).compare(first, second)
    if as_json:
        plain = to_plain(found)
        assert isinstance(plain, dict)
        known: dict[str, Json] = {
            name: None if isinstance(value, float) and math.isnan(value) else value for name, value in plain.items()
        }
        typer.echo(canonical_json(known))
    else:
        _print(found)


def _print(found: "RunComparison") -> None:
    from yule.cli.screen.tables import print_table

    figures = [(name, *(_write(value) for value in pair)) for name, pair in found.figures.items()]
    print_table(
        ("", found.a, found.b),
        [*figures, ("users in the list", f"{found.n_a:,}", f"{found.n_b:,}")],
    )
    typer.echo(
        f"\n{found.n_common:,} users are in both lists"
        + (
            f"; rank correlation of their scores {found.rank_correlation:.3f}; of the best tenth "
            f"{found.top_overlap:.0%} are in that of the other."
            if found.n_common
            else "."
        )
    )
    if found.facts:
        typer.echo("")
        print_table(("what differs", found.a, found.b), [(name, *pair) for name, pair in found.facts.items()])
    typer.echo(
        "\nSettings that differ:" if found.settings else "\nThe settings are the same, with all defaults filled in."
    )
    for line in found.settings:
        typer.echo(f"  {line}")


def _write(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"
