"""Claims: which run is at work on which task, so that two runs at once do not do the same work twice.

A claim only saves work. Outputs stay whole without it, since a folder is published once (see ``store``).
"""

import fcntl
import os
import struct
import sys
from contextlib import suppress
from pathlib import Path

from yule.storage.permissions import make_folder, move_aside, restrict

_FLOCK = "hhqqi"
"""C's ``struct flock``: kind, whence, start, length, and a process, which is 0 for locks of open files."""


class Claims:
    """The claims of one run on keys.

    A claim is a lock on one byte of one file, at a place that the key decides; the operating system drops it when
    the process ends, however it ends. Where locks can belong to what has opened a file (Linux), two runs of one
    process keep out of each other's way, too.

    Parameters
    ----------
    file
        The file that all processes lock; made when it is not there.
    """

    def __init__(self, file: Path) -> None:
        make_folder(file.parent, root=file.parent)
        if file.is_dir():
            move_aside(file)
        is_new = not file.exists()
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        if is_new:
            restrict(file, root=file.parent)

    def take(self, unique_id: str) -> bool:
        """Claim a task by its unique id; False when another run holds it."""
        try:
            self._lock(unique_id, fcntl.F_WRLCK)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:  # a disk without locks: two runs at once may do the same work twice
            return True
        return True

    def release(self, unique_id: str) -> None:
        """Give a claimed task back."""
        with suppress(OSError):
            self._lock(unique_id, fcntl.F_UNLCK)

    def close(self) -> None:
        """Give all claims back."""
        os.close(self._descriptor)

    def _lock(self, unique_id: str, kind: int) -> None:
        place = int(unique_id[:15], 16)
        if sys.platform == "linux":
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, kind, os.SEEK_SET, place, 1, 0))
        elif kind == fcntl.F_UNLCK:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, place)
        else:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
