"""A time in which a cluster or a workspace does not answer, borne with by a command that a person waits for."""

import time
from collections.abc import Callable

from yule.core.errors import OutOfReach
from yule.core.patience import Patience, name_fault, read_clock
from yule.messages.message import Message
from yule.messages.values import Said


class CommandOutage:
    """Bears with what does not answer; tells it once, and once that it is over.

    Parameters
    ----------
    tell
        Receives what is told; None when it is over.
    how
        What goes on meanwhile, and what else a person can do.
    seconds
        How long an answer is waited for.
    """

    def __init__(self, tell: Callable[[Message | None], None], *, how: str, seconds: float) -> None:
        self._tell = tell
        self._how = how
        self._seconds = seconds
        self._patience: Patience | None = None

    def begin(self, fault: str) -> None:
        """Take note that something does not answer; it may turn out to be slow only."""
        if self._patience is None:
            self._patience = Patience(self._seconds)
            said, until, how = Said(fault), Said(read_clock(self._seconds)), Said(self._how)
            self._tell(Message(code="no-answer", values={"said": said, "until": until, "how": how}))

    def bear(self, error: Exception) -> None:
        """Wait a while; raise OutOfReach when it has been too long."""
        self.begin(name_fault(error))
        wait = self._patience.next_wait() if self._patience else None
        if wait is None:
            raise OutOfReach(f"No answer: {name_fault(error)}. {self._how}") from error
        time.sleep(wait)

    def end(self) -> None:
        """Take note that all answered."""
        if self._patience is not None:
            self._patience = None
            self._tell(None)
