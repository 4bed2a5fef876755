"""What to do when a service does not answer: nothing is wrong with the work, so it is tried again for a stated time."""

import errno
import os
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from yule.core.errors import ConfigError, Problem
from yule.core.limits import list_causes

PATIENCE_SECONDS = 600.0
"""How long what did not answer is tried again, if the environment sets no other time."""

VARIABLE = "YULE_PATIENCE_SECONDS"

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0

SILENCE_SECONDS = 12.0
"""After how long without an answer a first word is told: what a network swallows is no error for much longer."""

_CODES = frozenset(
    (
        errno.EIO,  # also what a shared disk says whose server is away
        errno.ESTALE,
        errno.ETIMEDOUT,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENETRESET,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.EREMOTEIO,
    )
)


class Unanswered(OSError):
    """A service did not answer, or asked to come back later."""


def as_cause(error: Exception, *, is_unanswered: bool) -> Exception:
    """Return what to raise an error of ours from: one of a library that tells in its own way who did not answer.

    Parameters
    ----------
    error
        The library's.
    is_unanswered
        Whether it tells that.
    """
    if not is_unanswered:
        return error
    cause = Unanswered(str(error))
    cause.__cause__ = error
    return cause


class Patience:
    """How long to wait before each next try, until the time is over.

    Parameters
    ----------
    seconds
        From the first fault on.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None
        self._wait = FIRST_WAIT_SECONDS

    def next_wait(self) -> float | None:
        """Return the seconds to wait before the next try, longer each time; None when the time is over."""
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._seconds
        if now >= self._until:
            return None
        wait, self._wait = self._wait, min(LONGEST_WAIT_SECONDS, 2 * self._wait)
        return min(random.uniform(0.5, 1.0) * wait, self._until - now)


@contextmanager
def telling_silence(tell: Callable[[str], None]) -> Iterator[None]:
    """Tell, from a thread, that nothing has answered, if what is done here takes longer than answers do."""
    timer = threading.Timer(SILENCE_SECONDS, tell, (f"nothing has come for {SILENCE_SECONDS:.0f} seconds",))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def find_patience() -> float:
    """Return for how many seconds this process tries again what did not answer.

    Raises
    ------
    ConfigError
        If the environment sets something else than a number of seconds.
    """
    text = os.environ.get(VARIABLE, "")
    if re.fullmatch(r"[0-9]{0,9}(\.[0-9]+)?", text):
        return float(text or PATIENCE_SECONDS)
    raise ConfigError((Problem(file=VARIABLE, message=f"{text!r} is no number of seconds; write e.g. 600"),))


def read_clock(seconds: float) -> str:
    """Return what clocks here will show in so many seconds."""
    return f"{datetime.now().astimezone() + timedelta(seconds=seconds):%H:%M}"


def is_transient(error: BaseException) -> bool:
    """Say whether an error came of a service or a disk that did not answer, so that the same may succeed later.

    >>> is_transient(ConnectionResetError()), is_transient(PermissionError())
    (True, False)
    """
    return any(_is_transient(found) for found in list_causes(error))


def is_unanswered(error: BaseException) -> bool:
    """Say whether an error came of a service that did not answer us, as far as those who ask it have told."""
    return any(isinstance(found, Unanswered) for found in list_causes(error))


def asks_to_come_back(status: int) -> bool:
    """Say whether an HTTP status tells that the same request may well succeed later.

    >>> asks_to_come_back(503), asks_to_come_back(403)
    (True, False)
    """
    return status in (408, 429) or (status >= 500 and status not in (501, 505))


def name_fault(error: BaseException) -> str:
    """Return what an error that is transient says first of the service, in one line."""
    faults: Iterator[BaseException] = (found for found in list_causes(error) if _is_transient(found))
    text = str(next(faults, error)).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(". ")


def name_cause(error: Exception) -> str:
    """Return in a few words what lies at the bottom of an error of a library that asks a service.

    Libraries wrap it in their own, with the whole address of the request; of that only the server is told.

    >>> name_cause(OSError('Could not connect to "https://storage.example/bucket?list-type=2&prefix=a"'))
    'Could not connect to "https://storage.example"'
    >>> name_cause(ConnectionRefusedError(111, "Connection refused"))
    'Connection refused'
    """
    *_, bottom = list_causes(error)
    bottom = next((part for part in bottom.args if isinstance(part, Exception)), bottom)  # urllib3's "aborted"
    text = (bottom.strerror if isinstance(bottom, OSError) else None) or str(bottom) or type(bottom).__name__
    return re.sub(r"""(https?://[^/?\s"']+)[^\s"']*""", r"\1", text)


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, BrokenPipeError):  # who read what we print, or a process of this machine, is gone
        return False
    if isinstance(error, Unanswered | ConnectionError | TimeoutError | socket.gaierror):
        return True
    return isinstance(error, OSError) and error.errno in _CODES
