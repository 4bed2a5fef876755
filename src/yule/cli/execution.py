"""What commands that run tasks have in common."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer

from yule.core.errors import TaskFailed, YuleError
from yule.session.failures import CasesFailed, TasksFailed, find_runs
from yule.session.views.results import CaseResult


@contextmanager
def at_work() -> Iterator[None]:
    """Turn an interruption into a word on how to go on, and exit code 130; tell of failures only what was not shown."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Interrupted. What is finished is kept. Run the same command again to go on.", err=True)
        raise typer.Exit(130) from None
    except TasksFailed as failed:
        raise shorten(failed) from None


def shorten(failed: TasksFailed) -> TaskFailed:
    """Return an error that names the tasks; why they failed was shown."""
    names = ", ".join(task.text for task in failed.broken)
    return TaskFailed(
        f"{len(failed.broken)} of the tasks failed ({names}). "
        "What is finished is kept: run the same command again when the cause is mended."
    )


def raise_shortened(results: Sequence[CaseResult]) -> None:
    """Raise what kept cases from their answers, if anything did; of tasks that failed, only their names."""
    try:
        find_runs(results)
    except TasksFailed as failed:
        raise shorten(failed) from None
    except CasesFailed as failed:
        told = [f"{one.case}: {_shorten_error(one.error)}" for one in failed.results if one.error is not None]
        raise TaskFailed("\n  ".join([f"{len(told)} of {len(failed.results)} cases have no answer:", *told])) from None


def _shorten_error(error: YuleError) -> str:
    return str(shorten(error) if isinstance(error, TasksFailed) else error)
