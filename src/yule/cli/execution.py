"""What commands that run tasks have in common."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from yule.core.errors import TaskFailed
from yule.session.failures import TasksFailed


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
