"""The tracker: receives progress numbers while something trains."""

from typing import Protocol


class Tracker(Protocol):
    """Receiver of progress numbers."""

    def log(self, tag: str, value: float, *, step: int) -> None:
        """Take one number. ``tag`` is ``<split>/<metric>``, e.g. ``valid/log_loss``; ``step`` counts from 1."""


class SilentTracker:
    """A tracker that keeps nothing."""

    def log(self, tag: str, value: float, *, step: int) -> None:
        """Drop the number."""
