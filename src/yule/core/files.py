"""Files that people keep: written whole or not at all."""

import shutil
import uuid
from pathlib import Path


def write_whole(place: Path, content: str | Path) -> None:
    """Write a text, or a copy of a file, in the place of what is there; when that fails, what is there stays.

    Parameters
    ----------
    place
        The file. Its folder is made. What is no file, such as ``/dev/stdout``, is written to as it is.
    content
        The text, or the file to copy.
    """
    target = place.resolve()  # of a link what it leads to
    is_plain = target.is_file() or not target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    written = target.with_name(f".{target.name[:200]}.{uuid.uuid4().hex[:8]}") if is_plain else target
    try:
        if isinstance(content, Path):
            shutil.copyfile(content, written)
        else:
            written.write_text(content, encoding="utf-8")
        if target.is_file():
            shutil.copymode(target, written)
        if is_plain:
            written.replace(target)
    finally:
        if is_plain:
            written.unlink(missing_ok=True)
