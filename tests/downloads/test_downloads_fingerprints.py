"""Facts about fingerprints of data."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from downloads_toys import EVENTS, events, write_parquet

from yule.core.errors import DataError
from yule.downloads.keeping.fingerprints import CACHE
from yule.downloads.settings import FilesSource, Method
from yule.downloads.sources.engines import open_source


def version(folder: Path, *, method: Method = EVENTS, cache: Path | None = None) -> str:
    return open_source(FilesSource(path=str(folder)), cache_folder=cache).data_version(method)


def test_the_version_changes_with_the_content(tmp_path: Path) -> None:
    write_parquet(events(), tmp_path)
    before = version(tmp_path, cache=tmp_path / "cache")
    write_parquet(events(n=[1, 2, 4]), tmp_path)
    assert version(tmp_path, cache=tmp_path / "cache") != before


def test_the_version_changes_when_a_file_is_added_or_renamed(tmp_path: Path) -> None:
    write_parquet(events(), tmp_path, "events.1")
    versions = {version(tmp_path)}
    write_parquet(events(), tmp_path, "events.2")
    versions.add(version(tmp_path))
    (tmp_path / "events.2").rename(tmp_path / "events.3")
    versions.add(version(tmp_path))
    assert len(versions) == 3


def test_the_version_knows_neither_the_time_of_change_nor_the_place(tmp_path: Path) -> None:
    places = [tmp_path / "here", tmp_path / "there"]
    for number, place in enumerate(places):
        place.mkdir()
        write_parquet(events(), place)
        os.utime(place / "events.parquet", (number, number))
    assert version(places[0]) == version(places[1])


def test_digests_are_remembered(tmp_path: Path) -> None:
    write_parquet(events(), tmp_path)
    cache = tmp_path / "cache"
    before = version(tmp_path, cache=cache)
    known = json.loads((cache / CACHE).read_text())
    (cache / CACHE).write_text(json.dumps(dict.fromkeys(known, "0" * 64)))
    assert version(tmp_path, cache=cache) != before


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"a": 1}', "null", "\x00"])
def test_a_damaged_memory_is_ignored_and_written_anew(tmp_path: Path, damaged: str) -> None:
    write_parquet(events(), tmp_path)
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / CACHE).write_text(damaged)
    assert version(tmp_path, cache=cache) == version(tmp_path)
    assert len(json.loads((cache / CACHE).read_text())) >= 1


def test_a_memory_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    write_parquet(events(), tmp_path)
    (tmp_path / "cache").write_text("a file, not a folder")
    assert version(tmp_path, cache=tmp_path / "cache") == version(tmp_path)


def test_a_memory_that_is_a_link_or_a_pipe_does_no_harm(tmp_path: Path) -> None:
    write_parquet(events(), tmp_path)
    cache = tmp_path / "cache"
    version(tmp_path, cache=cache)
    known = json.loads((cache / CACHE).read_text())
    (tmp_path / "outside").write_text(json.dumps(dict.fromkeys(known, "0" * 64)))
    (cache / CACHE).unlink()
    (cache / CACHE).symlink_to("../outside")
    assert version(tmp_path, cache=cache) == version(tmp_path)
    (cache / CACHE).unlink()
    os.mkfifo(cache / CACHE)
    assert version(tmp_path, cache=cache) == version(tmp_path)


def test_a_table_without_files_is_refused_with_the_folder_and_the_pattern(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"downloads/events.yaml: there is no file none/\*.csv in {tmp_path}"):
        version(tmp_path, method=replace(EVENTS, table="none/*.csv"))


def test_an_empty_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "events.csv").touch()
    with pytest.raises(DataError, match=r"downloads/events.yaml: .*events.csv is empty"):
        version(tmp_path)


def test_a_second_name_of_a_file_changes_nothing(tmp_path: Path) -> None:
    write_parquet(events(), tmp_path)
    once = version(tmp_path)
    (tmp_path / "events.linked.parquet").symlink_to(tmp_path / "events.parquet")
    assert version(tmp_path) == once


def test_what_was_known_of_files_that_changed_or_are_gone_is_forgotten(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for number in range(3):
        write_parquet(events(n=[1, 2, number]), tmp_path)
        version(tmp_path, cache=cache)
    write_parquet(events(), tmp_path, "other.parquet")
    known = json.loads((cache / CACHE).read_text())
    elsewhere = "/on/another/machine.parquet|1|1"
    (cache / CACHE).write_text(json.dumps(known | {elsewhere: "0" * 64, f"{tmp_path}/deleted.parquet|1|1": "0" * 64}))
    write_parquet(events(n=[7, 8, 9]), tmp_path)
    version(tmp_path, cache=cache)
    left = json.loads((cache / CACHE).read_text())
    assert {key.split("|")[0] for key in left} == {str(tmp_path / "events.parquet"), "/on/another/machine.parquet"}
