"""Files: of people, written whole or not at all; of whoever may write the workspace, read with care."""

import hashlib
import os
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_BYTES = 1 << 30
"""Of a file that is read whole; the largest that are written hold the values of millions of categories."""


def read_bounded(file: Path) -> bytes:
    """Read a file that anybody may have written.

    Raises
    ------
    ValueError
        If it is larger than any that Yule writes, or a pipe or a device: who opens those may wait for ever.
    OSError
        If it is not there, or cannot be read.
    """
    with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            raise ValueError(f"{file} is no file, or larger than {MAX_BYTES:,} bytes")
        return stream.read()


def digest_file(file: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_whole(place: Path, content: str | Path) -> None:
    """Write a text, or a copy of a file, in the place of what is there; when that fails, what is there stays.

    Parameters
    ----------
    place
        The file. Its folder is made. What is no file, such as ``/dev/stdout``, is written to as it is.
    content
        The text, or the file to copy.
    """
    with replacing(place) as written:
        if isinstance(content, Path):
            shutil.copyfile(content, written)
        else:
            written.write_text(content, encoding="utf-8")


@contextmanager
def replacing(place: Path) -> Iterator[Path]:
    """Give a file to write into that comes into the place of what is there, or goes when writing fails.

    See :func:`write_whole`. Those who write to one place at a time do each other no harm: the last one's stays.
    """
    target = place.resolve()  # of a link what it leads to
    is_plain = target.is_file() or not target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    written = target.with_name(f".{target.name[:200]}.{uuid.uuid4().hex[:8]}") if is_plain else target
    try:
        yield written
        if target.is_file():
            shutil.copymode(target, written)
        if is_plain:
            written.replace(target)
    finally:
        if is_plain:
            written.unlink(missing_ok=True)
