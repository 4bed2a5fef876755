"""Run tasks on this machine and show how it goes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer

from yule.cli.board import Board
from yule.cli.progress import show_progress
from yule.config.projects import Project
from yule.core.errors import TaskFailed
from yule.downloads.limits import format_bytes
from yule.pipeline.fetching import Fetch, describe_fetching, preview_fetches
from yule.runtime.cores import count_cores
from yule.runtime.events import TaskBroken
from yule.runtime.execution import execute, remove_damaged
from yule.runtime.plan import Plan, plan_tasks
from yule.storage.task import Task


def run_tasks(
    project: Project,
    roots: Sequence[Task],
    *,
    fits: Mapping[str, Mapping[str, str]],
    n_cores: int | None,
    repair: bool,
    as_json: bool,
) -> tuple[TaskBroken, ...]:
    """Run all that some tasks need.

    Parameters
    ----------
    project
        The project.
    roots
        The tasks whose outputs are asked for.
    fits
        For each case the unique ids of its fits, by member and fold: the rows and columns of the live table.
    n_cores
        Cores to use; None for all.
    repair
        Check every cached output first and delete those that are damaged.
    as_json
        Write the events as JSON lines to the standard output.

    Returns
    -------
    tuple of TaskBroken
        The tasks that failed.
    """
    plan = plan_tasks(roots)
    if repair:
        plan = _repair(plan, roots)
    # Also asks the sources whether they still have what the methods declare, before anything runs.
    fetches = preview_fetches(project, [item.task for item in plan.to_run()])
    if not as_json:
        print_fetches(fetches)
    with show_progress(Board(plan, fits), as_json=as_json) as tell:
        return execute(
            plan,
            workspace=project.workspace,
            fetching=_describe_fetching(project, plan, roots, fits),
            n_cores=n_cores or count_cores(),
            tell=tell,
        )


def print_fetches(fetches: Sequence[Fetch]) -> None:
    """Say what has to be fetched, and what it costs."""
    for fetch in fetches:
        size = f"; its source reads {format_bytes(fetch.n_bytes)}" if fetch.n_bytes is not None else ""
        days = f"{fetch.n_days} days from {fetch.since} to {fetch.until}, {fetch.n_kept_days} are kept"
        typer.echo(f"To fetch of {fetch.method}: {days if fetch.n_days else 'the whole table'}{size}.")


@contextmanager
def saying_how_to_go_on() -> Iterator[None]:
    """Turn an interruption into a word on how to go on, and exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Interrupted. What is finished is kept. Run the same command again to go on.", err=True)
        raise typer.Exit(130) from None


def raise_broken(broken: Sequence[TaskBroken]) -> None:
    """Raise one TaskFailed for the tasks that failed, if any did."""
    if broken:
        names = ", ".join(task.text for task in broken)
        raise TaskFailed(
            f"{len(broken)} of the tasks failed ({names}). "
            "What is finished is kept: run the same command again when the cause is mended."
        )


def _describe_fetching(
    project: Project, plan: Plan, roots: Sequence[Task], fits: Mapping[str, Mapping[str, str]]
) -> str:
    """Say what downloads are for: the run of a case, or several."""
    runs = [f"{case}-{root.unique_id[:8]}" for case, root in zip(fits, roots, strict=False)]
    tasks = [item.task for item in plan.tasks.values()]
    return describe_fetching(project, tasks, run="_".join(runs), case="_".join(fits))


def _repair(plan: Plan, roots: Sequence[Task]) -> Plan:
    for fault in remove_damaged(plan):
        typer.echo(f"{fault.split(' Run again')[0]} It was deleted.", err=True)
    return plan_tasks(roots)
