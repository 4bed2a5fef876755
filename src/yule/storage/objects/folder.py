"""Files in a folder of this machine or of a shared disk."""

import os
import shutil
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from yule.storage.names import ForgedName, resolve_below, tell_left_out
from yule.storage.objects.protocol import MAX_READ_BYTES
from yule.storage.permissions import make_folder, move_aside, restrict

PARTIAL = ".partial"
ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
"""What the system says when there is no file of a name, also because something else lies there or above it."""


class FolderObjects:
    """See :class:`~yule.storage.objects.protocol.Objects`.

    Parameters
    ----------
    root
        The folder; made when it is not there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def list(self, prefix: str) -> dict[str, int]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        return {name: status.st_size for name, status in self._look(prefix).items()}

    def list_times(self, prefix: str) -> dict[str, datetime]:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        return {name: datetime.fromtimestamp(status.st_mtime, UTC) for name, status in self._look(prefix).items()}

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        try:
            with resolve_below(self.root, name).open("rb") as file:
                file.seek(start)
                return file.read(MAX_READ_BYTES)
        except ABSENT:
            return None

    def download(self, name: str, file: Path) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        try:
            shutil.copyfile(resolve_below(self.root, name), file)
        except ABSENT:
            return False
        return True

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        place = resolve_below(self.root, name)
        make_folder(place.parent, root=self.root)
        if place.is_dir():
            move_aside(place)
        partial = resolve_below(self.root, f"{PARTIAL}/{uuid.uuid4().hex}")
        make_folder(partial.parent, root=self.root)
        try:
            partial.touch(mode=0o600)
            if isinstance(content, Path):
                shutil.copyfile(content, partial)
            else:
                partial.write_bytes(content)
            restrict(partial, root=self.root)
            if not only_if_absent:
                partial.replace(place)
                return True
            try:
                os.link(partial, place)  # unlike a renaming, it fails when the place is taken
            except FileExistsError:
                return False
            return True
        finally:
            partial.unlink(missing_ok=True)

    def delete(self, names: Iterable[str]) -> None:
        """See :class:`~yule.storage.objects.protocol.Objects`."""
        for name in names:
            resolve_below(self.root, name).unlink(missing_ok=True)

    def _look(self, prefix: str) -> dict[str, os.stat_result]:
        top, _, _ = prefix.rpartition("/")
        found = {}
        for folder, _, names in os.walk(resolve_below(self.root, top) if top else self.root):
            for name in names:
                file = Path(folder) / name
                relative = file.relative_to(self.root).as_posix()
                if relative.startswith(prefix) and not relative.startswith(PARTIAL) and self._is_sound(relative):
                    try:
                        found[relative] = file.stat()
                    except FileNotFoundError:
                        continue  # deleted meanwhile
        return dict(sorted(found.items()))

    def _is_sound(self, name: str) -> bool:
        """Say whether a file that was found is below the root; tell of one that is not."""
        try:
            resolve_below(self.root, name)
        except ForgedName as error:
            tell_left_out(str(error))
            return False
        return True
