"""What every kind of workspace must do, in a folder, in S3 and in Cloud Storage."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yule.core.errors import WorkspaceError
from yule.storage.bucket import BucketStore
from yule.storage.objects.opening import open_objects
from yule.storage.shipping import ship_live_files
from yule.storage.store import LocalStore, Store

NAMES = st.lists(
    st.text("ab.-_/", min_size=1, max_size=12).filter(lambda name: all(part.strip(".") for part in name.split("/"))),
    max_size=4,
    unique=True,
)


def open_new(workspace: str) -> Store:
    return BucketStore(workspace, open_objects(workspace)) if "://" in workspace else LocalStore(Path(workspace))


def publish(store: Store, key: str, files: dict[str, bytes]) -> bool:
    with store.staging() as folder:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return store.publish(folder, key)


def read(folder: Path | None) -> dict[str, bytes] | None:
    if folder is None:
        return None
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_file_is_what_was_written_last(any_workspace: str) -> None:
    objects = open_objects(any_workspace)
    assert objects.read("runs/a/run.json") is None
    objects.write("runs/a/run.json", b"first")
    objects.write("runs/a/run.json", b"second")
    assert objects.read("runs/a/run.json") == b"second"
    assert objects.read("runs/a/run.json", start=4) == b"nd"
    assert objects.read("runs/a/run.json", start=6) == b""


def test_a_file_that_may_only_be_created_is_left_alone_when_it_is_there(any_workspace: str) -> None:
    objects = open_objects(any_workspace)
    assert objects.write("claim", b"mine", only_if_absent=True)
    assert not objects.write("claim", b"yours", only_if_absent=True)
    assert objects.read("claim") == b"mine"


def test_a_listing_names_all_files_that_begin_so(any_workspace: str) -> None:
    objects = open_objects(any_workspace)
    for name in ("a/1", "a/b/2", "ab", "b"):
        objects.write(name, name.encode())
    assert objects.list("a") == {"a/1": 3, "a/b/2": 5, "ab": 2}
    assert objects.list("a/") == {"a/1": 3, "a/b/2": 5}
    assert objects.list("c/") == {}
    objects.delete(["a/1", "absent"])
    assert list(objects.list("a")) == ["a/b/2", "ab"]


def test_it_is_told_when_files_were_written(any_workspace: str) -> None:
    objects = open_objects(any_workspace)
    objects.write("a/1", b"one")
    objects.write("b/1", b"one")
    (written_at,) = objects.list_times("a/").values()
    assert abs(datetime.now(UTC) - written_at) < timedelta(minutes=5)


def test_a_file_goes_up_and_down_without_a_change(any_workspace: str, tmp_path: Path) -> None:
    objects = open_objects(any_workspace)
    content = bytes(range(256)) * 4096
    (tmp_path / "up").write_bytes(content)
    objects.write("big", tmp_path / "up")
    assert objects.download("big", tmp_path / "down")
    assert (tmp_path / "down").read_bytes() == content
    assert not objects.download("absent", tmp_path / "absent")


def test_what_is_published_is_found_by_every_machine(any_workspace: str) -> None:
    store = open_new(any_workspace)
    files = {"table.parquet": b"PAR1", "model/weights.bin": b"\0\1", "empty": b""}
    assert store.fetch("cache/Fit/0a") is None
    assert publish(store, "cache/Fit/0a", files)
    other = open_new(any_workspace)
    assert other.find_published(["cache/Fit/0a", "cache/Fit/0b"]) == {"cache/Fit/0a"}
    assert read(other.fetch("cache/Fit/0a")) == files


def test_what_is_published_is_measured(any_workspace: str) -> None:
    store = open_new(any_workspace)
    publish(store, "cache/Fit/0a", {"table.parquet": b"PAR1", "model/weights.bin": b"\0\1"})
    sizes = {"table.parquet": 4, "model/weights.bin": 2}
    assert open_new(any_workspace).measure_files("cache/Fit/0a") == sizes
    assert store.measure_files("cache/Fit/0b") == {}


def test_many_keys_are_found_as_well_as_few(any_workspace: str) -> None:
    store = open_new(any_workspace)
    for number in range(12):
        publish(store, f"cache/Shard/{number:02}", {"task.json": b"{}"})
    wanted = [f"cache/Shard/{number:02}" for number in range(0, 24, 2)]
    assert open_new(any_workspace).find_published(wanted) == set(wanted[:6])


def test_of_two_who_publish_at_once_one_wins_and_nothing_is_mixed(any_workspace: str) -> None:
    results: list[bool] = []
    barrier = threading.Barrier(4)

    def race(number: int) -> None:
        store = open_new(any_workspace)
        barrier.wait()
        results.append(publish(store, "cache/Fit/0c", {"a": b"%d" % number, "b": b"%d" % number}))

    racers = [threading.Thread(target=race, args=(number,)) for number in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(results) == [False, False, False, True]
    files = read(open_new(any_workspace).fetch("cache/Fit/0c"))
    assert files is not None
    assert files["a"] == files["b"]


def test_what_one_has_published_no_other_moves_away(tmp_path: Path) -> None:
    n_racers = 4
    barrier = threading.Barrier(n_racers)
    results: list[bool] = []

    def race(number: int) -> None:
        store = open_new(str(tmp_path))
        for key in range(40):
            with store.staging() as folder:
                (folder / "a").write_bytes(b"%d" % number)
                barrier.wait()
                results.append(store.publish(folder, f"cache/Fit/{key:02}"))

    racers = [threading.Thread(target=race, args=(number,)) for number in range(n_racers)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sum(results) == 40
    assert len(list((tmp_path / "cache" / "Fit").iterdir())) == 40


def test_what_is_removed_can_be_published_anew(any_workspace: str) -> None:
    store = open_new(any_workspace)
    publish(store, "cache/Fit/0d", {"a": b"old"})
    store.remove("cache/Fit/0d")
    store.remove("cache/Fit/0d")
    assert store.find_published(["cache/Fit/0d"]) == set()
    assert publish(store, "cache/Fit/0d", {"a": b"new"})
    assert read(open_new(any_workspace).fetch("cache/Fit/0d")) == {"a": b"new"}


def test_the_records_of_a_family_can_be_read(any_workspace: str) -> None:
    store = open_new(any_workspace)
    publish(store, "cache/Fit/0e", {"task.json": b"one"})
    publish(store, "cache/Other/0f", {"task.json": b"two"})
    assert list(open_new(any_workspace).read_records("Fit")) == ["one"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=NAMES, content=st.binary(max_size=64), key=st.text("0123456789abcdef", min_size=16, max_size=16))
def test_any_folder_comes_back_as_it_was(any_workspace: str, names: list[str], content: bytes, key: str) -> None:
    flat = {name.replace("/", "+"): content + name.encode() for name in names}
    store = open_new(any_workspace)
    store.remove(f"cache/Any/{key}")
    publish(store, f"cache/Any/{key}", flat)
    assert read(open_new(any_workspace).fetch(f"cache/Any/{key}")) == flat


def test_logs_and_events_reach_the_workspace_while_they_grow(any_workspace: str) -> None:
    store = open_new(any_workspace)
    (store.root / "logs/Fit").mkdir(parents=True)
    with ship_live_files(store) as shipper:
        for text in ("one\n", "one\ntwo\n"):
            (store.root / "logs/Fit/0a.log").write_text(text)
            shipper.flush()
            assert store.objects.read("logs/Fit/0a.log") == text.encode()


def test_a_workspace_that_can_be_written_passes_the_check(any_workspace: str) -> None:
    open_new(any_workspace).check_writable()


def test_a_bucket_that_is_not_there_is_an_error_in_words(s3: str, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="Check that the bucket exists"):
        open_new("s3://no-such-bucket/a").check_writable()


def test_an_unknown_scheme_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(WorkspaceError, match="gs://bucket/prefix or s3://"):
        open_objects("ftp://host/a")
