"""Stores: a place for folders of files that appear whole or not at all."""

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from yule.core.errors import WorkspaceError
from yule.storage.names import ForgedName, resolve_below
from yule.storage.objects.folder import ABSENT, PARTIAL, FolderObjects
from yule.storage.objects.protocol import Objects
from yule.storage.owners import own_folder, sweep_folders, sweep_unused
from yule.storage.permissions import find_folder_mode, make_folder, move_aside, restrict

RECORD = "task.json"  # in every published folder: what made it
DISPOSABLE = ("tables", "tensorboard")  # given to `yule predict --table`; left by earlier versions
DISPOSABLE_SECONDS = 7 * 24 * 3600


class Store(Protocol):
    """A place for folders, by key: ``cache/FitFold/4f2c…``.

    Parameters
    ----------
    root
        Folder of this machine for what is still growing (logs, TensorBoard events) or concerns only this machine.
    objects
        The workspace's single files.
    """

    root: Path
    objects: Objects

    def find_published(self, keys: Collection[str]) -> set[str]:
        """Return those keys under which something was published, with as few requests as can be."""

    def measure_files(self, key: str) -> dict[str, int]:
        """Return the sizes in bytes of the files that are published under a key, by their paths in the folder."""

    def list_published(self, family: str) -> list[str]:
        """Return the last parts of all keys below a family, ``cache/FitFold``, that something is published under."""

    def read_records(self, family: str) -> Iterator[str]:
        """Yield the text of the record of every output of a family."""

    def fetch(self, key: str) -> Path | None:
        """Return a local folder that holds what was published under a key; None when nothing was."""

    def drop_copy(self, key: str) -> bool:
        """Delete this machine's copy of what is published elsewhere; return whether there was one."""

    def publish(self, folder: Path, key: str) -> bool:
        """Make a folder made by :func:`staging` visible under a key, whole, at one instant.

        Returns
        -------
        bool
            False when another process was first; its folder stays and this one is dropped.
        """

    def remove(self, key: str) -> None:
        """Make a key unpublished; nothing happens when it is not published."""

    def describe(self, key: str) -> str:
        """Return where what is published under a key lies, for people."""

    def staging(self) -> AbstractContextManager[Path]:
        """Give a new folder to write an output into; what is still there at the end is deleted."""

    def sweep(self) -> None:
        """Delete what processes that are gone have left half written, and tables given to predict after a week."""

    def check_writable(self) -> None:
        """Raise a WorkspaceError when nothing can be written here."""


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
        self.objects: Objects = FolderObjects(root)

    def find_published(self, keys: Collection[str]) -> set[str]:
        """See :class:`Store`."""
        return {key for key in keys if self._place(key).is_dir()}

    def measure_files(self, key: str) -> dict[str, int]:
        """See :class:`Store`."""
        return {name.removeprefix(f"{key}/"): size for name, size in self.objects.list(f"{key}/").items()}

    def list_published(self, family: str) -> list[str]:
        """See :class:`Store`."""
        return sorted(folder.name for folder in self._place(family).glob("*") if folder.is_dir())

    def read_records(self, family: str) -> Iterator[str]:
        """See :class:`Store`."""
        for unique_id in self.list_published(f"cache/{family}"):
            with suppress(ForgedName, *ABSENT):  # it is about its own output alone
                content = self.objects.read(f"cache/{family}/{unique_id}/{RECORD}")
                if content is not None:
                    yield content.decode(errors="replace")

    def describe(self, key: str) -> str:
        """See :class:`Store`."""
        return str(self.root / key)

    def fetch(self, key: str) -> Path | None:
        """See :class:`Store`."""
        folder = self._place(key)
        return folder if folder.is_dir() else None

    def drop_copy(self, key: str) -> bool:
        """See :class:`Store`. What lies in the folder is no copy."""
        del key
        return False

    def publish(self, folder: Path, key: str) -> bool:
        """See :class:`Store`."""
        place = self._place(key)
        for path in (*folder.rglob("*"), folder):
            restrict(path, root=self.root)
            _flush(path)
        make_folder(place.parent, root=self.root)
        try:
            _rename_new(folder, place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            return False
        _flush(place.parent)
        return True

    def remove(self, key: str) -> None:
        """See :class:`Store`."""
        place = self._place(key)
        if place.exists():
            with self.staging() as folder, suppress(FileNotFoundError):  # another process was first
                place.rename(folder / "removed")

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """See :class:`Store`."""
        place = self._place(PARTIAL)
        make_folder(place, root=self.root)
        with own_folder(place, mode=find_folder_mode(self.root)) as folder:
            yield folder

    def sweep(self) -> None:
        """See :class:`Store`."""
        sweep_folders(self._place(PARTIAL))
        for name in DISPOSABLE:
            sweep_unused(self._place(name), seconds=DISPOSABLE_SECONDS)

    def check_writable(self) -> None:
        """See :class:`Store`."""
        try:
            with self.staging() as folder:
                (folder / "probe").write_bytes(b"yule")
        except OSError as error:
            raise WorkspaceError(
                f"The workspace {self.root} cannot be written: {error.strerror}. "
                "Free or grant access to it, or set another `workspace:` in project.yaml."
            ) from error

    def _place(self, key: str) -> Path:
        return resolve_below(self.root, key)


def _rename_new(folder: Path, place: Path) -> None:
    """Rename a folder to a place where none is; looking first would leave another process time to publish."""
    try:
        folder.rename(place)
    except NotADirectoryError:  # a file of somebody else
        move_aside(place)
        folder.rename(place)


def _flush(path: Path) -> None:
    """Have the operating system write a file or a folder's list of names to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
