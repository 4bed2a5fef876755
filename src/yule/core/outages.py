"""Telling people that a service does not answer, and that it answers again: once each, however many wait for it."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from yule.core.patience import name_fault, read_clock, telling_silence


class Outage:
    """What is told of a service on the standard error output; any thread may find out first.

    Parameters
    ----------
    service
        What it is called: ``The workspace s3://bucket/prefix``.
    seconds
        How long it is tried again.
    """

    def __init__(self, service: str, *, seconds: float) -> None:
        self._service = service
        self._seconds = seconds
        self._is_away = False
        self._is_silent = False
        self._lock = threading.Lock()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take note if nothing has come for long of what is asked here, which is no fault yet."""
        with telling_silence(self._notice_silence):
            yield

    def begin(self, error: Exception) -> None:
        """Take note that it did not answer."""
        with self._lock:
            if not self._is_away:
                self._is_away = True
                until = read_clock(self._seconds)
                self._print(f"does not answer ({name_fault(error)}). Trying again until {until}.")

    def end(self) -> None:
        """Take note that it answered."""
        with self._lock:
            if self._is_away or self._is_silent:
                self._is_away = self._is_silent = False
                self._print("answers again.")

    def forget(self) -> None:
        """Take note that it is not tried any more: the next fault is told anew."""
        with self._lock:
            self._is_away = self._is_silent = False

    def _notice_silence(self, fault: str) -> None:
        with self._lock:
            if not self._is_away and not self._is_silent:
                self._is_silent = True
                self._print(f"does not answer ({fault}). Waiting.")

    def _print(self, text: str) -> None:
        print(f"{self._service} {text}", file=sys.stderr, flush=True)
