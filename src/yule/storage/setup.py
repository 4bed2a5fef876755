"""What tasks are told and not keyed by: bound to the code that builds and runs them, never to the process."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What tasks are told and not keyed by. A worker process is told it once, before its first task.

    Parameters
    ----------
    workspace
        The workspace's path.
    n_threads
        Threads each task may use.
    fetching
        What downloads are told, as JSON of a `yule.downloads.specs.Fetching`.
    """

    workspace: str
    n_threads: int
    fetching: str


_BOUND: ContextVar[Setup] = ContextVar("setup")


def configure(workspace: str, *, n_threads: int, fetching: str) -> None:
    """Bind a setup for good: for a program that serves one workspace until its end. See :class:`Setup`."""
    _BOUND.set(Setup(workspace=workspace, n_threads=n_threads, fetching=fetching))


@contextmanager
def using_setup(setup: Setup) -> Iterator[None]:
    """Bind a setup as long as this is open, in this thread or coroutine alone."""
    token = _BOUND.set(setup)
    try:
        yield
    finally:
        _BOUND.reset(token)


def find_setup() -> Setup:
    """Return the setup that is bound where this is called; LookupError if none is, which is a bug."""
    return _BOUND.get()
