"""The gokart target of every task: a folder of files in the workspace."""

from datetime import UTC, datetime
from pathlib import Path

from gokart.conflict_prevention_lock.task_lock import TaskLockParams
from gokart.required_task_output import RequiredTaskOutput
from gokart.target import TargetOnKart
from gokart.utils import FlattenableItems

from yule.core.errors import CorruptedOutput
from yule.storage.record import verify
from yule.storage.store import RECORD, Store

_NO_LOCK = TaskLockParams(
    redis_host=None,
    redis_port=None,
    redis_timeout=None,
    redis_key="",
    should_task_lock=False,
    raise_task_lock_exception_on_collision=False,
    lock_extend_seconds=0,
)


class FolderTarget(TargetOnKart):
    """A folder that is there whole or not at all.

    gokart's own file targets hold one file each, and its model target can be read half written (see
    ``docs/decisions/0001-folders.md``).

    Parameters
    ----------
    store
        The workspace's store.
    key
        Key of the folder in the store.
    """

    def __init__(self, store: Store, key: str) -> None:
        self.store = store
        self.key = key

    def verify(self) -> None:
        """Raise a CorruptedOutput if the folder is there but is not what its record says; it is deleted then."""
        if self._exists():
            self._load()

    def _exists(self) -> bool:
        return bool(self.store.find_published([self.key]))

    def _load(self) -> Path:
        try:
            return self._read()
        except CorruptedOutput:
            self.store.drop_copy(self.key)  # of what lies in a bucket the copy alone may be damaged
        try:
            return self._read()  # or another process has computed it anew by now
        except CorruptedOutput as fault:
            raise CorruptedOutput(f"{fault} {self._give_up()}") from fault

    def _read(self) -> Path:
        folder = self.store.fetch(self.key)
        if folder is None:
            raise CorruptedOutput(f"{self._path()} is gone.")
        verify(folder, self.key.rsplit("/", 1)[1])
        return folder

    def _give_up(self) -> str:
        """Delete what is damaged, so that whoever needs it computes it anew; say so."""
        try:
            self.store.remove(self.key)
        except OSError as error:
            return f"It cannot be deleted ({error.strerror or error}): grant access to it, then run again."
        return "It is computed anew when it is needed."

    def _dump(
        self,
        obj: Path,
        task_params: dict[str, str] | None = None,
        custom_labels: dict[str, str] | None = None,
        required_task_outputs: FlattenableItems[RequiredTaskOutput] | None = None,
    ) -> None:
        del task_params, custom_labels, required_task_outputs  # gokart's labels for objects of Cloud Storage
        self.store.publish(obj, self.key)

    def _remove(self) -> None:
        self.store.remove(self.key)

    def _path(self) -> str:
        return self.store.describe(self.key)

    def _last_modification_time(self) -> datetime:
        return datetime.fromtimestamp((self._load() / RECORD).stat().st_mtime, UTC)

    def _get_task_lock_params(self) -> TaskLockParams:
        return _NO_LOCK
