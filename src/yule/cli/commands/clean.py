"""``yule clean``: what of the workspace can go, and how much that frees."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from yule.cli.options import AsJson, Profile

if TYPE_CHECKING:
    from yule.downloads.keeping.days.pruning import Leftover
    from yule.pipeline.runs.cleaning import Disposable
    from yule.storage.store import Store

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
        str, typer.Option(help="What was written, or used by a run, within this time stays: 12 weeks, 0 days.")
    ] = "30 days",
    run: Annotated[
        str | None, typer.Option(help="Delete this run instead, with what only it needs.", metavar="RUN")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what can go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask for no confirmation.")] = False,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Say what of the workspace can go, and delete it. Every run can still be shown, and scores users."""
    from yule.config.finding import load_project
    from yule.core.settings import canonical_json, to_plain
    from yule.library.upkeep import find_prunable, prune
    from yule.pipeline.fetching import describe_fetching
    from yule.pipeline.runs.cleaning import delete, find_old, find_old_copies
    from yule.pipeline.runs.reading import read_runs
    from yule.storage.opening import open_store
    from yule.storage.setup import configure

    if as_json and not (yes or dry_run):
        raise typer.BadParameter("Nobody can be asked with --json: add --dry-run or --yes.")
    not_since = _find_limit(older_than)
    project = load_project(profile)
    store = open_store(project.workspace)
    configure(project.workspace, n_threads=1, fetching=describe_fetching(project))
    days: list[Leftover] = []
    if run is not None:
        disposables = _find_run(store, run)
    else:
        days = [found for found in find_prunable(project, not_since) if found.reason == "provisional"]
        disposables = [*find_old(store, read_runs(store), not_since=not_since), *find_old_copies(not_since=not_since)]
    if as_json:
        typer.echo(canonical_json([*map(to_plain, disposables), *map(to_plain, days)]))
    else:
        _print(disposables, days)
    if dry_run or not (disposables or days):
        return
    if not yes:
        typer.confirm("Delete this?", abort=True)
    delete(store, disposables)
    prune(project, days)
    if not as_json:
        typer.echo("It was deleted.")


def _find_limit(older_than: str) -> datetime:
    from yule.config.forms.values import parse_duration

    try:
        return datetime.now(UTC) - (timedelta(0) if older_than == "0 days" else parse_duration(older_than))
    except ValueError as error:
        raise typer.BadParameter(f"--older-than: {error}") from error


def _find_run(store: "Store", name: str) -> "list[Disposable]":
    from yule.core.errors import WorkspaceError
    from yule.pipeline.runs.cleaning import find_of_run
    from yule.pipeline.runs.reading import find_statuses, read_run, read_runs

    found = read_run(store, name)  # by its id: a case stands for several
    (status,) = find_statuses(store, [found])
    if status == "running":
        raise WorkspaceError(f"{name} is running: stop it, then say it again.")
    return find_of_run(store, found, read_runs(store))


def _print(disposables: "list[Disposable]", days: "list[Leftover]") -> None:
    from yule.cli.screen.tables import print_table
    from yule.downloads.costs.limits import format_bytes

    sizes: dict[str, list[int]] = {}
    for one in disposables:
        sizes.setdefault(one.what, []).append(one.n_bytes)
    for leftover in days:
        sizes.setdefault("days", []).extend(folder.n_bytes for folder in leftover.folders)
    if not sizes:
        typer.echo("There is nothing to delete.")
        return
    rows = [(TITLES[what], str(len(of)), format_bytes(sum(of))) for what, of in sizes.items()]
    total = [size for of in sizes.values() for size in of]
    print_table(("what can go", "number", "size"), [*rows, ("all", str(len(total)), format_bytes(sum(total)))])
