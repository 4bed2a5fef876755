"""What only a store in a bucket has to do: races, lost answers, processes that are killed, networks that fail."""

import os
import sys
import time
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pytest
from buckets import new_prefix
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yule.core.errors import CorruptedOutput, WorkspaceError
from yule.storage.bucket import UNUSED_SECONDS, BucketStore
from yule.storage.objects.opening import open_objects
from yule.storage.objects.patient import without_patience
from yule.storage.objects.protocol import Objects
from yule.storage.record import Record, digest_files, write_record
from yule.storage.shipping import ship_live_files
from yule.storage.target import FolderTarget

KEY = "cache/Fit/0a"
PARTS = st.lists(
    st.text("ab.-_ ü%+", min_size=1, max_size=6).filter(lambda part: part.strip(".")), min_size=1, max_size=3
)


class Network:
    """Objects behind a network on which a test can have things go wrong."""

    def __init__(self, inner: Objects) -> None:
        self.inner = inner
        self.loses_answers = False
        self.is_down = False
        self.requests: list[str] = []

    def _pass(self, request: str) -> None:
        self.requests.append(request)
        if self.is_down:
            raise OSError("the network is down")

    def list(self, prefix: str) -> dict[str, int]:
        self._pass("list")
        return self.inner.list(prefix)

    def list_times(self, prefix: str) -> dict[str, datetime]:
        self._pass("list")
        return self.inner.list_times(prefix)

    def read(self, name: str, *, start: int = 0) -> bytes | None:
        self._pass("read")
        return self.inner.read(name, start=start)

    def download(self, name: str, file: Path) -> bool:
        self._pass("download")
        return self.inner.download(name, file)

    def write(self, name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        self._pass("write")
        if self.loses_answers:  # it arrives, nobody hears of it, and the library sends it again
            self.inner.write(name, content, only_if_absent=only_if_absent)
        return self.inner.write(name, content, only_if_absent=only_if_absent)

    def delete(self, names: Iterable[str]) -> None:
        self._pass("delete")
        self.inner.delete(names)


@pytest.fixture(params=["s3", "cloud_storage"])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "machine"))
    return new_prefix(request.getfixturevalue(request.param))


@pytest.fixture
def network(address: str) -> Network:
    return Network(open_objects(address))


@pytest.fixture
def another_machine(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BucketStore:
    """The same workspace seen from a machine that has no copy of anything."""
    with monkeypatch.context() as patch:
        patch.setenv("YULE_CACHE", str(tmp_path / "another-machine"))
        return BucketStore(address, open_objects(address))


def publish(store: BucketStore, content: bytes = b"fit", key: str = KEY) -> bool:
    with store.staging() as folder:
        (folder / "model.bin").write_bytes(content)
        return store.publish(folder, key)


def read(store: BucketStore, key: str = KEY) -> bytes | None:
    folder = store.fetch(key)
    return (folder / "model.bin").read_bytes() if folder else None


def test_a_publication_whose_answer_was_lost_stays(
    address: str, network: Network, another_machine: BucketStore
) -> None:
    network.loses_answers = True
    assert publish(BucketStore(address, network))
    assert read(another_machine) == b"fit"


def test_who_comes_second_leaves_no_file_behind(address: str, network: Network, another_machine: BucketStore) -> None:
    publish(another_machine, b"first")
    before = network.list("")
    store = BucketStore(address, network)
    assert not publish(store, b"second")
    assert network.list("") == before
    assert read(store) == b"first"


def test_a_process_killed_while_it_uploads_has_published_nothing(
    address: str, network: Network, another_machine: BucketStore
) -> None:
    network.write("uploads/1700000000-dead", KEY.encode())
    network.write(f"{KEY}/dead/model.bin", b"half of it")
    assert another_machine.find_published([KEY]) == set()
    assert another_machine.fetch(KEY) is None
    assert publish(another_machine, b"whole")
    another_machine.sweep()
    assert not [name for name in network.list("") if "dead" in name]
    assert read(BucketStore(address, network)) == b"whole"


def test_sweeping_leaves_alone_what_is_published_or_still_going_up(
    address: str, network: Network, another_machine: BucketStore
) -> None:
    publish(another_machine)
    token = next(name for name in network.list(f"{KEY}/")).split("/")[3]
    network.write(f"uploads/1700000000-{token}", KEY.encode())  # killed between publishing and deleting its note
    note = f"uploads/{int(time.time())}-alive"
    network.write(note, b"cache/Fit/0b")
    network.write("cache/Fit/0b/alive/model.bin", b"half of it")
    another_machine.sweep()
    assert read(BucketStore(address, network)) == b"fit"
    assert list(network.list("uploads/")) == [note]
    assert network.list("cache/Fit/0b/") == {"cache/Fit/0b/alive/model.bin": 10}


def test_a_note_of_the_future_is_swept_a_day_after_it_was_seen(
    address: str, network: Network, another_machine: BucketStore
) -> None:
    network.write("uploads/99999999999-dead", KEY.encode())
    network.write(f"{KEY}/dead/model.bin", b"half of it")
    another_machine.sweep()
    (note,) = network.list("uploads/")
    assert abs(int(note.removeprefix("uploads/").removesuffix("-dead")) - time.time()) < 60
    assert network.read(note) == KEY.encode()


def test_copies_that_nobody_reads_any_more_are_swept(address: str, network: Network, tmp_path: Path) -> None:
    store = BucketStore(address, network)
    publish(store, key="cache/Fit/0a")
    publish(store, key="cache/Fit/0b")
    (unread,) = (tmp_path / "machine").glob("workspaces/*/cache/Fit/0a/*")
    long_ago = time.time() - 1.1 * UNUSED_SECONDS
    os.utime(unread, (long_ago, long_ago))
    unopened = tmp_path / "machine" / "workspaces" / "0123456789abcdef"
    (unopened / "logs").mkdir(parents=True)
    store.sweep()
    assert not unread.exists()
    assert list((tmp_path / "machine").glob("workspaces/*/cache/Fit/0b/*"))
    assert unopened.exists()  # it counts from now on
    os.utime(unopened / "used", (long_ago, long_ago))
    store.sweep()
    assert not unopened.exists()
    assert read(store, "cache/Fit/0a") == b"fit"


def test_a_copy_that_is_read_is_kept(address: str, network: Network, tmp_path: Path) -> None:
    store = BucketStore(address, network)
    publish(store)
    (copy,) = (tmp_path / "machine").glob("workspaces/*/cache/Fit/0a/*")
    os.utime(copy, (1, 1))
    read(store)
    store.sweep()
    assert copy.exists()


def test_what_another_machine_replaced_is_read_anew(
    address: str, network: Network, another_machine: BucketStore
) -> None:
    store = BucketStore(address, network)
    assert publish(store, b"old")
    assert read(another_machine) == b"old"
    store.remove(KEY)
    assert publish(store, b"new")
    another_machine.remove(KEY)
    assert network.list("") == {}


def test_files_that_are_gone_are_an_error_that_says_what_to_do(
    address: str, network: Network, another_machine: BucketStore
) -> None:
    publish(another_machine)
    network.delete(network.list(f"{KEY}/"))
    store = BucketStore(address, network)
    with pytest.raises(CorruptedOutput, match=r"model\.bin is gone\."):
        store.fetch(KEY)
    store.remove(KEY)
    assert publish(store, b"again")


def test_a_damaged_copy_is_brought_anew(address: str, network: Network) -> None:
    store = BucketStore(address, network)
    with store.staging() as folder:
        (folder / "model.bin").write_bytes(b"fit")
        files = digest_files(folder)
        record = Record(
            family="Fit", module="m", unique_id="0a", parameters={}, requires=(), seconds=1.0, versions={}, files=files
        )
        write_record(folder, record)
        store.publish(folder, KEY)
    target = FolderTarget(store, KEY)
    (target.load() / "model.bin").write_bytes(b"fat")
    assert (target.load() / "model.bin").read_bytes() == b"fit"
    network.write(f"{next(iter(network.list('cache/'))).rsplit('/', 1)[0]}/model.bin", b"fat")
    (target.load() / "model.bin").write_bytes(b"cut")
    with pytest.raises(CorruptedOutput, match="has other content"):
        target.verify()
    assert not target.exists()


@pytest.mark.parametrize("marker", [b"", b"{", b'{"place": 1}', b"[" * 100_000, b"\xff"])
def test_a_damaged_marker_is_no_dead_end(
    address: str, network: Network, another_machine: BucketStore, marker: bytes
) -> None:
    publish(another_machine)
    network.write("published/Fit/0a.json", marker)
    store = BucketStore(address, network)
    assert publish(store, b"again")  # over what says of no file that it is there
    assert read(BucketStore(address, network)) == b"again"
    network.write("published/Fit/0a.json", marker)
    with pytest.raises(CorruptedOutput, match="damaged or forged"):
        FolderTarget(store, KEY).load()
    assert store.find_published([KEY]) == set()


def test_what_another_machine_removed_is_not_taken_to_be_there(
    address: str, network: Network, another_machine: BucketStore
) -> None:
    store = BucketStore(address, network)
    publish(store)
    another_machine.remove(KEY)
    assert store.find_published([KEY]) == set()


def test_an_output_is_downloaded_once(address: str, network: Network, another_machine: BucketStore) -> None:
    publish(another_machine)
    read(BucketStore(address, network))
    read(BucketStore(address, network))
    assert network.requests.count("download") == 1


def test_a_thousand_outputs_are_looked_for_in_one_listing(address: str, network: Network) -> None:
    BucketStore(address, network).find_published([f"cache/Fit/{number:04}" for number in range(1000)])
    assert network.requests == ["list"]


def test_a_network_that_fails_does_not_stop_the_work_and_the_logs_come_later(address: str, network: Network) -> None:
    store = BucketStore(address, network)
    log = store.root / "logs/Fit/0a.log"
    log.parent.mkdir(parents=True)
    with ship_live_files(store) as shipper:
        log.write_text("one\n")
        network.is_down = True
        assert not shipper.flush()
        network.is_down = False
    assert network.read("logs/Fit/0a.log") == b"one\n"


def test_logs_that_could_not_be_brought_are_told_at_the_end(
    address: str, network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    store = BucketStore(address, network)
    with ship_live_files(store):
        (store.root / "logs").mkdir(parents=True)
        (store.root / "logs/0a.log").write_text("one\n")
        network.is_down = True
    assert "could not be brought to the workspace" in capsys.readouterr().err


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=PARTS, content=st.binary(max_size=200))
def test_files_in_folders_of_any_name_reach_another_machine(
    address: str, another_machine: BucketStore, parts: list[str], content: bytes
) -> None:
    store = BucketStore(address, open_objects(address))
    name, key = "/".join(parts), f"cache/Any/{uuid.uuid4().hex}"
    with store.staging() as folder:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        store.publish(folder, key)
    there = another_machine.fetch(key)
    assert there is not None
    files = {file.relative_to(there).as_posix(): file.read_bytes() for file in there.rglob("*") if file.is_file()}
    assert files == {name: content}


@pytest.mark.parametrize(("workspace", "library"), [("s3://bucket/a", "boto3"), ("gs://bucket/a", "google.cloud")])
def test_a_library_that_is_not_installed_is_an_error_with_the_command(
    workspace: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    extra = "s3" if library == "boto3" else "gcs"
    with pytest.raises(WorkspaceError, match=rf"need the extra: pip install 'yule\[{extra}\]'"):
        open_objects(workspace)


def test_a_server_that_writes_over_what_is_there_is_refused(address: str, network: Network) -> None:
    def write_over(name: str, content: bytes | Path, *, only_if_absent: bool = False) -> bool:
        del only_if_absent
        return network.inner.write(name, content)

    network.write = write_over  # type: ignore[method-assign]
    with pytest.raises(WorkspaceError, match="writes over what is there"):
        BucketStore(address, network).check_writable()
    assert network.list("") == {}


def test_s3_is_asked_again_when_another_write_was_at_it(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.awsrequest import AWSResponse

    objects = without_patience(open_objects(new_prefix(s3)))
    body = b"<Error><Code>ConditionalRequestConflict</Code><Message>Try again.</Message></Error>"
    answers = [AWSResponse("", 409, {}, type("Raw", (), {"stream": lambda *_a, **_k: iter([body])})())] * 2

    def answer(**_: object) -> AWSResponse | None:
        return answers.pop() if answers else None

    objects._client.meta.events.register("before-send.s3.PutObject", answer)  # type: ignore[attr-defined]
    assert objects.write("marker", b"mine", only_if_absent=True)
    assert not answers
    assert not objects.write("marker", b"another's", only_if_absent=True)
    assert objects.read("marker") == b"mine"


def test_a_creation_that_met_a_try_of_its_own_on_its_way_is_ours(s3: str) -> None:
    """The first try is still at work when the library, which has waited long enough, sends the second."""
    from botocore.awsrequest import AWSResponse

    address = new_prefix(s3)
    objects, first = (without_patience(open_objects(address)) for _ in range(2))
    body = b"<Error><Code>ConditionalRequestConflict</Code><Message>Try again.</Message></Error>"
    conflicts = [AWSResponse("", 409, {}, type("Raw", (), {"stream": lambda *_a, **_k: iter([body])})())]

    def answer(**_: object) -> AWSResponse | None:
        if not conflicts:
            return None
        first.write("marker", b"mine")
        return conflicts.pop()

    objects._client.meta.events.register("before-send.s3.PutObject", answer)  # type: ignore[attr-defined]
    assert objects.write("marker", b"mine", only_if_absent=True)
