"""Requests to end: Ctrl-C and SIGTERM. Only the command line takes them; whoever calls Yule has handlers of its own."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from yule.core.patience import Unanswered
from yule.storage.objects.patient import check_ending, give_up_waiting, wait_again


@contextmanager
def noticing_signals() -> Iterator[None]:
    """Take note of requests to end, for what runs to look at.

    An exception from the signal handler itself could strike while a worker is being started, and leave it unknown.
    A second request is not waited for.
    """

    def notice(number: int, _frame: FrameType | None) -> None:
        give_up_waiting()
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.signal(number, notice) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except Unanswered:
        check_ending()  # then it came of that request
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        wait_again()
