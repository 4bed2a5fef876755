"""Bring what grows on this machine, logs and TensorBoard events, to the workspace while it grows."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from yule.storage.objects.folder import FolderObjects
from yule.storage.objects.patient import without_patience
from yule.storage.objects.protocol import Objects
from yule.storage.store import Store

GROWING = ("events", "logs")
SHIP_SECONDS = 5.0


class Shipper:
    """Uploads the growing files that have changed.

    Parameters
    ----------
    store
        The workspace's store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shipped: dict[str, int] = {}
        self._lock = threading.Lock()
        self._local = FolderObjects(store.root)
        self._is_needed = not isinstance(store.objects, FolderObjects)
        for folder in GROWING:  # what was there before is not ours
            self._shipped |= self._local.list(f"{folder}/")

    def flush(self, *, is_patient: bool = False) -> bool:
        """Upload what has grown since the last time; return False when the bucket did not take all of it.

        Parameters
        ----------
        is_patient
            Whether to wait for a bucket that does not answer.
        """
        if not self._is_needed:  # they grow in the workspace itself
            return True
        objects = self._store.objects if is_patient else without_patience(self._store.objects)
        try:
            with self._lock:
                for folder in GROWING:
                    for name, size in self._local.list(f"{folder}/").items():
                        if self._shipped.get(name) != size:
                            self._ship(name, objects)
        except OSError:
            return False  # the work goes on; the next round brings what this one could not
        return True

    def _ship(self, name: str, objects: Objects) -> None:
        content = self._local.read(name)
        if content is not None:
            objects.write(name, content)
            self._shipped[name] = len(content)


@contextmanager
def ship_live_files(store: Store) -> Iterator[Shipper]:
    """Upload growing files every few seconds while this is open, and at the end.

    Nothing happens when the workspace is a folder. A bucket that does not answer never ends the work, and is waited for
    at the end, unless an error is that end.

    Parameters
    ----------
    store
        The workspace's store.
    """
    shipper = Shipper(store)
    ended = threading.Event()

    def ship() -> None:
        while not ended.wait(SHIP_SECONDS):
            shipper.flush()

    thread = threading.Thread(target=ship, daemon=True, name="ship live files")
    thread.start()
    is_patient = False
    try:
        yield shipper
        is_patient = True
    finally:
        ended.set()
        thread.join()
        if not shipper.flush(is_patient=is_patient):
            print("The last lines of logs and curves could not be brought to the workspace.", file=sys.stderr)
