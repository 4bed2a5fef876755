"""Who may read what lies in a workspace: its owner alone, or the team whose group may write its root folder."""

import stat
import uuid
from contextlib import suppress
from pathlib import Path


def find_folder_mode(root: Path) -> int:
    """Return the mode of folders below a root; files have the same without the right to enter.

    A root that its group may write is shared by a team, and so is all that is made below it. Any other, and one that
    is not there yet, is its owner's. Nothing is ever open to everyone, whatever the umask.
    """
    try:
        is_shared = root.stat().st_mode & stat.S_IWGRP
    except FileNotFoundError:
        is_shared = 0
    return 0o770 if is_shared else 0o700


def make_folder(folder: Path, *, root: Path) -> None:
    """Make a folder, and those it lies in, unless they are there; what is there keeps its mode.

    A file that lies below the root where a folder belongs is moved aside.
    """
    if folder.is_dir() or (folder == root and folder.exists()):
        return
    make_folder(folder.parent, root=root)
    mode = find_folder_mode(root)
    try:
        folder.mkdir(mode)
    except FileExistsError:  # another process was faster
        if folder.is_dir():
            return
        if root not in folder.parents:
            raise
        move_aside(folder)
        folder.mkdir(mode)
    restrict(folder, root=root)


def restrict(path: Path, *, root: Path) -> None:
    """Give a new file or folder the mode that all below its root has."""
    mode, found = find_folder_mode(root), path.stat().st_mode
    is_folder = stat.S_ISDIR(found)
    wanted = mode | found & stat.S_ISGID if is_folder else mode & 0o660  # a new folder keeps its parent's group
    with suppress(OSError):  # a disk without modes, or a colleague's file of which this is another name
        path.chmod(wanted)


def move_aside(place: Path) -> None:
    """Give what lies at a place another name, if something does: it may not be ours to delete."""
    with suppress(FileNotFoundError):
        place.rename(place.with_name(f"{place.name}.aside-{uuid.uuid4().hex[:8]}"))
