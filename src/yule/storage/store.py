"""Stores: a place for folders of files that appear whole or not at all."""

import errno
import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

from yule.core.errors import WorkspaceError

PARTIAL = ".partial"


class Store(Protocol):
    """A place for folders, by key: ``cache/FitFold/4f2c…``."""

    def fetch(self, key: str) -> Path | None:
        """Return a local folder that holds what was published under a key; None when nothing was."""

    def publish(self, folder: Path, key: str) -> bool:
        """Make a folder made by :func:`staging` visible under a key, whole, at one instant.

        Returns
        -------
        bool
            False when another process was first; its folder stays and this one is dropped.
        """

    def remove(self, key: str) -> None:
        """Make a key unpublished; nothing happens when it is not published."""


class LocalStore:
    """A store in a folder of this machine (or of a shared disk).

    A folder is written below ``.partial``, flushed to the disk and renamed to its place, which the file system does
    at one instant and only once.

    Parameters
    ----------
    root
        The folder; made when it is not there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def fetch(self, key: str) -> Path | None:
        """See :class:`Store`."""
        folder = self.root / key
        return folder if folder.is_dir() else None

    def publish(self, folder: Path, key: str) -> bool:
        """See :class:`Store`."""
        place = self.root / key
        for file in folder.rglob("*"):
            _flush(file)
        _flush(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            return False
        _flush(place.parent)
        return True

    def remove(self, key: str) -> None:
        """See :class:`Store`."""
        if (self.root / key).exists():
            with self.staging() as folder:
                (self.root / key).rename(folder / "removed")

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a new folder to write an output into; what is still there at the end is deleted."""
        folder = self.root / PARTIAL / f"{owner_prefix()}{uuid.uuid4().hex[:12]}"
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what processes of this machine that are gone have left half written."""
        host = f"{socket.gethostname()}-"
        for folder in (self.root / PARTIAL).glob(f"{host}*"):
            pid = int(folder.name.removeprefix(host).split("-")[0])
            if not _is_alive(pid):
                shutil.rmtree(folder, ignore_errors=True)

    def check_writable(self) -> None:
        """Raise a WorkspaceError when nothing can be written here."""
        try:
            with self.staging() as folder:
                (folder / "probe").write_bytes(b"yule")
        except OSError as error:
            raise WorkspaceError(
                f"The workspace {self.root} cannot be written: {error.strerror}. "
                "Free or grant access to it, or set another `workspace:` in project.yaml."
            ) from error


def owner_prefix() -> str:
    """Return what the names of this process's folders below ``.partial`` begin with: its machine and its number."""
    return f"{socket.gethostname()}-{os.getpid()}-"


def _flush(path: Path) -> None:
    """Have the operating system write a file or a folder's list of names to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def open_store(workspace: str) -> LocalStore:
    """Open the store of a workspace.

    Parameters
    ----------
    workspace
        Path of a folder. The same object comes back for the same path.
    """
    return LocalStore(Path(workspace))
