"""Run tasks on this machine and show how it goes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

import typer

from yule.cli.screen.board import Board
from yule.cli.screen.progress import show_progress
from yule.cli.signals import noticing_signals
from yule.config.projects import Project
from yule.core.errors import TaskFailed
from yule.downloads.costs.limits import format_bytes
from yule.pipeline.fetching import Fetch, Goal, describe_fetching, preview_fetches
from yule.runtime.cores import count_cores
from yule.runtime.damage import remove_damaged, remove_unreadable
from yule.runtime.events import TaskBroken
from yule.runtime.execution import execute
from yule.runtime.plan import list_tasks, plan_tasks


def run_tasks(
    project: Project,
    goals: Sequence[Goal],
    *,
    fits: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    n_cores: int | None = None,
    repair: bool = False,
    as_json: bool,
) -> tuple[TaskBroken, ...]:
    """Run all that some tasks need. What they give is whole then: what is damaged or gone is computed again.

    Parameters
    ----------
    project
        The project.
    goals
        The tasks whose outputs are asked for, and the runs that pay for what is fetched for them.
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
    roots = [goal.task for goal in goals]
    for fault in remove_unreadable(list_tasks(roots)) if repair else remove_damaged(roots):
        typer.echo(fault, err=True)
    plan = plan_tasks(roots)
    # Also asks the sources whether they still have what the methods declare, before anything runs.
    fetches = preview_fetches(project, plan, goals)
    if not as_json:
        print_fetches(fetches)
    with show_progress(Board(plan, fits), as_json=as_json) as tell, noticing_signals():
        return execute(
            plan,
            workspace=project.workspace,
            fetching=describe_fetching(project, plan, goals),
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
