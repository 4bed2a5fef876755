"""``yule clean``: what of the workspace can go, and how much that frees."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import AsJson, Profile

if TYPE_CHECKING:
    from yule.session.views.cleanups import Cleanup

TITLES = {
    "outputs": "outputs of tasks that no run of late needs",
    "curves": "learning curves of no run",
    "logs": "logs of tasks that no run of late needs",
    "launches": "journals and manifests of launches of no run",
    "repetitions": "repetitions that came out otherwise",
    "run": "the run's folder: its list, report and model",
    "copies": "copies on this machine of what lies in buckets",
    "days": "days that were not final, and that newer ones stand in for",
}


def clean(
    older_than: Annotated[
        str | None,
        typer.Option(
            help="What was written, or used by a run, within this time stays: 12 weeks, 0 days.",
            show_default="30 days",
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(help="Delete this run instead, of whatever age, with what only it needs.", metavar="RUN"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what can go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask for no confirmation.")] = False,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Say what of the workspace can go, and delete it. Every run can still be shown, and scores users."""
    from yule.core.settings import canonical_json, to_plain
    from yule.session import open_project

    if as_json and not (yes or dry_run):
        raise typer.BadParameter("Nobody can be asked with --json: add --dry-run or --yes.")
    if not (yes or dry_run or sys.stdin.isatty()):
        raise typer.BadParameter("Nobody can be asked here: add --dry-run or --yes.")
    if run is not None and older_than is not None:
        raise typer.BadParameter("--run deletes a run of whatever age: leave out --older-than, or --run.")
    age = None if older_than is None else _read_age(older_than)
    found = open_project(profile=profile).find_unneeded(older_than=age, run=run)
    if as_json:
        typer.echo(canonical_json([*map(to_plain, found.disposables), *map(to_plain, found.days)]))
    else:
        _print(found)
    if dry_run:
        return
    if found.list_sizes() and not yes:
        typer.confirm("Delete this?", abort=True)
    found.delete()  # also what a cleaning that was killed has left
    if found.list_sizes() and not as_json:
        typer.echo("It was deleted.")


def _read_age(older_than: str) -> timedelta:
    from yule.config.forms.values import parse_duration

    try:
        return timedelta(0) if older_than == "0 days" else parse_duration(older_than)
    except ValueError as error:
        raise typer.BadParameter(f"--older-than: {error}") from error


def _print(found: "Cleanup") -> None:
    from yule.cli.screen.tables import print_table
    from yule.downloads.costs.limits import format_bytes

    sizes = found.list_sizes()
    if not sizes:
        typer.echo("There is nothing to delete.")
        return
    rows = [(TITLES[what], str(len(of)), format_bytes(sum(of))) for what, of in sizes.items()]
    total = [size for of in sizes.values() for size in of]
    print_table(("what can go", "number", "size"), [*rows, ("all", str(len(total)), format_bytes(sum(total)))])
