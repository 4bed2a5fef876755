"""Files in a bucket that may not answer for a while."""

import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from yule.core.patience import Patience, Unanswered, find_patience, name_fault, read_clock
from yule.storage.objects.protocol import Objects

T = TypeVar("T")

_ANSWERED: set[str] = set()
"""The workspaces that have answered this process, or another that this one goes on for."""


class PatientObjects:
    """See :class:`~yule.storage.objects.protocol.Objects`. What does not answer is tried again for a while.

    A workspace that has never answered is not waited for: its name may be wrong, or there is no network.

    Parameters
    ----------
    inner
        The bucket's files, whose methods raise Unanswered.
    workspace
        The workspace's address.
    seconds
        How long what does not answer is tried again.
    """

    def __init__(self, inner: Objects, workspace: str, *, seconds: float) -> None:
        self.inner = inner
        self._workspace = workspace
        self._seconds = seconds
        self._is_away = False
        self._lock = threading.Lock()

    def list(self, prefix: str) -> dict[str, int]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        return self._persist(lambda: self.inner.list(prefix))

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        return self._persist(lambda: self.inner.read(name, start=start))

    def download(self, name: str, file: Path) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        return self._persist(lambda: self.inner.download(name, file))

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        n_tries = 0

        def write() -> bool:
            nonlocal n_tries
            n_tries += 1
            return self.inner.write(name, content, only_if_absent=only_if_absent)

        is_written = self._persist(write)
        if is_written or n_tries == 1:
            return is_written
        # It may be there because of a try of ours whose answer was lost.
        return self.read(name) == (content.read_bytes() if isinstance(content, Path) else content)

    def delete(self, names: Iterable[str]) -> None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        known = list(names)
        self._persist(lambda: self.inner.delete(known))

    def _persist(self, act: Callable[[], T]) -> T:
        patience = Patience(self._seconds)
        while True:
            try:
                result = act()
            except Unanswered as error:
                wait = patience.next_wait() if self._workspace in _ANSWERED else None
                if wait is None:
                    self._is_away = False
                    raise
                self._tell_outage(error)
                time.sleep(wait)
            else:
                self._tell_answer()
                return result

    def _tell_outage(self, error: Unanswered) -> None:
        with self._lock:
            if not self._is_away:
                self._is_away = True
                text = f"does not answer ({name_fault(error)}). Trying again until {read_clock(self._seconds)}."
                print(f"The workspace {self._workspace} {text}", file=sys.stderr, flush=True)

    def _tell_answer(self) -> None:
        _ANSWERED.add(self._workspace)
        with self._lock:
            if self._is_away:
                self._is_away = False
                print(f"The workspace {self._workspace} answers again.", file=sys.stderr, flush=True)


def expect_answers(workspace: str) -> None:
    """Say that a workspace has answered another process: this one waits for it from the beginning."""
    _ANSWERED.add(workspace)


def open_patiently(workspace: str, open_inner: Callable[[], Objects]) -> PatientObjects:
    """Open a bucket, whose login may come from a service that does not answer either."""
    patience = Patience(find_patience())
    while True:
        try:
            return PatientObjects(open_inner(), workspace, seconds=find_patience())
        except Unanswered:
            wait = patience.next_wait() if workspace in _ANSWERED else None
            if wait is None:
                raise
            time.sleep(wait)


def without_patience(objects: Objects) -> Objects:
    """Return the same files, but so that a bucket which does not answer is an error at once.

    For what is done by the way, or at an end that must not be held up, and for whoever waits in another way.
    """
    return objects.inner if isinstance(objects, PatientObjects) else objects
