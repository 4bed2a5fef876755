"""Facts about leases: one holder at a time, and none that is gone for good."""

import json
import multiprocessing
import os
import signal
import threading
import time

import pytest

from yule.storage import lease
from yule.storage.lease import hold_lease
from yule.storage.objects.protocol import Objects
from yule.storage.opening import open_store


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


def test_one_on_another_machine_that_is_not_renewed_expires(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "EXPIRE_SECONDS", 0.3)
    holder = {"host": "elsewhere", "pid": 1, "renewed_at": time.time()}
    objects.write("leases/x/000000000", json.dumps(holder).encode())
    started = time.monotonic()
    with hold_lease(objects, "x"):
        assert time.monotonic() - started > 0.2


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
