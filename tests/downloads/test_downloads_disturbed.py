"""Files that are written to, replaced or deleted while they are read."""

import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from downloads_toys import EVENTS, events, utc, write_csv, write_parquet

from yule.core.errors import DataError
from yule.downloads.settings import Days, FilesSource, Method
from yule.downloads.sources.engines import open_source
from yule.downloads.sources.files.writing import find_disturbed, note_states
from yule.downloads.specs import Query

PARQUET = replace(EVENTS, table="*.parquet", days=Days(since=date(2024, 1, 1)))
TEXT = replace(PARQUET, table="*.csv")


def read_and_meanwhile(folder: Path, method: Method, do: str, *, is_by_day: bool) -> pa.Table:
    """Read a table; something is done to its files once the first rows have come."""
    query = Query(
        method=method,
        columns=tuple(column.name for column in method.columns),
        since=utc(2024, 1, 1) if is_by_day else None,
        until=utc(2024, 1, 4) if is_by_day else None,
    )
    reader = open_source(FilesSource(path=str(folder)), cache_folder=None).read(query, n_threads=1)
    batches = [reader.read_next_batch()]
    _do(folder, do)
    return pa.Table.from_batches([*batches, *reader])


def _do(folder: Path, what: str) -> None:
    match what:
        case "replace":
            write_parquet(events(n=[7, 8, 9]), folder, "new")
            os.replace(folder / "new", folder / "part-2.parquet")
        case "delete":
            (folder / "part-2.parquet").unlink()
        case "write another day":
            later = [datetime(2024, 3, day) for day in (1, 2, 3)]
            write_parquet(events(at=later), folder, "part-2.parquet")
        case "add lines":
            with (folder / "part-2.csv").open("a", encoding="utf-8") as stream:
                stream.write("z,2024-03-01 00:00:00,tea,1.0,4\n")
        case "write anew":
            write_csv(events(product=["x", "y", "z"]).slice(0, 2), folder, "part-2.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a table in two files, of each kind."""
    for name in ("part-1.parquet", "part-2.parquet"):
        write_parquet(events(), tmp_path, name)
    for name in ("part-1.csv", "part-2.csv"):
        write_csv(events(), tmp_path, name)
    return tmp_path


@pytest.mark.parametrize("is_by_day", [False, True])
@pytest.mark.parametrize(("method", "what"), [(PARQUET, "replace"), (PARQUET, "delete"), (TEXT, "write anew")])
def test_files_that_change_while_they_are_read_are_refused(
    folder: Path, method: Method, what: str, is_by_day: bool
) -> None:
    with pytest.raises(DataError, match="was written to, replaced or deleted while it was read"):
        read_and_meanwhile(folder, method, what, is_by_day=is_by_day)


@pytest.mark.parametrize(("method", "what"), [(PARQUET, "write another day"), (TEXT, "add lines")])
def test_days_that_are_over_are_read_while_later_ones_are_written(folder: Path, method: Method, what: str) -> None:
    assert read_and_meanwhile(folder, method, what, is_by_day=True).num_rows == 6


def test_a_whole_table_that_grows_while_it_is_read_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="Nothing is kept of what was read"):
        read_and_meanwhile(folder, TEXT, "add lines", is_by_day=False)


@pytest.mark.parametrize("name", ["part.parquet", "part.pq", "PART.PARQUET"])
def test_parquet_that_grows_is_no_text_with_lines_added(tmp_path: Path, name: str) -> None:
    write_parquet(events(), tmp_path, name)
    before = note_states([tmp_path / name])
    write_parquet(pa.concat_tables([events()] * 50), tmp_path, name)
    assert find_disturbed(before, "at", [date(2024, 1, 1)]) == [tmp_path / name]
