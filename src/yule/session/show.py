"""Who is told how work goes on: nobody, a function, or people, by lines of text."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO, TypeAlias

from yule.session.words import describe_failure, describe_fetch, describe_plan

if TYPE_CHECKING:
    from yule.pipeline.fetching import Fetch
    from yule.pipeline.runs.progress import CaseTasks
    from yule.runtime.events import RunEvent
    from yule.runtime.plan import Plan

Tell: TypeAlias = "Callable[[RunEvent], None]"
Cases: TypeAlias = "Sequence[CaseTasks]"
"""What each case that is at work needs of a plan."""


class Show(Protocol):
    """Is told what people should know while something is at work."""

    def note(self, text: str) -> None:
        """Take a sentence of its own."""

    def begin(self, plan: "Plan", cases: Cases, fetches: "Sequence[Fetch]") -> AbstractContextManager[Tell]:
        """Give what takes the events of a plan that is about to run in this process and its workers."""

    def follow(self, plan: "Plan", cases: Cases) -> AbstractContextManager[Tell]:
        """Give what takes the events of a plan that runs elsewhere."""


class Told:
    """Tells a function the events, and nobody the rest.

    Parameters
    ----------
    tell
        Takes the events; None for nobody at all.
    """

    def __init__(self, tell: "Tell | None") -> None:
        self._tell = tell

    def note(self, text: str) -> None:
        """See :class:`Show`."""

    @contextmanager
    def begin(self, plan: "Plan", cases: Cases, fetches: "Sequence[Fetch]") -> Iterator[Tell]:
        """See :class:`Show`."""
        del fetches
        with self.follow(plan, cases) as tell:
            yield tell

    @contextmanager
    def follow(self, plan: "Plan", cases: Cases) -> Iterator[Tell]:
        """See :class:`Show`."""
        del plan, cases
        yield self._tell or _forget


class Printed:
    """Prints one plain line per event.

    Parameters
    ----------
    stream
        Where to; None for the standard output as it is then: in a notebook, below the cell.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def note(self, text: str) -> None:
        """See :class:`Show`."""
        print(text, file=self._stream or sys.stdout, flush=True)

    @contextmanager
    def begin(self, plan: "Plan", cases: Cases, fetches: "Sequence[Fetch]") -> Iterator[Tell]:
        """See :class:`Show`."""
        for fetch in fetches:
            self.note(describe_fetch(fetch))
        with self.follow(plan, cases) as tell:
            yield tell

    @contextmanager
    def follow(self, plan: "Plan", cases: Cases) -> Iterator[Tell]:
        """See :class:`Show`."""
        del plan, cases
        yield Lines(self.note).tell


class Lines:
    """One plain line per event.

    Parameters
    ----------
    write
        Takes the lines.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._started = time.monotonic()
        self._n_tasks: int | None = None
        self._n_over = 0
        self._waits = False

    def tell(self, event: "RunEvent") -> None:
        """Take an event."""
        from yule.messages.telling import tell_message
        from yule.runtime import events
        from yule.runtime.kubernetes.insight.outcomes import describe_loss
        from yule.runtime.telling import describe_case, describe_retry, describe_waits

        match event:
            case events.RunPlanned():
                is_first, self._n_tasks, self._n_over = self._n_tasks is None, event.n_tasks, 0
                self._print(describe_plan(event) if is_first else f"another driver goes on: {describe_plan(event)}")
            case events.TaskFinished():
                self._n_over += 1
                how = "by another run" if event.elsewhere else f"{event.seconds:.1f} s"
                self._print(f"{self._n_over} of {self._n_tasks or 0} {event.text}: {how}")
            case events.TaskRetried():
                self._print(describe_retry(event))
            case events.OutputsLost():
                self._n_tasks = (self._n_tasks or 0) + event.n_tasks
                self._print(tell_message(event.why))
            case events.TaskBroken():
                self._print(describe_failure(event))
            case events.PodsWait():
                self._tell_waits(describe_waits(event))
            case events.PodEnded():
                if text := describe_loss(event.cause):
                    self._print(f"a pod of the step {event.step} has ended: {text}")
            case events.CaseEnded():
                self._print(describe_case(event))
            case events.RunEnded():
                self._print(event.text)
            case events.TaskStarted():
                pass

    def _tell_waits(self, texts: tuple[str, ...]) -> None:
        if self._waits and not texts:
            self._print("nothing is waited for any more")
        self._waits = bool(texts)
        for text in texts:
            self._print(text)

    def _print(self, text: str) -> None:
        self._write(f"{time.monotonic() - self._started:7.1f} s  {text}")


def _forget(event: "RunEvent") -> None:
    del event


def choose_show(progress: "Callable[[RunEvent], None] | bool") -> Show:
    """Return who is told: True for lines of text, False for nobody, or a function."""
    if isinstance(progress, bool):
        return Printed() if progress else Told(None)
    return Told(progress)
