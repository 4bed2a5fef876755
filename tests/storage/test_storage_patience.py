"""Outages: what becomes of work while a bucket does not answer."""

import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from buckets import new_prefix
from switch import Switch, switch_before
from unknown_hosts import ANSWERS, unknown_host

from yule.core import patience
from yule.core.patience import Unanswered, is_transient
from yule.core.settings import to_json
from yule.storage import lease
from yule.storage.bucket import BucketStore
from yule.storage.lease import hold_lease
from yule.storage.objects.opening import open_objects
from yule.storage.objects.patient import (
    PatientObjects,
    expect_answers,
    give_up_waiting,
    wait_again,
    without_patience,
)
from yule.storage.objects.protocol import Objects
from yule.storage.objects.threads import in_threads
from yule.storage.owners import describe_process
from yule.storage.shipping import ship_live_files
from yule.storage.uses import using_workspace

OUTAGE_SECONDS = 1.5
SERVERS = {"s3": "AWS_ENDPOINT_URL", "cloud_storage": "STORAGE_EMULATOR_HOST"}

ACTS: dict[str, Callable[[Objects, Path], object]] = {
    "write": lambda objects, _: objects.write("new", b"x"),
    "write a file": lambda objects, folder: objects.write("new", folder / "big"),
    "create": lambda objects, _: objects.write("new", b"x", only_if_absent=True),
    "read": lambda objects, _: objects.read("old") == b"old",
    "list": lambda objects, _: objects.list("") == {"old": 3},
    "download": lambda objects, folder: objects.download("old", folder / "down"),
    "delete": lambda objects, _: objects.delete(name for name in ["old"]) is None and objects.list("") == {},
}


@pytest.fixture(params=list(SERVERS))
def switch(request: pytest.FixtureRequest) -> Iterator[Switch]:
    request.getfixturevalue(request.param)
    with switch_before(SERVERS[request.param]) as switch:
        yield switch


@pytest.fixture
def workspace_away(request: pytest.FixtureRequest, switch: Switch, tmp_path: Path) -> str:
    """A workspace behind the switch."""
    kind = "s3" if os.environ.get("AWS_ENDPOINT_URL") == switch.address else "cloud_storage"
    return new_prefix(request.getfixturevalue(kind))


@pytest.fixture
def objects(workspace_away: str, tmp_path: Path) -> Objects:
    opened = open_objects(workspace_away)
    opened.write("old", b"old")
    (tmp_path / "big").write_bytes(bytes(1 << 20))
    return opened


def open_briefly(workspace: str, *, seconds: float) -> PatientObjects:
    return PatientObjects(without_patience(open_objects(workspace)), workspace, seconds=seconds)


def test_a_switch_passes_everything_on_until_it_is_cut_and_once_it_is_restored(
    objects: Objects, switch: Switch
) -> None:
    objects.write("a", bytes(1 << 20))
    switch.cut()
    port = int(switch.address.rsplit(":", 1)[1])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    switch.restore()
    assert objects.read("a") == bytes(1 << 20)


@pytest.mark.parametrize("act", list(ACTS))
def test_what_is_done_in_an_outage_is_done_after_it(objects: Objects, switch: Switch, tmp_path: Path, act: str) -> None:
    with switch.cut_for(OUTAGE_SECONDS):
        assert ACTS[act](objects, tmp_path)


def test_an_outage_and_its_end_are_told_once_however_many_wait(
    workspace_away: str, objects: Objects, switch: Switch, capfd: pytest.CaptureFixture[str]
) -> None:
    with switch.cut_for(5):
        readers = [threading.Thread(target=objects.read, args=("old",)) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 2
    assert re.fullmatch(
        rf"The workspace {workspace_away} does not answer \(.+\)\. Trying again until \d\d:\d\d\.", told[0]
    )
    assert told[1] == f"The workspace {workspace_away} answers again."


def test_an_outage_longer_than_the_patience_is_an_error_that_is_transient(
    workspace_away: str, objects: Objects, switch: Switch
) -> None:
    brief = open_briefly(workspace_away, seconds=0.3)
    assert brief.read("old") == b"old"
    switch.cut()
    with pytest.raises(Unanswered) as raised:
        brief.read("old")
    assert is_transient(raised.value)
    switch.restore()
    assert brief.read("old") == b"old"


def test_a_workspace_that_has_never_answered_is_not_waited_for(workspace_away: str, switch: Switch) -> None:
    objects = open_objects(workspace_away)
    switch.cut()
    with pytest.raises(Unanswered):
        objects.list("")


def test_a_process_that_goes_on_for_another_waits_from_the_beginning(workspace_away: str, switch: Switch) -> None:
    expect_answers(workspace_away)
    with switch.cut_for(OUTAGE_SECONDS):
        assert open_objects(workspace_away).list("") == {}


def test_a_bucket_that_is_not_there_is_no_outage(s3: str) -> None:
    del s3
    expect_answers("s3://no-such-bucket/a")
    started = time.monotonic()
    with pytest.raises(OSError, match="NoSuchBucket") as raised:
        open_objects("s3://no-such-bucket/a").list("")
    assert not is_transient(raised.value)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("answer", list(ANSWERS))
@pytest.mark.parametrize("kind", list(SERVERS))
def test_a_server_that_is_mistyped_is_not_waited_for_by_a_process_that_goes_on_for_another(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str, answer: str
) -> None:
    workspace = new_prefix(request.getfixturevalue(kind))
    expect_answers(workspace)
    with unknown_host(answer) as host:
        monkeypatch.setenv(SERVERS[kind], f"http://{host}:1")
        monkeypatch.setenv("YULE_PATIENCE_SECONDS", "0.1")
        with pytest.raises(OSError, match=r"^(S3|Cloud Storage): ") as raised:
            open_objects(workspace).list("")
    assert is_transient(raised.value) is (answer == "not now")
    assert (f"there is no host '{host}'" in str(raised.value)) is (answer == "there is none")


class Forgetful:
    """Files whose first writing arrives, though nobody hears of it."""

    def __init__(self, inner: Objects) -> None:
        self.inner = inner
        self.has_lost = False

    def list(self, prefix: str) -> dict[str, int]:
        return self.inner.list(prefix)

    def list_times(self, prefix: str) -> dict[str, datetime]:
        return self.inner.list_times(prefix)

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        return self.inner.read(name, start=start)

    def download(self, name: str, file: Path) -> bool:
        return self.inner.download(name, file)

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        is_written = self.inner.write(name, content, only_if_absent=only_if_absent)
        if not self.has_lost:
            self.has_lost = True
            raise Unanswered("the answer was lost")
        return is_written

    def delete(self, names: Iterable[str]) -> None:
        self.inner.delete(names)


@pytest.mark.parametrize(("before", "is_ours"), [(None, True), (b"theirs", False)])
def test_a_creation_whose_answer_was_lost_is_ours_if_what_is_there_is(
    any_workspace: str, before: bytes | None, is_ours: bool
) -> None:
    inner = open_objects(any_workspace)
    if before is not None:
        inner.write("claim", before)
    expect_answers(any_workspace)
    patient = PatientObjects(Forgetful(inner), any_workspace, seconds=10)
    assert patient.write("claim", b"ours", only_if_absent=True) is is_ours


@pytest.mark.parametrize(("before", "is_ours"), [(None, True), (b"theirs", False)])
def test_a_creation_whose_answer_the_network_loses_is_ours_if_what_is_there_is(
    objects: Objects, switch: Switch, before: bytes | None, is_ours: bool
) -> None:
    if before is not None:
        objects.write("claim", before)
    switch.lose_answer()
    assert objects.write("claim", b"ours", only_if_absent=True) is is_ours
    assert switch.n_lost == 1
    assert not objects.write("claim", b"ours", only_if_absent=True)


def test_an_output_is_published_and_fetched_across_outages(
    workspace_away: str, objects: Objects, switch: Switch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "one"))
    store = BucketStore(workspace_away, objects)
    files = {f"{number}.bin": bytes([number]) * 200_000 for number in range(20)}
    with switch.cut_for(OUTAGE_SECONDS), store.staging() as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        assert store.publish(folder, "cache/Fit/0a")
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "two"))
    with switch.cut_for(OUTAGE_SECONDS):
        fetched = BucketStore(workspace_away, objects).fetch("cache/Fit/0a")
    assert fetched is not None
    assert {file.name: file.read_bytes() for file in fetched.iterdir()} == files


def test_a_lease_is_renewed_soon_after_an_outage(
    objects: Objects, switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.1)
    with hold_lease(objects, "x"):
        (name,) = objects.list("leases/x/")
        with switch.cut_for(OUTAGE_SECONDS):
            before = objects.read(name)
        time.sleep(1)
        assert objects.read(name) != before


class Slow:
    """Files that a reader is cut off from: each look takes longer than a renewal."""

    def __init__(self, inner: Objects, n_looks: int) -> None:
        self.inner = inner
        self.n_looks = n_looks

    def list(self, prefix: str) -> dict[str, int]:
        if self.n_looks > 0:
            self.n_looks -= 1
            time.sleep(0.4)
        return self.inner.list(prefix)

    def list_times(self, prefix: str) -> dict[str, datetime]:
        return self.inner.list_times(prefix)

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        return self.inner.read(name, start=start)

    def download(self, name: str, file: Path) -> bool:
        return self.inner.download(name, file)

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        return self.inner.write(name, content, only_if_absent=only_if_absent)

    def delete(self, names: Iterable[str]) -> None:
        self.inner.delete(names)


def test_a_silence_and_its_end_are_told_although_nothing_has_failed_yet(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SILENCE_SECONDS", 0.05)
    objects = PatientObjects(Slow(open_objects(str(tmp_path)), n_looks=4), "gs://acme/slow", seconds=10)
    with in_threads(4) as pool:
        for _ in range(4):
            pool.submit(objects.list, "")
    told = capfd.readouterr().err.splitlines()
    assert told == [
        "The workspace gs://acme/slow does not answer (nothing has come for 0 seconds). Waiting.",
        "The workspace gs://acme/slow answers again.",
    ]


def test_who_could_not_look_does_not_take_a_lease_for_abandoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.3)
    monkeypatch.setattr(lease, "EXPIRE_SECONDS", 0.7)
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.05)
    inner = open_objects(str(tmp_path))
    elsewhere = replace(describe_process(), boot="another")
    inner.write("leases/x/000000000", to_json(lease.Lease(holder=elsewhere, renewed_at=0.0)).encode())
    started = time.monotonic()
    with hold_lease(Slow(inner, n_looks=4), "x"):
        assert time.monotonic() - started > 4 * 0.4 + 0.7


def test_an_end_that_something_else_has_caused_is_not_held_up_by_an_outage(objects: Objects, switch: Switch) -> None:
    def work() -> None:
        with using_workspace(objects), hold_lease(objects, "x"):
            switch.cut()
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - started < 60


def test_the_last_lines_of_a_log_wait_for_the_end_of_an_outage(
    workspace_away: str, objects: Objects, switch: Switch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "machine"))
    store = BucketStore(workspace_away, objects)
    (store.root / "logs/Fit").mkdir(parents=True)
    with switch.cut_for(OUTAGE_SECONDS), ship_live_files(store):
        (store.root / "logs/Fit/0a.log").write_text("the last words\n")
    assert objects.read("logs/Fit/0a.log") == b"the last words\n"


def test_a_process_that_is_asked_to_end_waits_for_no_bucket(objects: Objects, switch: Switch) -> None:
    switch.cut()
    asking = threading.Timer(0.5, give_up_waiting)
    asking.start()
    started = time.monotonic()
    try:
        with pytest.raises(Unanswered):
            objects.read("old")
    finally:
        wait_again()
    assert time.monotonic() - started < 60
    with switch.cut_for(OUTAGE_SECONDS):
        assert objects.read("old") == b"old"


def test_an_interruption_does_not_wait_for_threads_that_ask_a_bucket(objects: Objects, switch: Switch) -> None:
    def ask() -> None:
        with in_threads(4) as pool:
            for _ in range(20):
                pool.submit(objects.read, "old")
            raise KeyboardInterrupt

    switch.cut()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        ask()
    assert time.monotonic() - started < 60
