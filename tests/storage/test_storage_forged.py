"""What someone who may write a workspace puts there: it leads nowhere, and stops only who asks for it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from buckets import new_prefix

from yule.core.errors import CorruptedOutput
from yule.storage.bucket import BucketStore
from yule.storage.names import ForgedName
from yule.storage.objects.folder import FolderObjects
from yule.storage.objects.opening import open_objects
from yule.storage.objects.protocol import MAX_READ_BYTES
from yule.storage.record import Record, digest_files, parse_records, verify, write_record
from yule.storage.store import LocalStore, Store
from yule.storage.target import FolderTarget

KEY, OTHER = f"cache/Fit/{'0a' * 16}", f"cache/Fit/{'0b' * 16}"
FORGED = ["../x", "/tmp/x", "a/../../x", "", "a\\..\\x", "a\nb"]

Forge = Callable[[str, bytes], None]


@pytest.fixture
def address(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "machine"))
    return new_prefix(s3)


@pytest.fixture
def forge(address: str) -> Forge:
    """Writes an object of any name into the workspace's bucket, as its enemies can."""
    import boto3

    parts = urlsplit(address)

    def write(name: str, content: bytes) -> None:
        boto3.client("s3").put_object(Bucket=parts.netloc, Key=f"{parts.path.strip('/')}/{name}", Body=content)

    return write


@pytest.fixture
def victim(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BucketStore:
    """The workspace seen from a machine that has no copy of anything."""
    publish(BucketStore(address, open_objects(address)), KEY)
    publish(BucketStore(address, open_objects(address)), OTHER)
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "victim"))
    return BucketStore(address, open_objects(address))


def publish(store: Store, key: str) -> None:
    with store.staging() as folder:
        (folder / "file").write_bytes(b"content")
        record = Record(
            family="Fit",
            module="fit",
            unique_id=key[-32:],
            parameters={},
            requires=(),
            seconds=1.0,
            versions={},
            files=digest_files(folder),
        )
        write_record(folder, record)
        store.publish(folder, key)


def all_files(folder: Path) -> set[Path]:
    return {file for file in folder.rglob("*") if file.is_file()}


def read_marker(store: BucketStore, key: str) -> dict:
    return json.loads(store.objects.read(f"published/{key.removeprefix('cache/')}.json") or b"")


def write_marker(store: BucketStore, key: str, marker: object) -> None:
    store.objects.write(f"published/{key.removeprefix('cache/')}.json", json.dumps(marker).encode())


@pytest.mark.parametrize("outside", ["absolute", "../../../outside.py", "a/../../outside.py"])
def test_a_marker_that_names_a_file_outside_writes_nothing(
    victim: BucketStore, forge: Forge, tmp_path: Path, outside: str
) -> None:
    target = str(tmp_path / "outside.py") if outside == "absolute" else outside
    marker = read_marker(victim, KEY)
    marker["files"][target] = 7
    write_marker(victim, KEY, marker)
    forge(f"{marker['place']}/{target}", b"evil = 1")
    before = all_files(tmp_path)
    with pytest.raises(CorruptedOutput, match=r"damaged or forged.*computed anew"):
        FolderTarget(victim, KEY).load()
    assert all_files(tmp_path) == before


@pytest.mark.parametrize(
    "place", ["/etc", "../../outside", f"{KEY}/../../..", OTHER, f"{KEY}/", f"{KEY}/x", f"{KEY}/{'0' * 12}/..", "runs"]
)
def test_a_marker_that_names_another_place_is_refused(victim: BucketStore, place: str) -> None:
    write_marker(victim, KEY, {**read_marker(victim, KEY), "place": place})
    with pytest.raises(CorruptedOutput, match="damaged or forged"):
        victim.fetch(KEY)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"1", b"null", b'{"place":1,"files":2}', b"\xff", b"[" * 100_000]
)
def test_a_damaged_marker_is_told_in_one_sentence(victim: BucketStore, forge: Forge, content: bytes) -> None:
    forge(f"published/Fit/{'0a' * 16}.json", content)
    with pytest.raises(CorruptedOutput, match="damaged or forged"):
        FolderTarget(victim, KEY).load()


def test_a_forged_marker_harms_no_other_output_and_can_be_repaired(victim: BucketStore) -> None:
    write_marker(victim, KEY, {"place": "runs/beer", "files": {"run.json": 3}})
    victim.objects.write("runs/beer/run.json", b"run")
    assert victim.find_published([KEY, OTHER]) == {KEY, OTHER}
    assert [record.unique_id for record in parse_records(victim.read_records("Fit"))] == ["0b" * 16]
    victim.remove(KEY)
    assert victim.find_published([KEY, OTHER]) == {OTHER}
    assert victim.objects.read("runs/beer/run.json") == b"run"
    publish(victim, KEY)
    assert FolderTarget(victim, KEY).load().is_dir()


def test_a_forged_note_of_an_upload_deletes_nothing(victim: BucketStore, forge: Forge) -> None:
    victim.objects.write("runs/beer/run.json", b"run")
    for number, key in enumerate(["runs", "", "..", "/", "cache/Fit/../../runs", "\xff"]):
        forge(f"uploads/1-{number:012}", key.encode("latin-1"))
    for note in ("uploads/1-beer", "uploads/x", "uploads/a-b-c", "uploads/99999999999999999999-000000000000"):
        forge(note, b"runs")
    victim.sweep()
    assert victim.objects.read("runs/beer/run.json") == b"run"
    assert victim.find_published([KEY, OTHER]) == {KEY, OTHER}


def test_a_listing_leaves_out_names_that_lead_out(
    victim: BucketStore, forge: Forge, capsys: pytest.CaptureFixture[str]
) -> None:
    forge("runs/beer/run.json", b"{}")
    forge("runs/beer/../../x.py", b"evil = 1")
    assert list(victim.objects.list("runs/")) == ["runs/beer/run.json"]
    assert "'runs/beer/../../x.py'" in capsys.readouterr().err


@pytest.mark.parametrize("name", FORGED)
def test_no_storage_reads_or_writes_a_name_that_leads_out(any_workspace: str, tmp_path: Path, name: str) -> None:
    objects = open_objects(any_workspace)
    for call in (
        lambda: objects.read(name),
        lambda: objects.download(name, tmp_path / "file"),
        lambda: objects.write(name, b"x"),
        lambda: objects.write(name, b"x", only_if_absent=True),
        lambda: objects.delete([name]),
    ):
        with pytest.raises(ForgedName):
            call()
    assert not (tmp_path / "x").exists()


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A workspace with links to a folder outside, which holds a file."""
    workspace, outside = tmp_path / "workspace", tmp_path / "outside"
    for folder in (workspace / "runs", outside / "0a"):
        folder.mkdir(parents=True)
    (outside / "0a" / "secret").write_text("secret")
    (workspace / "runs" / "file").symlink_to(outside / "0a" / "secret")
    (workspace / "runs" / "folder").symlink_to(outside)
    (workspace / "cache").symlink_to(outside)
    (workspace / ".partial").symlink_to(outside)
    return workspace


def test_a_folder_s_links_are_not_followed_out_of_it(linked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    objects = FolderObjects(linked)
    assert objects.list("runs/") == {}
    assert "link that leads out" in capsys.readouterr().err
    for name in ("runs/file", "runs/folder/0a/secret", "runs/folder/new"):
        with pytest.raises(ForgedName, match="link"):
            objects.read(name)
        with pytest.raises(ForgedName, match="link"):
            objects.write(name, b"x")
        with pytest.raises(ForgedName, match="link"):
            objects.delete([name])
    assert os.listdir(linked.parent / "outside" / "0a") == ["secret"]


def test_a_store_s_links_are_not_followed_out_of_it(linked: Path) -> None:
    store = LocalStore(linked)
    for call in (
        lambda: store.fetch("cache/0a"),
        lambda: store.remove("cache/0a"),
        lambda: store.find_published(["cache/0a"]),
        lambda: list(store.read_records("0a")),
        store.sweep,
        lambda: store.staging().__enter__(),
    ):
        with pytest.raises(ForgedName, match="link"):
            call()
    assert (linked.parent / "outside" / "0a" / "secret").read_text() == "secret"


def test_a_record_names_only_files_of_its_own_folder(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "workspace")
    publish(store, KEY)
    folder = tmp_path / "workspace" / KEY
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    for name in (str(tmp_path / "secret"), "../../../../secret", "link"):
        record = json.loads((folder / "task.json").read_text())
        record["files"] = {name: {"n_bytes": 6, "sha256": "0" * 64}}
        (folder / "task.json").write_text(json.dumps(record))
        with pytest.raises(CorruptedOutput, match="which is not in the folder"):
            verify(folder, KEY[-32:])


@pytest.mark.parametrize("text", ["", "[]", "1", "null", "{}", '{"family":1}', "[" * 100_000])
def test_a_damaged_record_is_told_by_who_reads_it_and_passed_over_by_others(tmp_path: Path, text: str) -> None:
    store = LocalStore(tmp_path)
    publish(store, KEY)
    publish(store, OTHER)
    (tmp_path / KEY / "task.json").write_text(text)
    with pytest.raises(CorruptedOutput, match="missing or unreadable"):
        verify(tmp_path / KEY, KEY[-32:])
    assert [record.unique_id for record in parse_records(store.read_records("Fit"))] == ["0b" * 16]


def test_a_workspace_that_is_a_link_works(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "workspace").symlink_to("disk")
    store = LocalStore(tmp_path / "workspace")
    publish(store, KEY)
    verify(store.fetch(KEY) or tmp_path, KEY[-32:])
    store.objects.write("runs/a/run.json", b"{}")
    assert store.objects.list("runs/") == {"runs/a/run.json": 2}
    store.sweep()
    store.remove(KEY)
    assert store.find_published([KEY]) == set()


@pytest.mark.timeout(20)
def test_a_pipe_in_a_workspace_is_not_waited_for(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    objects.write("runs/sound/run.json", b"{}")
    os.mkfifo(tmp_path / "runs/pipe")
    assert list(objects.list("runs/")) == ["runs/sound/run.json"]
    with pytest.raises(ForgedName, match="no file and no folder"):
        objects.read("runs/pipe")


@pytest.mark.timeout(20)
def test_a_pipe_in_the_place_of_a_record_is_damage(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "task.json")
    with pytest.raises(CorruptedOutput, match="missing or unreadable"):
        verify(tmp_path, "0a" * 16)


def test_a_file_of_absurd_size_is_read_in_part(tmp_path: Path) -> None:
    with (tmp_path / "run.json").open("wb") as file:
        file.truncate(1 << 40)  # a hole, that takes no room
    assert len(FolderObjects(tmp_path).read("run.json") or b"") == MAX_READ_BYTES


def test_an_object_of_absurd_size_is_read_in_part(address: str, forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yule.storage.objects.s3.MAX_READ_BYTES", 5)
    forge("run.json", b"1234567")
    forge("other.json", b"12345")
    objects = open_objects(address)
    assert [objects.read("run.json"), objects.read("run.json", start=5)] == [b"12345", b"67"]
    assert objects.read("other.json") == b"12345"
