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
        assert list((tmp_path / PARTIAL).iterdir()) == [mine]


def test_a_workspace_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("not a folder")
    with pytest.raises(WorkspaceError, match="cannot be written: Not a directory"):
        LocalStore(place).check_writable()
