"""Keep up to date with the objects of a kind: list them, watch them, and never trust the watch alone.

A watch may end, break, or fall silent without a word; what it says is a hint. So everything is listed again after
any fault, after a watch in which nothing was heard, not even a bookmark, and every few minutes anyway. A lost change
only means that news come late.
"""

import queue
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from yule.runtime.kubernetes.api.protocol import Body, Cluster, ClusterError, Kind, Listing

RELIST_SECONDS = 300.0
WATCH_SECONDS = (30, 60)  # how long one watch lasts, drawn anew each time so that they do not all end together
MAX_WAIT_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class News:
    """What is known of one object.

    Parameters
    ----------
    kind
        Its kind.
    name
        Its name.
    uid
        What tells it from others that have had this name, or will.
    object
        The object as last seen; None once it is gone.
    """

    kind: Kind
    name: str
    uid: str
    object: Body | None


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """Which object was seen, and which version of it."""

    uid: str
    version: str


class Watcher:
    """Watches some kinds of objects in threads of its own.

    Parameters
    ----------
    cluster
        The cluster.
    kinds
        What to watch.
    selector
        Labels of the objects.
    """

    def __init__(self, cluster: Cluster, kinds: Sequence[Kind], selector: str) -> None:
        self._cluster = cluster
        self._selector = selector
        self._news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._ended = threading.Event()
        for kind in kinds:
            threading.Thread(target=self._follow, args=(kind,), daemon=True, name=f"watch {kind}").start()

    def take(self, timeout_seconds: float) -> list[News]:
        """Wait for news, at the most this long, and return all there are, the oldest first."""
        found: list[News] = []
        try:
            found.append(self._news.get(timeout=timeout_seconds))
            while True:
                found.append(self._news.get_nowait())
        except queue.Empty:
            return found

    def stop(self) -> None:
        """Watch no more."""
        self._ended.set()

    def _follow(self, kind: Kind) -> None:
        known: dict[str, _Seen] = {}
        n_faults = 0
        while not self._ended.is_set():
            try:
                listing = self._cluster.list(kind, self._selector)
                self._compare(kind, listing, known)
                n_faults = 0
                self._watch(kind, listing.version, known)
            except ClusterError:
                n_faults += 1
                self._ended.wait(random.uniform(0.5, 1.0) * min(MAX_WAIT_SECONDS, 0.5 * 2**n_faults))

    def _compare(self, kind: Kind, listing: Listing, known: dict[str, _Seen]) -> None:
        """Tell what differs between a listing and what was known; also what is gone since."""
        found = {_name(item): item for item in listing.items}
        for name in [name for name in known if name not in found]:
            self._news.put(News(kind=kind, name=name, uid=known.pop(name).uid, object=None))
        for item in found.values():
            self._tell(kind, item, known)

    def _watch(self, kind: Kind, version: str, known: dict[str, _Seen]) -> None:
        until = time.monotonic() + RELIST_SECONDS
        is_silent = False
        while not (self._ended.is_set() or is_silent) and time.monotonic() < until:
            seconds = random.randint(*WATCH_SECONDS)
            is_silent = True
            for change in self._cluster.watch(kind, self._selector, version=version, seconds=seconds):
                is_silent = False
                version = change.object["metadata"]["resourceVersion"]
                if change.type == "DELETED":
                    known.pop(_name(change.object), None)
                    self._news.put(News(kind=kind, name=_name(change.object), uid=_see(change.object).uid, object=None))
                elif change.type != "BOOKMARK":
                    self._tell(kind, change.object, known)
                if self._ended.is_set():
                    return

    def _tell(self, kind: Kind, item: Body, known: dict[str, _Seen]) -> None:
        name, seen = _name(item), _see(item)
        if known.get(name) != seen:
            known[name] = seen
            self._news.put(News(kind=kind, name=name, uid=seen.uid, object=item))


def _see(item: Body) -> _Seen:
    return _Seen(uid=item["metadata"]["uid"], version=item["metadata"]["resourceVersion"])


def _name(item: Body) -> str:
    return str(item["metadata"]["name"])
