"""``yule downloads check``, ``refresh`` and ``prune``: look after what is kept of the download library."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from yule.cli.commands.downloads import Name, find_method
from yule.cli.options import AsJson, Profile

if TYPE_CHECKING:
    from yule.library.upkeep import RefreshPlan

Built = TypeVar("Built")

Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day; the first kept by default.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day after the last; all that are kept by default.")
]


def refresh(
    name: Name,
    since: Since = None,
    until: Until = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be fetched and at what cost, and stop.")] = False,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Fetch kept days anew: what has changed takes their place, and what is made of it is computed again."""
    from yule.config.finding import load_project
    from yule.core.settings import canonical_json, to_plain
    from yule.library.upkeep import plan_refresh
    from yule.library.upkeep import refresh as fetch_anew
    from yule.session.graphs import describe_days

    project = load_project(profile)
    method = find_method(project, name)
    period = (_day(since), _day(until))
    if plan:
        planned = plan_refresh(project, method, *period)
        typer.echo(canonical_json(to_plain(planned)) if as_json else _describe_plan(name, planned))
        return
    days = fetch_anew(project, method, *period)
    typer.echo(canonical_json([to_plain(day) for day in days]) if as_json else describe_days(name, days))


def check(
    names: Annotated[list[str] | None, typer.Argument(help="Methods; all by default.", metavar="[METHOD]...")] = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Ask the sources whether columns are gone, data are stale, or final days were written to again.

    The exit code is 1 if anything is found.
    """
    from yule.cli.commands.downloads import load_cards
    from yule.core.settings import canonical_json
    from yule.library.catalogue import check_card

    project, cards = load_cards(profile)
    wanted = [find_method(project, name).name for name in names or project.downloads]
    found = {card.method.name: check_card(project, card).problems for card in cards if card.method.name in wanted}
    if as_json:
        typer.echo(canonical_json({name: list(problems) for name, problems in found.items()}))
    else:
        for name, problems in found.items():
            for problem in problems:
                typer.echo(f"{name}: {problem}")
        n_sound = sum(not problems for problems in found.values())
        typer.echo(f"{n_sound} of {len(found)} methods are as they should be.")
    if any(found.values()):
        raise typer.Exit(1)


REASONS = {
    "provisional": "not final then; newer ones stand in for them",
    "edition": "fetched anew since",
    "columns": "their columns are declared otherwise now",
    "declaration": "no method here is declared so; another project or profile, or other parameters, may be",
}


def prune(
    older_than: Annotated[
        str, typer.Option(help="Only days that were last fetched or compared longer ago than this: 12 weeks, 0 days.")
    ] = "30 days",
    delete: Annotated[bool, typer.Option("--delete", help="Delete them; otherwise they are only listed.")] = False,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """List kept days that nobody asks for any more; delete them with --delete."""
    from yule.cli.screen.tables import print_table
    from yule.config.finding import load_project
    from yule.config.forms.values import parse_duration
    from yule.core.settings import canonical_json, to_plain
    from yule.downloads.costs.limits import format_bytes
    from yule.library.upkeep import find_prunable
    from yule.library.upkeep import prune as delete_days

    try:
        not_since = datetime.now(UTC) - (timedelta(0) if older_than == "0 days" else parse_duration(older_than))
    except ValueError as error:
        raise typer.BadParameter(f"--older-than: {error}") from error
    project = load_project(profile)
    leftovers = find_prunable(project, not_since)
    if delete:
        delete_days(project, leftovers)
    if as_json:
        typer.echo(canonical_json([to_plain(leftover) for leftover in leftovers]))
        return
    rows = [
        (
            leftover.place.removeprefix("days/"),
            str(len(leftover.folders)),
            format_bytes(sum(folder.n_bytes for folder in leftover.folders)),
            f"{max(folder.noted_at for folder in leftover.folders):%Y-%m-%d}",
            REASONS[leftover.reason],
        )
        for leftover in leftovers
    ]
    if not rows:
        typer.echo("There is nothing to delete.")
        return
    print_table(("days of", "number", "size", "last fetched", "why nobody asks for them"), rows)
    typer.echo("They were deleted." if delete else "Nothing was deleted; with --delete these are.")


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else instant.date()


def _describe_plan(name: str, plan: "RefreshPlan") -> str:
    from yule.downloads.costs.limits import format_bytes

    periods = ", ".join(f"{since} until before {until}" for since, until in plan.periods)
    size = f"; its source reads {format_bytes(plan.n_bytes)}" if plan.n_bytes is not None else ""
    return f"To fetch anew of {name}: {plan.n_days} days ({periods}) of {plan.n_columns} columns{size}."
