"""The memory that tasks of a kind and size have turned out to need."""

import re

from yule.downloads.keeping.fetch import measure_output
from yule.runtime.kubernetes.placement import read_learned, write_learned
from yule.runtime.messages import TaskMessage
from yule.storage.store import Store

_MIB = 1024 * 1024
_KEY = re.compile(r"(?P<kind>.+)/(?P<size>[0-9]{1,9})MiB")


class Memory:
    """What was learned, in this run and by others in its workspace.

    What reads as much needs as much: tasks are of one size if what they read has up to 1, 2, 4, 8 … MiB. What
    a small one has needed a larger one needs, too, but not the other way round.

    Parameters
    ----------
    store
        The workspace's store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._learned = read_learned(store.objects)
        self._n_bytes: dict[str, int] = {}

    def find_needed(self, message: TaskMessage) -> int:
        """Return how many MiB a task is known to need; 0 when nothing is."""
        size = self._measure(message)
        found = [(known, _KEY.fullmatch(key)) for key, known in self._learned.items()]
        return max(
            (known for known, key in found if key and key["kind"] == message.memory_key and int(key["size"]) <= size),
            default=0,
        )

    def learn(self, message: TaskMessage, memory_mib: int) -> None:
        """Remember that a task needs at least so much."""
        if memory_mib > self.find_needed(message):
            self._learned[f"{message.memory_key}/{self._measure(message)}MiB"] = memory_mib
            write_learned(self._store.objects, self._learned)

    def _measure(self, message: TaskMessage) -> int:
        """Return the size of what a task reads, in MiB, as a power of two."""
        for key in message.reads:
            if key not in self._n_bytes:
                self._n_bytes[key] = measure_output(self._store, key)
        n_mib = -(-sum(self._n_bytes[key] for key in message.reads) // _MIB)
        return 1 << max(0, n_mib - 1).bit_length()
