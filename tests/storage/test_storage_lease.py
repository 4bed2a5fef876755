"""Facts about leases: one holder at a time, and none that is gone for good."""

import json
import multiprocessing
import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from yule.core.errors import WorkspaceError
from yule.core.settings import to_json
from yule.storage import lease
from yule.storage.lease import hold_lease
from yule.storage.objects.protocol import Objects
from yule.storage.opening import open_store
from yule.storage.owners import describe_process


@pytest.fixture
def objects(any_workspace: str, monkeypatch: pytest.MonkeyPatch) -> Objects:
    """The single files of a workspace of every kind; waits are short."""
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.02)
    return open_store(any_workspace).objects


def test_one_holds_it_at_a_time(objects: Objects) -> None:
    inside, most, done = [], [], []

    def work() -> None:
        for _ in range(3):
            with hold_lease(objects, "x"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.01)
                inside.pop()
        done.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), max(most), len(most)) == (4, 1, 12)


def test_leases_with_other_names_do_not_wait(objects: Objects) -> None:
    with hold_lease(objects, "x"), hold_lease(objects, "y"):
        pass


def test_it_is_given_back_when_the_work_fails(objects: Objects) -> None:
    with pytest.raises(ZeroDivisionError), hold_lease(objects, "x"):
        raise ZeroDivisionError
    with hold_lease(objects, "x"):
        pass


def test_it_is_renewed_while_it_is_held(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.02)
    with hold_lease(objects, "x"):
        (name,) = objects.list("leases/x/")
        first = json.loads(objects.read(name) or b"")
        time.sleep(0.3)
        assert json.loads(objects.read(name) or b"")["renewed_at"] > first["renewed_at"]


ELSEWHERE = replace(describe_process(), host="elsewhere", boot="another")


@pytest.mark.slow
@pytest.mark.parametrize("skew_seconds", [0, -9e9, 9e9])
def test_one_on_another_machine_that_is_not_renewed_expires_whatever_its_clock_says(
    objects: Objects, monkeypatch: pytest.MonkeyPatch, skew_seconds: float
) -> None:
    monkeypatch.setattr(lease, "EXPIRE_SECONDS", 0.3)
    left = lease.Lease(holder=ELSEWHERE, renewed_at=time.time() + skew_seconds)
    objects.write("leases/x/000000000", to_json(left).encode())
    started = time.monotonic()
    with hold_lease(objects, "x"):
        assert time.monotonic() - started > 0.2


def test_one_that_is_renewed_on_another_machine_is_not_taken(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "EXPIRE_SECONDS", 1.5)  # much longer than a busy machine takes to renew
    started = time.monotonic()
    ended = threading.Event()

    def renew() -> None:
        for number in range(16):
            content = lease.Lease(holder=ELSEWHERE, renewed_at=float(number))  # its clock is far behind ours
            objects.write("leases/x/000000000", to_json(content).encode())
            time.sleep(0.1)
        ended.set()

    thread = threading.Thread(target=renew)
    thread.start()
    while not objects.read("leases/x/000000000"):
        time.sleep(0.01)
    with hold_lease(objects, "x"):
        assert ended.is_set()
        assert time.monotonic() - started > 3.0
    thread.join()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"host": "here"}',
        b'{"host":"node","pid":7,"renewed_at":1e99}',
        b"null",
        b"[" * 99_999,
    ],
)
def test_a_damaged_one_expires(objects: Objects, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(lease, "EXPIRE_SECONDS", 0.3)
    objects.write("leases/x/000000000", content)
    started = time.monotonic()
    with hold_lease(objects, "x"):
        assert time.monotonic() - started > 0.2


@pytest.mark.parametrize("name", ["x", "7", "00000000x", "-00000001", "\u0660" * 9, "9" * 5000, "9" * 13])
def test_files_that_are_no_number_are_nobody_s(any_workspace: str, name: str) -> None:
    objects = open_store(any_workspace).objects
    with suppress(OSError, WorkspaceError):  # no file system takes the longest
        objects.write(f"leases/x/{name}", b"")
    with hold_lease(objects, "x"):
        assert objects.read("leases/x/000000000")


def test_the_numbers_never_run_out(objects: Objects) -> None:
    objects.write(f"leases/x/{lease.MAX_NUMBER}", b"{}")
    for _ in range(2):
        with hold_lease(objects, "x"):
            pass
    assert list(objects.list("leases/x/")) == ["leases/x/000000001"]


def test_a_number_of_a_process_that_was_given_out_again_is_free_at_once(objects: Objects) -> None:
    left = lease.Lease(holder=replace(describe_process(), started="1"), renewed_at=time.time())
    objects.write("leases/x/000000000", to_json(left).encode())
    with hold_lease(objects, "x"):
        pass


def _hold_for_good(workspace: str) -> None:
    with hold_lease(open_store(workspace).objects, "x"):
        os.kill(os.getpid(), signal.SIGKILL)


def test_one_of_a_killed_process_of_this_machine_is_free_at_once(objects: Objects, any_workspace: str) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_hold_for_good, args=(any_workspace,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with hold_lease(objects, "x"):
        pass
