"""The objects of the cluster and their history, behind one lock."""

import copy
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Body = dict[str, Any]


def now(ago_seconds: float = 0.0) -> str:
    instant = datetime.now(UTC) - timedelta(seconds=ago_seconds)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


class Conflict(Exception):
    """An object of this name exists."""


class State:
    """Objects by kind and name; every change gets the next version and wakes whoever waits."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.oldest = 0
        self.age_seconds = 0.0
        """How old an object is at its birth: waits of half an hour are over at once."""
        self.objects: dict[str, dict[str, Body]] = {}
        self.history: list[tuple[int, str, str, Body]] = []

    def create(self, kind: str, body: Body) -> Body:
        with self.lock:
            names = self.objects.setdefault(kind, {})
            metadata = body["metadata"]
            if metadata["name"] in names:
                raise Conflict
            metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": now(self.age_seconds)}
            names[metadata["name"]] = body
            self._record("ADDED", kind, body)
            return body

    def get(self, kind: str, name: str) -> Body | None:
        return self.objects.get(kind, {}).get(name)

    def list(self, kind: str, where: Callable[[Body], bool] = lambda _: True) -> list[Body]:
        with self.lock:
            return [body for body in self.objects.get(kind, {}).values() if where(body)]

    def touch(self, kind: str, body: Body) -> None:
        """Tell that an object was changed."""
        with self.lock:
            self._record("MODIFIED", kind, body)

    def delete(self, kind: str, name: str) -> Body | None:
        with self.lock:
            body = self.objects.get(kind, {}).pop(name, None)
            if body is not None:
                self._record("DELETED", kind, body)
            return body

    def orphan(self, owner: str) -> None:
        """Have an owner's objects belong to nobody."""
        with self.lock:
            for kind in tuple(self.objects):
                for body in self.list(kind, lambda body: owner_of(body) == owner):
                    del body["metadata"]["ownerReferences"]
                    self.touch(kind, body)

    def since(self, kind: str, version: int) -> Iterator[tuple[int, str, Body]]:
        with self.lock:
            first = max(0, len(self.history) - (self.version - version))
            found = [(v, change, body) for v, change, k, body in self.history[first:] if k == kind and v > version]
        yield from found

    def forget(self) -> None:
        """Drop the history: watches from before are answered with 410."""
        with self.lock:
            self.oldest = self.version

    def _record(self, change: str, kind: str, body: Body) -> None:
        self.version += 1
        body["metadata"]["resourceVersion"] = str(self.version)
        self.history.append((self.version, change, kind, copy.deepcopy(body)))
        self.changed.notify_all()


def owner_of(body: Body) -> str:
    """Return the uid of the object's owner."""
    owners = body["metadata"].get("ownerReferences") or ({"uid": ""},)
    return str(owners[0]["uid"])


def condition(kind: str, reason: str = "", message: str = "", status: str = "True") -> Body:
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": now()}


def matches(body: Body, selector: str) -> bool:
    """Return whether an object has the labels of a selector; annotations hold a pod's index too."""
    labels = body["metadata"].get("labels") or {}
    parts = [part for part in selector.split(",") if part]
    return all(labels.get(name) == value for name, _, value in (part.partition("=") for part in parts))
