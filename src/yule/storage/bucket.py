"""A store in a bucket, with copies on this machine."""

import os
import re
import shutil
import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from yule.core.errors import CorruptedOutput, WorkspaceError
from yule.core.settings import ADDED, digest, from_bytes, to_json
from yule.storage.names import name_fault, resolve_below
from yule.storage.objects.patient import without_patience
from yule.storage.objects.protocol import Objects
from yule.storage.objects.threads import in_threads
from yule.storage.packing import PACKED, is_worth_packing, pack_file, unpack_file
from yule.storage.store import RECORD, LocalStore

N_CONNECTIONS = 8  # each holds some 8 MiB of a file; the Cloud Storage library keeps ten open
FEW = 8  # keys of a family up to which each is asked for; more are found in one listing
UPLOADS = "uploads"
_TOKEN = re.compile(r"[0-9a-f]{1,32}")
_NOTE = re.compile(rf"{UPLOADS}/(?P<started_at>[0-9]{{1,12}})-(?P<token>{_TOKEN.pattern})")
_KEY = re.compile(r"(cache|days)/[A-Za-z0-9_-]+(/[0-9a-f]{16})?/[A-Za-z0-9-]+")
"""Keys that something is published under: of an output, and of a day."""

USED = "used"  # file that is touched when a workspace is opened
UNUSED_SECONDS = 30 * 24 * 3600  # after which a copy on this machine is deleted
ABANDONED_SECONDS = 24 * 3600  # after which an upload that is not published will never be


@dataclass(frozen=True, kw_only=True)
class Marker:
    """What is published under a key.

    Parameters
    ----------
    place
        What the names of its files begin with.
    files
        Their sizes in bytes, by their paths in the folder.
    packed
        Those that lie packed in the bucket; their sizes are what they unpack to.
    """

    place: str
    files: dict[str, int]
    packed: tuple[str, ...] = field(default=(), metadata=ADDED)

    def find_object(self, name: str) -> str:
        """Return the name in the bucket of one of the files."""
        return f"{self.place}/{name}{PACKED if name in self.packed else ''}"

    @property
    def objects(self) -> list[str]:
        """The names in the bucket of all of them."""
        return [self.find_object(name) for name in self.files]


class BucketStore:
    """A store in a bucket; see :class:`~yule.storage.store.Store`.

    A bucket cannot rename a folder. So the files of an output go to a place of their own, ``cache/FAMILY/ID/<token>/``,
    and then one small file, ``published/FAMILY/ID.json``, is created if it is not there, which a bucket does at one
    instant and only once. It alone says what is published; what lost the race is deleted. While the files go up, a note
    ``uploads/<time>-<token>`` holds their key, so that those of a process that was killed can be found and deleted.

    Parameters
    ----------
    workspace
        The workspace's address.
    objects
        Its files.
    """

    def __init__(self, workspace: str, objects: Objects) -> None:
        self.objects = objects
        self.root = find_cache_folder() / "workspaces" / digest(workspace)
        self._workspace = workspace
        self._copies = LocalStore(self.root)
        self._markers: dict[str, Marker] = {}
        _mark_used(self.root / USED)

    def find_published(self, keys: Collection[str]) -> set[str]:
        """See :class:`~yule.storage.store.Store`."""
        families: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            families[key.rsplit("/", 1)[0]].append(key)
        found: set[str] = set()
        few = [key for asked in families.values() if len(asked) <= FEW for key in asked]
        with in_threads(N_CONNECTIONS) as pool:
            listings = pool.map(
                lambda family: self.objects.list(_marker_name(f"{family}/")),
                [family for family, asked in families.items() if len(asked) > FEW],
            )
            names = {name for listing in listings for name in listing}
            found.update(key for key, is_there in zip(few, pool.map(self._is_published, few), strict=True) if is_there)
        return found | {key for key in keys if f"{_marker_name(key)}.json" in names}

    def measure_files(self, key: str) -> dict[str, int]:
        """See :class:`~yule.storage.store.Store`."""
        try:
            marker = self._markers.get(key) or self._read_marker(key)
        except CorruptedOutput:  # whoever fetches it is told
            return {}
        return dict(marker.files) if marker else {}

    def list_published(self, family: str) -> list[str]:
        """See :class:`~yule.storage.store.Store`."""
        place = f"{_marker_name(family)}/"
        return [name.removeprefix(place).removesuffix(".json") for name in self.objects.list(place)]

    def read_records(self, family: str) -> Iterator[str]:
        """See :class:`~yule.storage.store.Store`."""
        names = self.objects.list(_marker_name(f"cache/{family}/"))
        keys = [f"cache/{name.removeprefix('published/').removesuffix('.json')}" for name in names]
        with in_threads(N_CONNECTIONS) as pool:
            for text in pool.map(self._read_record, keys):
                if text is not None:
                    yield text

    def fetch(self, key: str) -> Path | None:
        """See :class:`~yule.storage.store.Store`."""
        known = self._markers.get(key)
        copy = self._find_copy(known) if known else None
        if copy is not None:
            return copy
        marker = self._read_marker(key)  # anew: another machine may have removed and published it since
        if marker is None:
            return None
        copy = self._find_copy(marker)
        if copy is not None:
            return copy
        with self.staging() as folder:
            self._download(marker, folder)
            self._copies.publish(folder, marker.place)
        return self._copies.fetch(marker.place)

    def _find_copy(self, marker: Marker) -> Path | None:
        copy = self._copies.fetch(marker.place)
        if copy is not None:
            _mark_used(copy)
        return copy

    def drop_copy(self, key: str) -> bool:
        """See :class:`~yule.storage.store.Store`."""
        marker = self._markers.get(key)
        if marker is None or self._copies.fetch(marker.place) is None:
            return False
        self._copies.remove(marker.place)
        return True

    def publish(self, folder: Path, key: str) -> bool:
        """See :class:`~yule.storage.store.Store`."""
        files = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
        token = uuid.uuid4().hex[:12]
        note = _name_note(token)
        marker = Marker(
            place=f"{key}/{token}",
            files={name: file.stat().st_size for name, file in files.items()},
            packed=tuple(filter(is_worth_packing, files)),
        )
        self.objects.write(note, key.encode())
        with in_threads(N_CONNECTIONS) as pool:
            _drain(pool.map(lambda name: self._upload(marker, name, files[name]), files))
        is_first = self._commit(key, marker)
        if is_first:
            self._copies.publish(folder, marker.place)
        else:
            self.objects.delete(marker.objects)
        self.objects.delete([note])
        return is_first

    def remove(self, key: str) -> None:
        """See :class:`~yule.storage.store.Store`."""
        try:
            marker = self._read_marker(key)
        except CorruptedOutput:  # what it names is nobody's
            marker = None
        self.objects.delete([f"{_marker_name(key)}.json"])
        if marker is not None:
            self.objects.delete(marker.objects)
            self._copies.remove(marker.place)
            self._markers.pop(key, None)

    def describe(self, key: str) -> str:
        """See :class:`~yule.storage.store.Store`."""
        return f"{self._workspace.rstrip('/')}/{key}"

    def staging(self) -> AbstractContextManager[Path]:
        """See :class:`~yule.storage.store.Store`."""
        return self._copies.staging()

    def sweep(self) -> None:
        """See :class:`~yule.storage.store.Store`."""
        self._copies.sweep()
        self._sweep_copies()
        objects = without_patience(self.objects)
        try:
            for note in objects.list(f"{UPLOADS}/"):
                named = _NOTE.fullmatch(note)
                age = time.time() - int(named["started_at"]) if named else 0.0
                if named and age > ABANDONED_SECONDS:
                    self._delete_abandoned(note, named["token"])
                elif named and age < -ABANDONED_SECONDS:  # by a wrong clock: its day begins now
                    objects.write(_name_note(named["token"]), objects.read(note) or b"")
                    objects.delete([note])
        except OSError:
            return  # the next run sweeps

    def _sweep_copies(self) -> None:
        """Delete the copies that nobody has read for long, and those of workspaces that nobody has opened for long."""
        with suppress(OSError):
            (self.root / USED).touch()
            for others in self.root.parent.iterdir():
                if not (others / USED).exists():
                    (others / USED).touch()  # of an earlier version: its time begins now
                elif _is_unused(others / USED):
                    shutil.rmtree(others, ignore_errors=True)
            for copy in (*self.root.glob("cache/*/*/*"), *self.root.glob("days/*/*/*/*")):
                if _is_unused(copy):
                    self._copies.remove(copy.relative_to(self.root).as_posix())

    def check_writable(self) -> None:
        """See :class:`~yule.storage.store.Store`."""
        probe = f"probes/{uuid.uuid4().hex}"
        try:
            self.objects.write(probe, b"yule")
            is_overwritten = self.objects.write(probe, b"again", only_if_absent=True)
            self.objects.delete([probe])
        except OSError as error:
            raise WorkspaceError(
                f"The workspace {self._workspace} cannot be written: {error}. "
                "Check that the bucket exists and that you may write to it, or set another `workspace:`."
            ) from error
        if is_overwritten:
            raise WorkspaceError(
                f"The workspace {self._workspace} cannot be used: its server writes over what is there although asked "
                "to write only what is not (If-None-Match), so two runs could harm each other. Update the server."
            )
        try:
            self._copies.check_writable()
        except WorkspaceError as error:
            raise WorkspaceError(
                f"Copies of the workspace are kept in {self.root}, which cannot be written: {error.__cause__}. "
                "Set YULE_CACHE to a folder that can be."
            ) from error

    def _read_marker(self, key: str) -> Marker | None:
        """Return what is published under a key; None when nothing is. A marker is data: anybody may have written it."""
        self._markers.pop(key, None)
        content = self.objects.read(f"{_marker_name(key)}.json")
        if content is None:
            return None
        try:
            marker = from_bytes(Marker, content)
        except ValueError:
            marker = None
        if marker is None or not _is_sound(marker, key):
            raise CorruptedOutput(
                f"{self.describe(_marker_name(key))}.json is damaged or forged: it does not name the files of {key}. "
                "Look who can write there."
            )
        self._markers[key] = marker
        return marker

    def _is_published(self, key: str) -> bool:
        try:
            return self._read_marker(key) is not None
        except CorruptedOutput:  # it is there; whoever fetches it is told
            return True

    def _commit(self, key: str, marker: Marker) -> bool:
        """Publish what was uploaded, unless something is published; return whether it is ours that is published."""
        if self.objects.write(f"{_marker_name(key)}.json", to_json(marker).encode(), only_if_absent=True):
            self._markers[key] = marker
            return True
        # The bucket also says no to the second try of a write of ours whose answer was lost on the way.
        try:
            return self._read_marker(key) == marker
        except CorruptedOutput:  # what is there says of no file that it is published
            self.objects.write(f"{_marker_name(key)}.json", to_json(marker).encode())
            return self._read_marker(key) == marker

    def _delete_abandoned(self, note: str, token: str) -> None:
        """Delete what a process uploaded that was killed before it could publish it."""
        content = self.objects.read(note)
        key = (content or b"").decode(errors="replace")
        if not _KEY.fullmatch(key):  # forged: nobody publishes there
            self.objects.delete([note])
            return
        with suppress(CorruptedOutput):
            marker = self._read_marker(key)
            if marker is None or marker.place != f"{key}/{token}":
                self.objects.delete(self.objects.list(f"{key}/{token}/"))
            self.objects.delete([note])

    def _read_record(self, key: str) -> str | None:
        try:
            marker = self._read_marker(key)
        except CorruptedOutput:  # it is about its own output alone
            return None
        content = self.objects.read(f"{marker.place}/{RECORD}") if marker else None
        return content.decode(errors="replace") if content is not None else None

    def _upload(self, marker: Marker, name: str, file: Path) -> None:
        if name not in marker.packed:
            self.objects.write(marker.find_object(name), file)
            return
        with self.staging() as scratch:
            pack_file(file, scratch / file.name)
            self.objects.write(marker.find_object(name), scratch / file.name)

    def _download(self, marker: Marker, folder: Path) -> None:
        def download(name: str) -> None:
            file = resolve_below(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            if name not in marker.packed:
                self._download_object(marker.find_object(name), file)
                return
            with self.staging() as scratch:
                self._download_object(marker.find_object(name), scratch / file.name)
                unpack_file(scratch / file.name, file, n_bytes=marker.files[name])

        with in_threads(N_CONNECTIONS) as pool:
            _drain(pool.map(download, marker.files))

    def _download_object(self, name: str, file: Path) -> None:
        if not self.objects.download(name, file):
            raise CorruptedOutput(f"{self.describe(name)} is gone.")


def find_cache_folder() -> Path:
    """Return the folder of this machine for what can be had again: ``YULE_CACHE``, else ``~/.cache/yule``."""
    try:
        return Path(os.environ.get("YULE_CACHE") or Path.home() / ".cache" / "yule")
    except RuntimeError as error:
        raise WorkspaceError("There is no home folder to keep copies in: set YULE_CACHE to a folder.") from error


def _is_unused(place: Path) -> bool:
    return time.time() - place.stat().st_mtime > UNUSED_SECONDS


def _mark_used(place: Path) -> None:
    with suppress(OSError):  # it is not there yet, or another's
        os.utime(place)


def _name_note(token: str) -> str:
    return f"{UPLOADS}/{int(time.time())}-{token}"


def _marker_name(key: str) -> str:
    return f"published/{key.removeprefix('cache/')}"


def _is_sound(marker: Marker, key: str) -> bool:
    """Say whether a marker names files of its own place, and that place is of its key."""
    token = marker.place.removeprefix(f"{key}/")
    is_own = marker.place == f"{key}/{token}" and _TOKEN.fullmatch(token) is not None
    return is_own and not any(name_fault(name) for name in marker.files)


def _drain(results: Iterable[object]) -> None:
    for _ in results:
        pass
