"""The port: what the workspace must be able to do with single files."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Protocol

MAX_READ_BYTES = 1 << 26
"""The most that is read of a file at once. No record that Yule writes is larger: of what is, its readers see that the
end is missing, and pass over it like over any other that is damaged."""


class Objects(Protocol):
    """Files by name, below a root. Names are relative and divided by slashes: ``runs/beer-1/run.json``.

    All methods raise Unanswered when the place does not answer, OSError when it refuses, and ForgedName for a name that
    leads out of the root; of a listing such a name is left out, with a word on the standard error output.
    """

    def list(self, prefix: str) -> dict[str, int]:
        """Return the sizes in bytes of all files whose names begin with a prefix, by name, in the names' order."""

    def list_times(self, prefix: str) -> dict[str, datetime]:
        """Return when all files whose names begin with a prefix were last written, UTC, by name."""

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        """Return a file's bytes from a place on, :data:`MAX_READ_BYTES` at most; None when there is no such file."""

    def download(self, name: str, file: Path) -> bool:
        """Copy a file to this machine without holding it in memory; False when there is no such file."""

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        """Write a file, whole or not at all; False when it was there and was to be left alone.

        What may only be created must hold something that no other writer writes: that is how a file is known for ours
        which the server says is there already, since the answer to a first try was lost.
        """

    def delete(self, names: Iterable[str]) -> None:
        """Delete files; those that are not there are no error."""
