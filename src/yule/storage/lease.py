"""Leases: which process, on whatever machine, is at work on something that all of them share.

A lease only saves work: what is done under it must stay whole without it.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from yule.storage.objects.protocol import Objects
from yule.storage.store import is_alive

RENEW_SECONDS = 60.0
EXPIRE_SECONDS = 300.0  # after which one that is not renewed belongs to a process that is gone
LOOK_SECONDS = 2.0


@contextmanager
def hold_lease(objects: Objects, name: str) -> Iterator[None]:
    """Wait until nobody else holds a lease, and hold it.

    Holders are numbered: the file ``leases/NAME/<number>`` is created if it is not there, which happens once, and the
    highest number holds the lease until its file says that it was given back, or was not renewed for long.

    Parameters
    ----------
    objects
        Files that all processes see.
    name
        What the lease is on.
    """
    place = _take(objects, name)
    given_back = threading.Event()
    renewal = threading.Thread(target=_renew, args=(objects, place, given_back), daemon=True)
    renewal.start()
    try:
        yield
    finally:
        given_back.set()
        renewal.join()
        objects.write(place, b"{}")


def is_held(objects: Objects, name: str) -> bool:
    """Say whether a process that is there holds a lease."""
    numbers = _list_numbers(objects, name)
    return bool(numbers) and not _is_free(objects.read(_place(name, numbers[-1])))


def forget_lease(objects: Objects, name: str) -> None:
    """Delete what is known of a lease that nobody will ever ask for again."""
    objects.delete(objects.list(f"leases/{name}/"))


def _take(objects: Objects, name: str) -> str:
    while True:
        numbers = _list_numbers(objects, name)
        if not numbers or _is_free(objects.read(_place(name, numbers[-1]))):
            number = numbers[-1] + 1 if numbers else 0
            is_first = objects.write(_place(name, number), _content(), only_if_absent=True)
            if is_first and _list_numbers(objects, name)[-1] == number:
                objects.delete(_place(name, old) for old in numbers)
                return _place(name, number)
        time.sleep(LOOK_SECONDS if numbers else 0)


def _renew(objects: Objects, place: str, given_back: threading.Event) -> None:
    while not given_back.wait(RENEW_SECONDS):
        try:
            objects.write(place, _content())
        except OSError:
            continue  # the next time


def _list_numbers(objects: Objects, name: str) -> list[int]:
    prefix = f"leases/{name}/"
    return sorted(int(found.removeprefix(prefix)) for found in objects.list(prefix))


def _place(name: str, number: int) -> str:
    return f"leases/{name}/{number:09d}"


def _content() -> bytes:
    holder = {"host": socket.gethostname(), "pid": os.getpid(), "renewed_at": time.time()}
    return json.dumps(holder).encode()


def _is_free(content: bytes | None) -> bool:
    holder = json.loads(content or b"{}")
    if not holder or time.time() - holder["renewed_at"] > EXPIRE_SECONDS:
        return True
    return bool(holder["host"] == socket.gethostname() and not is_alive(holder["pid"]))
