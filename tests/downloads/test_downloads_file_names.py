"""Facts about which files a table is: each once, none that is not meant, none left out in silence."""

import gzip
import os
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from downloads_toys import fetch

from yule.core.errors import DataError
from yule.downloads.settings import Column, FilesSource, Method
from yule.downloads.sources.files.source import FilesInFolder

LOG = Method(name="log", source="s", table="log", user="u", columns=(Column(name="u", type="string"),))


def put(folder: Path, name: str, user: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({"u": [user]})
    if name.lower().endswith(("parquet", "pq")):
        pq.write_table(table, file)
    else:
        file.write_text(f"u\n{user}\n")


def users(folder: Path, table: str = "log") -> list[str]:
    found: list[str] = fetch(folder, replace(LOG, table=table))["u"].to_pylist()
    return found


def refusal(folder: Path, table: str = "log") -> str:
    with pytest.raises(DataError) as caught:
        users(folder, table)
    return str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "log/_temporary/0/part.parquet", "log/.part.parquet",
        "log/.hidden/part.parquet", "log/_SUCCESS", "log/.part.crc",
        "log/_delta_log/0.parquet", "log/_metadata", "log/x/_committed.parquet", "log/notes.md", "logs/b.parquet",
    ],
)  # fmt: skip
def test_what_is_not_meant_for_readers_is_left_aside(tmp_path: Path, name: str) -> None:
    put(tmp_path, "log/a.parquet", "a")
    put(tmp_path, name, "b")
    assert users(tmp_path) == ["a"]
    assert users(tmp_path, "log/**/*.parquet") == ["a"]


def test_a_pattern_that_names_a_hidden_file_reads_it(tmp_path: Path) -> None:
    put(tmp_path, "log/_raw/a.parquet", "a")
    put(tmp_path, "log/_raw/_b.parquet", "b")
    assert users(tmp_path, "log/_raw/*.parquet") == ["a"]
    assert users(tmp_path, "log/_raw/_*.parquet") == ["b"]


@pytest.mark.parametrize(
    "name",
    ["log.parquet", "log.pq", "log.PARQUET", "log.csv", "log.CSV", "log.tsv", "log.txt", "log/x/y.csv", "log/a.Csv"],
)
def test_the_suffixes_of_tables_are_known(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "a")
    assert users(tmp_path) == ["a"]


def test_a_parquet_file_that_is_called_packed_is_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"u": ["a"]}), tmp_path / "log.parquet.gz", compression="gzip")
    assert users(tmp_path) == ["a"]
    (tmp_path / "log.parquet.gz").write_bytes(gzip.compress((tmp_path / "log.parquet.gz").read_bytes()))
    assert "log.parquet.gz is packed with gzip, whatever its name says" in refusal(tmp_path)


def test_a_file_by_two_names_is_read_once(tmp_path: Path) -> None:
    put(tmp_path, "log/a.parquet", "a")
    put(tmp_path, "log/b.parquet", "b")
    (tmp_path / "log" / "latest.parquet").symlink_to("b.parquet")
    os.link(tmp_path / "log" / "a.parquet", tmp_path / "log" / "again.parquet")
    (tmp_path / "log" / "loop").symlink_to(tmp_path / "log")
    assert users(tmp_path) == ["a", "b"]


def test_a_folder_that_is_a_link_is_read(tmp_path: Path) -> None:
    put(tmp_path, "log/a.parquet", "a")
    put(tmp_path, "elsewhere/b.parquet", "b")
    (tmp_path / "log" / "more").symlink_to(tmp_path / "elsewhere")
    assert users(tmp_path) == ["a", "b"]


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "log/a.parquet", "a")
    (tmp_path / "log" / "b.parquet").symlink_to("gone.parquet")
    assert "log/b.parquet is a link to what is not there" in refusal(tmp_path)


@pytest.mark.parametrize("table", ["log", "log/*"])
def test_files_of_two_kinds_may_be_copies_and_are_refused(tmp_path: Path, table: str) -> None:
    put(tmp_path, "log/a.csv", "a")
    put(tmp_path, "log/a.parquet", "a")
    assert "log/a.parquet and log/a.csv are of several kinds, and one may be a copy" in refusal(tmp_path, table)
    assert users(tmp_path, "log/*.csv") == ["a"]


def test_files_of_a_folder_that_hold_the_same_are_found(tmp_path: Path) -> None:
    for name in ("log/1.csv", "log/1 (1).csv", "log/2.csv", "log/day=2/1.csv"):
        put(tmp_path, name, "b" if name == "log/2.csv" else "a")
    source = FilesInFolder(FilesSource(path=str(tmp_path)), cache_folder=None)
    assert source.find_copies(LOG) == [("log/1 (1).csv", "log/1.csv")]


def test_a_file_and_the_same_packed_are_copies_and_refused(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "1.csv").write_text("u,x\na,1\n")
    (tmp_path / "log" / "1.csv.gz").write_bytes(gzip.compress(b"u,x\na,1\n"))
    with pytest.raises(DataError, match=r"log/1\.csv\.gz may be a copy of log/1\.csv\. Remove one of them\."):
        users(tmp_path)


@pytest.mark.parametrize("other", ["log.csv", "log/b.parquet", "log.tsv", "log.csv.gz"])
def test_a_name_that_stands_for_several_tables_is_refused(tmp_path: Path, other: str) -> None:
    put(tmp_path, "log.parquet", "a")
    put(tmp_path, other, "b")
    assert "the table log may be " in refusal(tmp_path)


def test_columns_are_read_out_of_the_names_of_folders(tmp_path: Path) -> None:
    for folder, user in {"day=2024-01-01/part=007": "a", "day=2024-01-02/part=a%20b": "b"}.items():
        put(tmp_path, f"log/{folder}/x.parquet", user)
    put(tmp_path, "log/day=2024-01-03/part=__HIVE_DEFAULT_PARTITION__/x.parquet", "c")
    columns = (*LOG.columns, Column(name="day", type="date"), Column(name="part", type="string"))
    rows = fetch(tmp_path, replace(LOG, columns=columns)).to_pylist()
    assert [(str(row["day"]), row["part"]) for row in rows] == [
        ("2024-01-01", "007"), ("2024-01-02", "a b"), ("2024-01-03", None),
    ]  # fmt: skip


def test_a_folder_whose_name_begins_with_an_underscore_may_be_a_column(tmp_path: Path) -> None:
    put(tmp_path, "log/_day=1/x.csv", "a")
    assert users(tmp_path) == ["a"]


def test_a_column_of_folders_that_one_file_lacks_is_told(tmp_path: Path) -> None:
    put(tmp_path, "log/day=2024-01-01/x.parquet", "a")
    put(tmp_path, "log/y.parquet", "b")
    with pytest.raises(DataError, match=r"there is no column 'day', only u \(log/y\.parquet\)"):
        fetch(tmp_path, replace(LOG, columns=(*LOG.columns, Column(name="day", type="date"))))


def test_a_place_that_is_no_table_is_told(tmp_path: Path) -> None:
    put(tmp_path, "log.dat", "a")
    assert "log.dat is neither CSV nor Parquet by its name" in refusal(tmp_path, "log.dat")


def test_the_rows_of_each_file_are_counted(tmp_path: Path) -> None:
    put(tmp_path, "log/a.csv", "a")
    (tmp_path / "log" / "b.csv").write_text("u;v\n1;2\n3;4\n")
    (tmp_path / "log" / "c.csv").write_text("u\n")
    source = FilesInFolder(FilesSource(path=str(tmp_path)), cache_folder=None)
    assert source.count_rows(LOG) == {"log/a.csv": 1, "log/b.csv": 2, "log/c.csv": 0}
