"""Arrays are packed in a bucket and nowhere else."""

from pathlib import Path

import numpy as np
import pytest
from buckets import new_prefix
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import CorruptedOutput
from yule.storage.bucket import BucketStore
from yule.storage.objects.opening import open_objects
from yule.storage.packing import pack_file, unpack_file

KEY = "cache/StackFeatures/0a"


@pytest.fixture
def address(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("YULE_CACHE", str(tmp_path / "machine"))
    return new_prefix(s3)


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """Features as they are: counts, most of them 0."""
    np.save(tmp_path / "counts.npy", np.random.default_rng(0).poisson(0.2, (5_000, 20)).astype(np.float32))
    return tmp_path / "counts.npy"


def publish(address: str, content: bytes) -> BucketStore:
    store = BucketStore(address, open_objects(address))
    with store.staging() as folder:
        (folder / "model").mkdir()
        (folder / "model" / "counts.npy").write_bytes(content)
        (folder / "names.json").write_bytes(b"{}")
        assert store.publish(folder, KEY)
    return store


def open_elsewhere(address: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> BucketStore:
    monkeypatch.setenv("YULE_CACHE", str(folder))
    return BucketStore(address, open_objects(address))


@settings(max_examples=20, deadline=None)
@given(content=st.binary(max_size=2_000))
def test_what_is_unpacked_is_what_was_packed(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("packing")
    (folder / "file").write_bytes(content)
    pack_file(folder / "file", folder / "packed")
    unpack_file(folder / "packed", folder / "back", n_bytes=len(content))
    assert (folder / "back").read_bytes() == content


def test_the_same_bytes_are_packed_alike(counts: Path, tmp_path: Path) -> None:
    pack_file(counts, tmp_path / "a")
    pack_file(counts, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_array_lies_packed_in_a_bucket(address: str, counts: Path) -> None:
    store = publish(address, counts.read_bytes())
    sizes = {name.rsplit("/", 1)[1]: size for name, size in store.objects.list(KEY).items()}
    assert sizes["counts.npy.zst"] < counts.stat().st_size / 5
    assert sizes["names.json"] == 2


def test_another_machine_maps_a_copy_that_is_not_packed(
    address: str, counts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(address, counts.read_bytes())
    folder = open_elsewhere(address, tmp_path / "another", monkeypatch).fetch(KEY)
    assert folder is not None
    mapped = np.load(folder / "model" / "counts.npy", mmap_mode="r")
    assert np.array_equal(mapped, np.load(counts))


def test_a_packed_output_has_the_sizes_that_it_unpacks_to(address: str, counts: Path) -> None:
    sizes = publish(address, counts.read_bytes()).measure_files(KEY)
    assert sizes == {"model/counts.npy": counts.stat().st_size, "names.json": 2}


def test_a_packed_output_is_removed_whole(address: str, counts: Path) -> None:
    store = publish(address, counts.read_bytes())
    store.remove(KEY)
    assert not store.objects.list("cache/")


@pytest.mark.parametrize("damage", [b"", b"no array", None])
def test_a_packed_array_that_is_damaged_is_told(
    damage: bytes | None, address: str, counts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = publish(address, counts.read_bytes())
    (name,) = (name for name in store.objects.list(KEY) if name.endswith(".zst"))
    whole = store.objects.read(name)
    assert whole is not None
    store.objects.write(name, whole[: len(whole) // 2] if damage is None else damage)
    with pytest.raises(CorruptedOutput, match=r"counts\.npy"):
        open_elsewhere(address, tmp_path / "another", monkeypatch).fetch(KEY)


def test_a_few_bytes_that_unpack_to_many_do_not_fill_the_disk(tmp_path: Path) -> None:
    (tmp_path / "zeros").write_bytes(bytes(20_000_000))
    pack_file(tmp_path / "zeros", tmp_path / "packed")
    with pytest.raises(CorruptedOutput, match="does not unpack to 1000 bytes"):
        unpack_file(tmp_path / "packed", tmp_path / "back", n_bytes=1_000)
    assert (tmp_path / "back").stat().st_size <= 1_000
