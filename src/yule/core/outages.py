"""Telling people that a service does not answer, and that it answers again: once each, however many wait for it."""

import sys
import threading

from yule.core.patience import name_fault, read_clock


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
        self._lock = threading.Lock()

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
            if self._is_away:
                self._is_away = False
                self._print("answers again.")

    def forget(self) -> None:
        """Take note that it is not tried any more: the next fault is told anew."""
        with self._lock:
            self._is_away = False

    def _print(self, text: str) -> None:
        print(f"{self._service} {text}", file=sys.stderr, flush=True)
