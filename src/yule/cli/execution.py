"""What commands that run tasks on this machine have in common."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer

from yule.core.errors import TaskFailed
from yule.runtime.events import TaskBroken


@contextmanager
def saying_how_to_go_on() -> Iterator[None]:
    """Turn an interruption into a word on how to go on, and exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Interrupted. What is finished is kept. Run the same command again to go on.", err=True)
        raise typer.Exit(130) from None


def raise_broken(broken: Sequence[TaskBroken]) -> None:
    """Raise one TaskFailed for the tasks that failed, if any did; why they did was shown."""
    if broken:
        names = ", ".join(task.text for task in broken)
        raise TaskFailed(
            f"{len(broken)} of the tasks failed ({names}). "
            "What is finished is kept: run the same command again when the cause is mended."
        )
