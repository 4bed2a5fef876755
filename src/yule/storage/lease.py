"""Leases: which process, on whatever machine, is at work on something that all of them share.

A lease only saves work: what is done under it must stay whole without it.
"""

import re
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from yule.core.settings import from_bytes, to_json
from yule.storage.objects.patient import without_patience
from yule.storage.objects.protocol import Objects
from yule.storage.owners import Holder, describe_process, has_ended, is_at_work

RENEW_SECONDS = 30.0
EXPIRE_SECONDS = 150.0  # after which one that was not renewed while we watched belongs to a process that is gone
PRESUMED_SECONDS = 1800.0  # for which one is taken for held by its own clock, where nobody watches
LOOK_SECONDS = 2.0
MAX_NUMBER = 10**12 - 1

_NUMBER = re.compile(r"[0-9]{9}|[1-9][0-9]{9,11}")


@dataclass(frozen=True, kw_only=True)
class Lease:
    """What a holder writes: who it is, and the time by its own clock, for people and so that every writing differs."""

    holder: Holder
    renewed_at: float


@contextmanager
def hold_lease(objects: Objects, name: str) -> Iterator[None]:
    """Wait until nobody else holds a lease, and hold it.

    Holders are numbered: the file ``leases/NAME/<number>`` is created if it is not there, which happens once, and the
    highest number holds the lease until its file says that it was given back, its process is known to be gone, or it
    was not written anew for long. That is measured by who waits: clocks differ, and a damaged file tells no time.

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
    giving = without_patience(objects)  # an end that something else has caused is not held up
    try:
        yield
        giving = objects
    finally:
        given_back.set()
        renewal.join()
        with suppress(OSError):  # then it expires
            giving.write(place, b"{}")


def hold_until_exit(objects: Objects, name: str) -> None:
    """Hold a lease that nobody else asks for as long as this process lives."""
    renewal = threading.Thread(target=_renew, args=(objects, _take(objects, name), threading.Event()), daemon=True)
    renewal.start()


def is_held(objects: Objects, name: str) -> bool:
    """Say whether a process that is there holds a lease, by its own clock: nobody waits to see it renewed."""
    lease = _read_lease(objects, name)
    return lease is not None and _is_presumed(lease)


def find_abandoned(objects: Objects, names: Iterable[str]) -> set[str]:
    """Return those leases whose holders are gone, which takes up to ``EXPIRE_SECONDS`` for those of other machines.

    Parameters
    ----------
    objects
        Files that all processes see.
    names
        What the leases are on.
    """
    before = {name: _read_lease(objects, name) for name in names}
    in_doubt = {name: lease for name, lease in before.items() if lease and _is_presumed(lease)}
    gone = before.keys() - in_doubt.keys()
    until = time.monotonic() + EXPIRE_SECONDS
    in_doubt = {name: lease for name, lease in in_doubt.items() if not is_at_work(lease.holder)}
    while in_doubt and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        now = {name: _read_lease(objects, name) for name in in_doubt}
        gone |= {name for name, lease in now.items() if lease is None}
        in_doubt = {name: lease for name, lease in in_doubt.items() if lease == now[name]}
    return gone | in_doubt.keys()


def _is_presumed(lease: Lease) -> bool:
    return abs(time.time() - lease.renewed_at) < PRESUMED_SECONDS and not has_ended(lease.holder)


def _read_lease(objects: Objects, name: str) -> Lease | None:
    """Return who holds a lease; None when it was given back, or is damaged."""
    numbers = _list_numbers(objects, name)
    content = objects.read(_place(name, numbers[-1])) if numbers else None
    try:
        return from_bytes(Lease, content or b"")
    except ValueError:
        return None


def forget_lease(objects: Objects, name: str) -> None:
    """Delete what is known of a lease that nobody will ever ask for again; what cannot be deleted does no harm."""
    with suppress(OSError):
        files = without_patience(objects)
        files.delete(files.list(f"leases/{name}/"))


def _take(objects: Objects, name: str) -> str:
    seen: tuple[list[int], bytes | None] = ([], None)
    since = looked_at = time.monotonic()
    while True:
        numbers = _list_numbers(objects, name)
        content = objects.read(_place(name, numbers[-1])) if numbers else None
        could_look = time.monotonic() - looked_at < RENEW_SECONDS  # else the holder may have been cut off as well
        looked_at = time.monotonic()
        if (numbers[-1:], content) != seen or not could_look:
            seen, since = (numbers[-1:], content), looked_at
        if not numbers or _is_free(content) or time.monotonic() - since > EXPIRE_SECONDS:
            if numbers[-1:] == [MAX_NUMBER]:  # nobody gets there; somebody wrote it
                objects.delete(_place(name, old) for old in numbers)
                continue
            number = numbers[-1] + 1 if numbers else 0
            is_first = objects.write(_place(name, number), _content(), only_if_absent=True)
            if is_first and _list_numbers(objects, name)[-1] == number:
                objects.delete(_place(name, old) for old in numbers)
                return _place(name, number)
        time.sleep(LOOK_SECONDS if numbers else 0)


def _renew(objects: Objects, place: str, given_back: threading.Event) -> None:
    wait_seconds = RENEW_SECONDS
    while not given_back.wait(wait_seconds):
        try:
            without_patience(objects).write(place, _content())
            wait_seconds = RENEW_SECONDS
        except OSError:
            wait_seconds = min(RENEW_SECONDS, LOOK_SECONDS)  # as soon as it can be, before others give it up


def _list_numbers(objects: Objects, name: str) -> list[int]:
    """Return the numbers of the holders; files with other names are nobody's."""
    prefix = f"leases/{name}/"
    found = [text.removeprefix(prefix) for text in objects.list(prefix)]
    return sorted(int(text) for text in found if _NUMBER.fullmatch(text))


def _place(name: str, number: int) -> str:
    return f"leases/{name}/{number:09d}"


def _content() -> bytes:
    return to_json(Lease(holder=describe_process(), renewed_at=time.time())).encode()


def _is_free(content: bytes | None) -> bool:
    """Say whether a lease was given back, or its holder is known to be gone. Of a damaged one that cannot be said."""
    if content is None or content == b"{}":
        return True
    try:
        return has_ended(from_bytes(Lease, content).holder)
    except ValueError:
        return False
