"""Event files for TensorBoard, written with the standard library alone.

TensorBoard's own writer needs 150 MB of libraries in every worker.
"""

import os
import re
import socket
import time
from pathlib import Path
from types import TracebackType

from yule.tracking.records import scalar_record, session_record, version_record

EVENTS = "events"
"""Folder of the workspace for learning curves, by unique id of the fit."""

EVENT_FILE = re.compile(r"events\.out\.tfevents\.[0-9]+\.[^/]+\.[0-9]+")
"""What the name of an event file looks like; see :func:`name_file`."""

FLUSH_SECONDS = 1.0


class EventWriter:
    """A tracker that writes an event file; use it as a context manager.

    The file begins with the mark of a new session, so that TensorBoard drops what an attempt before it has written
    beyond the step at which this one starts.

    Parameters
    ----------
    folder
        Folder of the file; made when it is not there. Each attempt adds a file.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / name_file()).open("wb")
        self._flushed_at = time.monotonic()
        self._has_started = False
        self._file.write(version_record(time.time()))

    def log(self, tag: str, value: float, *, step: int) -> None:
        """See :class:`~yule.core.tracker.Tracker`; ``valid/rmse`` is shown as ``rmse/valid``, beside ``rmse/train``."""
        if not self._has_started:
            self._file.write(session_record(time.time(), step=step))
            self._has_started = True
        split, metric = tag.split("/")
        self._file.write(scalar_record(f"{metric}/{split}", value, time.time(), step=step))
        if time.monotonic() - self._flushed_at > FLUSH_SECONDS:
            self._file.flush()
            self._flushed_at = time.monotonic()

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def name_file() -> str:
    """Return the name of a new event file, in the form that TensorBoard looks for and sorts by time."""
    return f"events.out.tfevents.{time.time():.6f}.{socket.gethostname()}.{os.getpid()}"
