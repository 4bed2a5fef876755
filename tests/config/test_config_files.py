"""Files that people keep, when they cannot be written."""

import errno
import os
import shutil
import sys
from pathlib import Path

import pytest

from yule.config.scaffold import write_project
from yule.core.files import write_whole

sys.path.insert(0, str(Path(__file__).parents[1] / "faults" / "injector"))
from injecting import Injector, install


@pytest.fixture
def refuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Injector:
    """Refuses what this process writes below the test's folder, once it is given a number."""
    for name in ("write", "fsync", "rename", "replace", "mkdir", "sendfile", "link", "open"):
        monkeypatch.setattr(os, name, getattr(os, name))  # given back afterwards
    monkeypatch.setattr("io.open", open)
    monkeypatch.setattr("builtins.open", open)
    injector = Injector(10**9, errno.ENOSPC, is_lasting=True, root=str(tmp_path / "place"), log=str(tmp_path / "log"))
    install(injector)
    return injector


def test_a_project_that_cannot_be_written_whole_leaves_nothing(tmp_path: Path, refuse: Injector) -> None:
    (tmp_path / "place").mkdir()
    folder = tmp_path / "place" / "shop"
    refuse.n_calls = 0
    write_project(folder, "shop")
    n_calls = refuse.n_calls
    whole = {file.name for file in folder.rglob("*")}
    for number in range(1, n_calls + 1):
        shutil.rmtree(folder, ignore_errors=True)
        refuse.n_calls, refuse.number = 0, number
        with pytest.raises(OSError, match="No space left"):
            write_project(folder, "shop")
        assert not folder.exists(), number
    refuse.number = 10**9
    write_project(folder, "shop")
    assert {file.name for file in folder.rglob("*")} == whole


def test_what_is_there_stays_when_it_cannot_be_replaced(tmp_path: Path, refuse: Injector) -> None:
    file, source = tmp_path / "place" / "case.yaml", tmp_path / "list.csv"
    file.parent.mkdir()
    file.write_text("version: 1\n")
    source.write_text("u1\n")
    refuse.n_calls = 0
    write_whole(file, "version: 1\n")
    for number in range(1, refuse.n_calls + 1):
        for content in ("version: 2\n", source):
            refuse.n_calls, refuse.number = 0, number
            with pytest.raises(OSError, match="No space left"):
                write_whole(file, content)
            assert file.read_text() == "version: 1\n"
            assert list(file.parent.iterdir()) == [file]


def test_a_link_is_written_through_and_a_device_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "target").chmod(0o640)
    (tmp_path / "link").symlink_to("target")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o640
    write_whole(Path(os.devnull), "gone")
    assert not Path(os.devnull).is_file()
