"""Facts about downloads: what is written, and what is refused at the door."""

import math
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from downloads_toys import COLUMNS, EVENTS, USERS, events, fetch, fetch_file, utc, write_csv, write_parquet
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.downloads.settings import Column, Method


def refusal(folder: Path, method: Method = EVENTS) -> str:
    with pytest.raises(DataError) as caught:
        fetch(folder, method)
    message = str(caught.value)
    assert message.startswith(f"downloads/{method.name}.yaml: ")
    return message


def test_rows_are_sorted_by_user_and_time(tmp_path: Path) -> None:
    write_parquet(events(), tmp_path)
    table = fetch(tmp_path)
    assert table.schema.names == ["user", "at", "product", "price", "n"]
    assert table["user"].to_pylist() == ["a", "a", "b"]
    assert table["at"].to_pylist() == [utc(2024, 1, 1), utc(2024, 1, 2), utc(2024, 1, 3, 12)]


def test_parquet_and_csv_give_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / "parquet", tmp_path / "csv"]
    for folder, write in zip(folders, (write_parquet, write_csv), strict=True):
        folder.mkdir()
        write(events(), folder)
    assert fetch_file(folders[0]).read_bytes() == fetch_file(folders[1]).read_bytes()


def test_several_files_are_one_table(tmp_path: Path) -> None:
    write_csv(events().slice(0, 1), tmp_path, "events.1.csv")
    write_csv(events().slice(1).select(["n", "price", "product", "at", "user"]), tmp_path, "events.2.csv")
    parts = fetch(tmp_path)
    whole = tmp_path / "whole"
    whole.mkdir()
    write_csv(events(), whole)
    assert parts == fetch(whole)


def test_columns_that_are_not_declared_are_left_behind(tmp_path: Path) -> None:
    write_parquet(events(secret=["x", "y", "z"]), tmp_path)
    assert "secret" not in fetch(tmp_path).schema.names


def test_naive_timestamps_are_utc_and_others_are_converted(tmp_path: Path) -> None:
    tokyo = timezone(timedelta(hours=9))
    naive, zoned = [tmp_path / "naive", tmp_path / "zoned"]
    for folder, zone in ((naive, None), (zoned, tokyo)):
        folder.mkdir()
        write_parquet(events(at=[datetime(2024, 1, 3, 9, tzinfo=zone)] * 3), folder)
    assert fetch(naive)["at"].to_pylist()[0] == utc(2024, 1, 3, 9)
    assert fetch(zoned)["at"].to_pylist()[0] == utc(2024, 1, 3)


def test_nanoseconds_become_microseconds(tmp_path: Path) -> None:
    times = pa.array([1_704_067_200_000_001_000] * 3, pa.timestamp("ns"))
    write_parquet(events().set_column(1, "at", times), tmp_path)
    table = fetch(tmp_path)
    assert table.schema.field("at").type == pa.timestamp("us", tz="UTC")
    assert table["at"].to_pylist()[0] == utc(2024, 1, 1).replace(microsecond=1)


def test_integer_user_ids_become_text_and_sort_as_text(tmp_path: Path) -> None:
    write_parquet(events(user=[10, 9, 100]), tmp_path)
    declared = replace(EVENTS, columns=(Column(name="user", type="integer"), *COLUMNS[1:]))
    for method in (EVENTS, declared):
        assert fetch(tmp_path, method)["user"].to_pylist() == ["10", "100", "9"]


def test_nan_counts_as_missing_in_numbers_and_integers(tmp_path: Path) -> None:
    write_parquet(events(price=[math.nan, 1.0, math.nan], n=[math.nan, 1.0, 2.0]), tmp_path)
    table = fetch(tmp_path)
    assert (table["price"].null_count, table["n"].null_count) == (2, 1)


def test_every_type_is_read_from_text(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user,i,x,b,t,d\n7,3,0.5,true,2024-01-02 03:04:05,2024-02-03\n8,,,,,\n")
    kinds = {"i": "integer", "x": "number", "b": "boolean", "t": "timestamp", "d": "date"}
    columns = (COLUMNS[0], *(Column(name=name, type=kind) for name, kind in kinds.items()))  # type: ignore[arg-type]
    full, empty = fetch(tmp_path, replace(USERS, columns=columns)).to_pylist()
    expected = {"user": "7", "i": 3, "x": 0.5, "b": True, "t": utc(2024, 1, 2, 3, 4, 5), "d": date(2024, 2, 3)}
    assert full == expected
    assert empty == dict.fromkeys(expected) | {"user": "8"}


ROW = st.tuples(
    st.sampled_from(["a", "B", "é", "10", "9"]),
    st.integers(0, 3),
    st.sampled_from(["x", "", None]),
    st.sampled_from([0.0, -0.0, math.nan, None, 0.1, -5.0, 1e9]),
    st.sampled_from([None, 1, -(2**60)]),
)


@settings(deadline=None, max_examples=10)
@given(st.lists(ROW, min_size=1, max_size=12), st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_order_of_the_rows_and_the_threads_change_no_byte(
    rows: list[tuple[str, int, str | None, float | None, int | None]], random: Random, n_threads: int
) -> None:
    written = []
    for threads in (1, n_threads):
        with TemporaryDirectory() as name:
            users, days, products, prices, counts = (list(column) for column in zip(*rows, strict=True))
            table = events(
                user=users, at=[datetime(2024, 1, 1 + day) for day in days], product=products, price=prices, n=counts
            )
            pq.write_table(table, Path(name) / "events.parquet", row_group_size=len(rows) if threads == 1 else 2)
            written.append(fetch_file(Path(name), n_threads=threads).read_bytes())
        random.shuffle(rows)
    assert written[0] == written[1]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert f"there is no file events.* in {tmp_path}" in refusal(tmp_path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.csv").touch()
    assert "events.csv is empty" in refusal(tmp_path)


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("user,at,product,price,n\n")
    assert "there are no rows" in refusal(tmp_path)
    (tmp_path / "events.csv").unlink()
    write_parquet(events().slice(0, 0), tmp_path)
    assert "there are no rows" in refusal(tmp_path)


def test_missing_columns_are_all_named_with_what_was_meant(tmp_path: Path) -> None:
    write_parquet(events().rename_columns(["user", "at", "produkt", "Price", "n"]), tmp_path)
    message = refusal(tmp_path)
    assert "'product' (did you mean 'produkt'?)" in message
    assert "'price' (did you mean 'Price'?)" in message


@pytest.mark.parametrize("name", ["events.parquet", "events.csv"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\xff neither the one nor the other \x00" * 9)
    assert name in refusal(tmp_path)


def test_values_of_another_type_are_all_counted_with_an_example(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(
        "user,at,product,price,n\na,2024-01-01,x,cheap,1\nb,yesterday,x,1,1.5\nc,2024-01-01,x,dear,many\n"
    )
    message = refusal(tmp_path)
    assert "2 rows have no number in price, for example 'cheap'" in message
    assert "1 rows have no timestamp in at, for example 'yesterday'" in message
    assert "2 rows have no integer in n, for example '1.5'" in message


def test_missing_users_and_times_are_counted(tmp_path: Path) -> None:
    write_parquet(events(user=["a", None, ""], at=[None, None, datetime(2024, 1, 1)]), tmp_path)
    message = refusal(tmp_path)
    assert "2 rows have no user in user" in message
    assert "2 rows have no time in at" in message


def test_numbers_too_large_to_add_up_are_refused(tmp_path: Path) -> None:
    write_parquet(events(price=[math.inf, -math.inf, 1e25]), tmp_path)
    assert "3 rows are beyond 1e24 in price, for example 'inf'" in refusal(tmp_path)


def test_infinite_times_are_refused(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("user,at,product,price,n\na,infinity,x,1,1\n")
    assert "1 rows are infinite in at, for example 'infinity'" in refusal(tmp_path)


def test_without_a_time_a_user_has_one_row(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user,age\na,1\nb,2\na,3\nc,1\nc,1\nc,1\n")
    assert "several rows for 2 users, for example c (3 rows), a (2 rows)" in refusal(tmp_path, USERS)


def test_a_table_of_items_is_told_of_items(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user,age\na,1\na,3\n,2\n")
    items = replace(USERS, about="items")
    assert "1 rows have no item in user" in refusal(tmp_path, items)
    (tmp_path / "users.csv").write_text("user,age\na,1\na,3\n")
    assert "several rows for 1 items, for example a (2 rows). A table of items has one row per item" in refusal(
        tmp_path, items
    )


def test_missing_columns_and_misfits_are_refused_together_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "events.1.csv").write_text("user,at,product,price\na,2024-01-01,x,1\n")
    (tmp_path / "events.2.csv").write_text("user,at,product,price\na,2024-01-01,x,1\nb,2024-01-01,x,dear\n")
    message = refusal(tmp_path)
    assert "there is no column 'n', only user, at, product, price" in message
    assert "1 rows have no number in price, for example 'dear' in row 2 of events.2.csv" in message


def test_a_value_at_fault_in_a_parquet_file_is_found_by_its_row(tmp_path: Path) -> None:
    write_parquet(events(user=["a", "b", None]), tmp_path)
    assert "1 rows have no user in user, the first in row 3 of events.parquet" in refusal(tmp_path)


def test_nan_is_found_whatever_the_statistics_of_a_parquet_file_say(tmp_path: Path) -> None:
    rows = [0.0, math.nan, -5.0]
    write_parquet(events(price=rows), tmp_path)
    assert sorted(fetch(tmp_path)["price"].to_pylist(), key=str) == [-5.0, 0.0, None]
    declared = replace(EVENTS, columns=(*COLUMNS[:4], Column(name="n", type="number")))
    write_parquet(events(price=rows, n=[math.nan, math.inf, 1.0]), tmp_path)
    assert "1 rows are beyond 1e24 in n, for example 'inf' in row 2" in refusal(tmp_path, declared)


def test_a_user_declared_as_an_integer_is_written_as_one(tmp_path: Path) -> None:
    write_parquet(events(user=[10.0, 9.0, 10.0]), tmp_path)
    declared = replace(EVENTS, columns=(Column(name="user", type="integer"), *COLUMNS[1:]))
    assert fetch(tmp_path, declared)["user"].to_pylist() == ["10", "10", "9"]
    write_parquet(events(user=[10.0, math.nan, 1.5]), tmp_path)
    message = refusal(tmp_path, declared)
    assert "1 rows have no integer in user, for example '1.5' in row 3" in message
    assert "1 rows have no user in user, for example 'nan' in row 2" in message


@pytest.mark.parametrize("first", ["# not a remark", "--", "Title"])
def test_no_row_of_a_csv_file_is_taken_for_a_remark_or_a_title(tmp_path: Path, first: str) -> None:
    (tmp_path / "users.csv").write_text(f"user,age\n{first},1\nb,2\nc,3\n")
    assert fetch(tmp_path, USERS)["user"].to_pylist() == sorted([first, "b", "c"])


def test_rows_of_several_lengths_are_refused(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user,age\na\nb,2,3\n")
    assert "line 2 of users.csv has 1 values where the first line names 2 columns: 'a'" in refusal(tmp_path, USERS)


def test_a_file_that_is_not_utf8_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_bytes("user,age\né,1\n".encode("latin1"))
    message = refusal(tmp_path, USERS)
    assert "users.csv is not UTF-8: line 2 has the bytes e9 2c" in message
    assert "It looks like cp1252: write `encoding: cp1252` into downloads/users.yaml" in message


@pytest.mark.parametrize("table", ["/data/users.csv", ".", ""])
def test_a_table_that_is_no_file_below_the_source_is_refused(tmp_path: Path, table: str) -> None:
    assert "write the name of a file, or a pattern, below" in refusal(tmp_path, replace(USERS, table=table))


def test_nothing_is_left_beside_the_download(tmp_path: Path) -> None:
    write_parquet(events(), tmp_path)
    fetch(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.parquet", "out"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["table.parquet"]
