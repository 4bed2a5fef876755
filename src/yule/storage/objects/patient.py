"""Files in a bucket that may not answer for a while."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from yule.core.outages import Outage
from yule.core.patience import Patience, Unanswered, find_patience
from yule.storage.objects.protocol import Objects

T = TypeVar("T")

LOOK_SECONDS = 0.2


@dataclass(kw_only=True)
class _Process:
    """What this process knows of all its buckets.

    Parameters
    ----------
    answered
        The workspaces that have answered it, or another that it goes on for.
    is_ending
        Whether it was asked to end, and waits for nothing any more.
    n_hurrying
        How much of it must not be held up just now.
    """

    answered: set[str] = field(default_factory=set)
    is_ending: bool = False
    n_hurrying: int = 0

    @property
    def is_patient(self) -> bool:
        """Whether anything is waited for."""
        return not self.is_ending and not self.n_hurrying


_PROCESS = _Process()


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
        self._outage = Outage(f"The workspace {workspace}", seconds=seconds)

    def list(self, prefix: str) -> dict[str, int]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        return self._persist(lambda: self.inner.list(prefix))

    def list_times(self, prefix: str) -> dict[str, datetime]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        return self._persist(lambda: self.inner.list_times(prefix))

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        return self._persist(lambda: self.inner.read(name, start=start))

    def download(self, name: str, file: Path) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        return self._persist(lambda: self.inner.download(name, file), is_long=True)

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        n_tries = 0

        def write() -> bool:
            nonlocal n_tries
            n_tries += 1
            return self.inner.write(name, content, only_if_absent=only_if_absent)

        is_written = self._persist(write, is_long=isinstance(content, Path))
        if is_written or n_tries == 1:
            return is_written
        # It may be there because of a try of ours whose answer was lost.
        return self.read(name) == (content.read_bytes() if isinstance(content, Path) else content)

    def delete(self, names: Iterable[str]) -> None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        known = list(names)
        self._persist(lambda: self.inner.delete(known))

    def _persist(self, act: Callable[[], T], *, is_long: bool = False) -> T:
        """Try until it succeeds, or for as long as the patience lasts; ``is_long``: it may well take long."""
        patience = Patience(self._seconds)
        while True:
            try:
                with nullcontext() if is_long else self._outage.watching():
                    result = act()
            except Unanswered as error:
                wait = patience.next_wait() if self._workspace in _PROCESS.answered else None
                if wait is None:
                    self._outage.forget()
                    raise
                self._outage.begin(error)
                if not _rest(wait):
                    raise
            else:
                _PROCESS.answered.add(self._workspace)
                self._outage.end()
                return result


def expect_answers(workspace: str) -> None:
    """Say that a workspace has answered another process: this one waits for it from the beginning."""
    _PROCESS.answered.add(workspace)


def give_up_waiting() -> None:
    """Have all that waits for a bucket in this process, also in threads, give up at once: it was asked to end.

    This may be called by a handler of signals, at any instant.
    """
    _PROCESS.is_ending = True


def check_ending() -> None:
    """Raise KeyboardInterrupt once this process was asked to end."""
    if _PROCESS.is_ending:
        raise KeyboardInterrupt


def wait_again() -> None:
    """Be patient again, after a request to end that the process has outlived."""
    _PROCESS.is_ending = False


@contextmanager
def hurrying() -> Iterator[None]:
    """Wait for no bucket as long as this is open."""
    _PROCESS.n_hurrying += 1
    try:
        yield
    finally:
        _PROCESS.n_hurrying -= 1


def open_patiently(workspace: str, open_inner: Callable[[], Objects]) -> PatientObjects:
    """Open a bucket, whose login may come from a service that does not answer either."""
    patience = Patience(find_patience())
    login = Outage(f"The login to the workspace {workspace}", seconds=find_patience())
    while True:
        try:
            with login.watching():
                opened = open_inner()
            return PatientObjects(opened, workspace, seconds=find_patience())
        except Unanswered:
            wait = patience.next_wait() if workspace in _PROCESS.answered else None
            if wait is None or not _rest(wait):
                raise


def without_patience(objects: Objects) -> Objects:
    """Return the same files, but so that a bucket which does not answer is an error at once.

    For what is done by the way, or at an end that must not be held up, and for whoever waits in another way.
    """
    return objects.inner if isinstance(objects, PatientObjects) else objects


def _rest(seconds: float) -> bool:
    """Wait; return False once the process is asked to end."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and _PROCESS.is_patient:
        time.sleep(min(LOOK_SECONDS, left))
    return _PROCESS.is_patient
