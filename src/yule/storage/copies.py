"""Copies on this machine of what lies in buckets, of all workspaces that were ever opened here."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from yule.storage.bucket import find_cache_folder
from yule.storage.store import LocalStore


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of an output or of a day.

    Parameters
    ----------
    place
        Its folder below that of all copies.
    n_bytes
        Its size.
    read_at
        When it was last asked for.
    """

    place: str
    n_bytes: int
    read_at: datetime


def list_copies() -> Iterator[Copy]:
    """Yield all copies of this machine."""
    root = find_cache_folder() / "workspaces"
    for folder in sorted((*root.glob("*/cache/*/*/*"), *root.glob("*/days/*/*/*/*"))):
        with suppress(FileNotFoundError):  # deleted meanwhile
            n_bytes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            read_at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            yield Copy(place=folder.relative_to(root).as_posix(), n_bytes=n_bytes, read_at=read_at)


def remove_copy(place: str) -> None:
    """Delete a copy by its place."""
    workspace, _, key = place.partition("/")
    LocalStore(find_cache_folder() / "workspaces" / workspace).remove(key)
