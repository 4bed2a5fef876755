"""Claims: which process is at work on which task, so that two runs at once do not do the same work twice.

A claim only saves work. Outputs stay whole without it, since a folder is published once (see ``store``).
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from yule.storage.permissions import make_folder, move_aside, restrict


class Claims:
    """The claims of one process on keys.

    A claim is a lock on one byte of one file, at a place that the key decides; the operating system drops it when
    the process ends, however it ends.

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
        """Claim a task by its unique id; False when another process holds it."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(unique_id))
        except (BlockingIOError, PermissionError):
            return False
        except OSError:  # a disk without locks: two runs at once may do the same work twice
            return True
        return True

    def release(self, unique_id: str) -> None:
        """Give a claimed task back."""
        with suppress(OSError):
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _place(unique_id))


def _place(unique_id: str) -> int:
    return int(unique_id[:15], 16)
