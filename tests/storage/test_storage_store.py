import os
import subprocess
import sys
from pathlib import Path

import pytest

from yule.core.errors import WorkspaceError
from yule.storage.objects.folder import PARTIAL
from yule.storage.store import LocalStore


def _publish(store: LocalStore, key: str, text: str) -> bool:
    with store.staging() as folder:
        (folder / "data.txt").write_text(text)
        return store.publish(folder, key)


def test_what_is_published_can_be_fetched(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert store.fetch("cache/A/1") is None
    assert _publish(store, "cache/A/1", "beer")
    assert (tmp_path / "cache/A/1/data.txt").read_text() == "beer"
    assert store.fetch("cache/A/1") == tmp_path / "cache/A/1"


def test_the_first_to_publish_wins(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    assert _publish(store, "cache/A/1", "first")
    assert not _publish(store, "cache/A/1", "second")
    assert (tmp_path / "cache/A/1/data.txt").read_text() == "first"


def test_nothing_half_written_stays_after_a_failure(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with pytest.raises(IsADirectoryError), store.staging() as folder:
        folder.write_text("a folder cannot be written like a file")
    assert not list((tmp_path / PARTIAL).iterdir())


def test_removing_makes_a_key_unpublished(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    _publish(store, "cache/A/1", "beer")
    store.remove("cache/A/1")
    store.remove("cache/A/1")
    assert store.fetch("cache/A/1") is None
    assert not list((tmp_path / PARTIAL).iterdir())


def test_sweeping_deletes_only_what_dead_processes_left(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from yule.storage.store import LocalStore;"
        "s = LocalStore(pathlib.Path(sys.argv[1])).staging(); s.__enter__(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    store = LocalStore(tmp_path)
    assert len(list((tmp_path / PARTIAL).iterdir())) == 1
    with store.staging() as mine:
        store.sweep()
        assert list((tmp_path / PARTIAL).iterdir()) == [mine.parent]


def test_a_workspace_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("not a folder")
    with pytest.raises(WorkspaceError, match="cannot be written: Not a directory"):
        LocalStore(place).check_writable()


def test_tables_given_and_curves_of_earlier_versions_are_swept_after_a_week(tmp_path: Path) -> None:
    for name in ("tables/old.parquet", "tables/new.parquet", "tensorboard/run-1/events"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        if "new" not in name:
            os.utime(file, (1e9, 1e9))
            os.utime(file.parent, (1e9, 1e9))
    LocalStore(tmp_path).sweep()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["new.parquet"]


def test_a_file_that_was_half_written_is_swept_after_a_day(tmp_path: Path) -> None:
    half = tmp_path / PARTIAL / "0123"
    half.parent.mkdir()
    half.touch()
    LocalStore(tmp_path).sweep()
    assert half.exists()
    os.utime(half, (1e9, 1e9))
    LocalStore(tmp_path).sweep()
    assert not half.exists()


@pytest.mark.parametrize("way", ["cache", "cache/A", "cache/A/1", PARTIAL])
def test_a_file_where_a_folder_belongs_is_moved_aside(tmp_path: Path, way: str) -> None:
    (tmp_path / way).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / way).write_text("somebody's")
    assert _publish(LocalStore(tmp_path), "cache/A/1", "beer")
    assert (tmp_path / "cache/A/1/data.txt").read_text() == "beer"
    (aside,) = list(tmp_path.rglob("*.aside-*"))
    assert aside.read_text() == "somebody's"


def test_a_folder_where_a_file_belongs_is_moved_aside(tmp_path: Path) -> None:
    (tmp_path / "runs/a-1/run.json/odd").mkdir(parents=True)
    objects = LocalStore(tmp_path).objects
    assert objects.read("runs/a-1/run.json") is None
    objects.write("runs/a-1/run.json", b"{}")
    assert objects.read("runs/a-1/run.json") == b"{}"
