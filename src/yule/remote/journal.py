"""The journal of a launch: what its drivers tell, in the workspace, for everyone who follows."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from yule.core.errors import WorkspaceError
from yule.core.secrets import redact
from yule.core.settings import from_plain, to_json
from yule.messages.older import renew_event
from yule.runtime.events import RunEvent, TaskBroken
from yule.storage.names import check_name
from yule.storage.objects.patient import without_patience
from yule.storage.objects.protocol import Objects

FLUSH_SECONDS = 1.0


class Journal:
    """Writes events in chunks, since a bucket's files cannot be appended to.

    Parameters
    ----------
    objects
        The workspace's files.
    launch
        Name of the launch.
    echo
        Receives the events, too.
    """

    def __init__(self, objects: Objects, launch: str, *, echo: Callable[[RunEvent], None] | None = None) -> None:
        self._objects = objects
        self._launch = launch
        self._echo = echo
        self._begun = f"{time.time_ns():020}"
        self._n_chunks = 0
        self._lines: list[str] = []
        self._chunks: list[bytes] = []
        self._flushed_at = 0.0

    def tell(self, event: RunEvent) -> None:
        """Take an event."""
        self._lines.append(redact(to_json(event)))
        if self._echo is not None:
            self._echo(event)

    def flush(self, *, is_urgent: bool = False) -> None:
        """Write what was told, if it is time."""
        if is_urgent or time.monotonic() - self._flushed_at > FLUSH_SECONDS:
            self._write(self._objects)

    def hurry(self) -> None:
        """Write what was told as well as can be at once: an end is not held up by a workspace that does not answer."""
        with suppress(OSError):  # the next driver tells how things stand
            self._write(without_patience(self._objects))

    def _write(self, objects: Objects) -> None:
        if self._lines:
            self._chunks.append(("\n".join(self._lines) + "\n").encode())
            self._lines.clear()
        while self._chunks:  # one that may have arrived stays as it is: its readers do not look again
            objects.write(f"{journal_folder(self._launch)}{self._begun}-{self._n_chunks:06}.jsonl", self._chunks[0])
            del self._chunks[0]
            self._n_chunks += 1
            self._flushed_at = time.monotonic()


class JournalReader:
    """Reads what was told since the last time.

    Parameters
    ----------
    objects
        The workspace's files.
    launch
        Name of the launch.
    """

    def __init__(self, objects: Objects, launch: str) -> None:
        self._objects = objects
        self._launch = launch
        self._read: set[str] = set()

    def take(self) -> Iterator[RunEvent]:
        """Yield the events that have come since."""
        for name in self._objects.list(journal_folder(self._launch)):
            if name not in self._read:
                content = self._objects.read(name) or b""
                self._read.add(name)
                for line in content.splitlines():
                    yield _read_event(name, line)


def _read_event(name: str, line: bytes) -> RunEvent:
    """Return an event that anybody who may write the workspace may have written."""
    try:
        event: RunEvent = from_plain(RunEvent, renew_event(json.loads(line)))  # type: ignore[arg-type]
    except (ExceptionGroup, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise WorkspaceError(
            f"{name} in the workspace is damaged or forged: it does not tell what happened in a run. Delete it; the "
            "run itself goes on."
        ) from error
    if isinstance(event, TaskBroken):  # whose log is looked at
        check_name(event.log, where=f"{name} in the workspace")
    return event


def journal_folder(launch: str) -> str:
    """Return what the names of a launch's journal in the workspace begin with."""
    return f"launches/{launch}/journal/"
