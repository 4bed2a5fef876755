"""How a run is shown while it goes on: a live table in a terminal, lines in a pipe, JSON for scripts."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from yule.core.settings import to_json
from yule.runtime.events import (
    OutputsLost,
    PodEnded,
    PodsWait,
    RunEnded,
    RunEvent,
    RunPlanned,
    TaskBroken,
    TaskFinished,
    TaskRetried,
    TaskStarted,
)
from yule.runtime.kubernetes.insight.outcomes import describe_loss

if TYPE_CHECKING:
    from yule.cli.screen.board import Board

Tell = Callable[[RunEvent], None]

LAST_LINES = 20


@contextmanager
def show_progress(board: "Board", *, as_json: bool) -> Iterator[Tell]:
    """Give the function that events are told to, in the form that suits where they are read."""
    if as_json:
        yield lambda event: print(to_json(event), flush=True)
    elif sys.stderr.isatty():
        with board.live() as tell:
            yield tell
    else:
        yield Lines().tell


def print_end(*, is_done: bool, text: str) -> None:
    """Print for scripts that all is over: the last line of every run that came to its end."""
    print(to_json(RunEnded(is_done=is_done, text=text)), flush=True)


class Lines:
    """One plain line per event on the standard error output."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._n_tasks: int | None = None
        self._n_over = 0
        self._waits = False

    def tell(self, event: RunEvent) -> None:
        """Print an event."""
        match event:
            case RunPlanned():
                is_first, self._n_tasks, self._n_over = self._n_tasks is None, event.n_tasks, 0
                self._print(describe_plan(event) if is_first else f"another driver goes on: {describe_plan(event)}")
            case TaskFinished():
                self._n_over += 1
                how = "by another run" if event.elsewhere else f"{event.seconds:.1f} s"
                self._print(f"{self._n_over} of {self._n_tasks or 0} {event.text}: {how}")
            case TaskRetried():
                self._print(f"{event.text}: {event.why}; it runs again")
            case OutputsLost():
                self._n_tasks = (self._n_tasks or 0) + event.n_tasks
                self._print(event.why)
            case TaskBroken():
                self._print(describe_failure(event))
            case PodsWait():
                self._tell_waits(event.texts)
            case PodEnded():
                if text := describe_loss(event.cause):
                    self._print(f"a pod of the step {event.step} has ended: {text}")
            case RunEnded():
                self._print(event.text)
            case TaskStarted():
                pass

    def _tell_waits(self, texts: tuple[str, ...]) -> None:
        if self._waits and not texts:
            self._print("nothing is waited for any more")
        self._waits = bool(texts)
        for text in texts:
            self._print(text)

    def _print(self, text: str) -> None:
        print(f"{time.monotonic() - self._started:7.1f} s  {text}", file=sys.stderr, flush=True)


def describe_plan(event: RunPlanned) -> str:
    """Say what is about to run."""
    if not event.n_tasks:
        return f"nothing to run: all {event.n_cached} tasks are cached"
    return (
        f"{event.n_tasks} tasks to run, {event.n_cached} cached; "
        f"{event.n_workers} at once with {event.n_threads} threads each"
    )


def describe_failure(event: TaskBroken) -> str:
    """Say what failed, why, and where more can be read; for a bug with the last lines of its log."""
    lines = [f"FAILED {event.text}: {event.message.strip()}"]
    if event.is_bug:
        lines += ["This is a bug in Yule, not a fault of yours. The last lines of its log:", *_last_lines(event.log)]
    return "\n".join([*lines, f"log: {event.log}"])


def _last_lines(log: str) -> list[str]:
    try:
        with open(log, encoding="utf-8", errors="replace") as file:
            return [f"    {line.rstrip()}" for line in file.readlines()[-LAST_LINES:]]
    except OSError:
        return ["    (no log was written)"]
