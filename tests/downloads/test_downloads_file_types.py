"""Facts about the types of files: each is read in its own to the declared one, or refused with the file and the row."""

import datetime as dt
import decimal
import uuid
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from downloads_toys import fetch, utc

from yule.core.errors import DataError
from yule.downloads.settings import Column, Method
from yule.sql.columns import ColumnType

AT = Column(name="at", type="timestamp")


def method_of(kind: ColumnType, **of_column: object) -> Method:
    columns = (Column(name="u", type="string"), AT, Column(name="x", type=kind, **of_column))  # type: ignore[arg-type]
    return Method(name="log", source="s", table="log", user="u", time="at", columns=columns)


def put(folder: Path, number: int, values: object, *, at: int = 1, suffix: str = "parquet") -> None:
    """Write one file of the table; its rows are of some day of January 2024."""
    array = values if isinstance(values, pa.Array) else pa.array(values)
    n_rows = len(array)
    columns = {"u": [f"{number}-{row}" for row in range(n_rows)], "at": [dt.datetime(2024, 1, at)] * n_rows}
    table = pa.table(columns | ({} if pa.types.is_int64(array.type) and not n_rows else {"x": array}))
    (folder / "log").mkdir(exist_ok=True)
    write = pq.write_table if suffix == "parquet" else pacsv.write_csv
    write(table, folder / "log" / f"{number}.{suffix}")


def read(folder: Path, kind: ColumnType) -> list[object]:
    values: list[object] = fetch(folder, method_of(kind))["x"].to_pylist()
    return values


def refusal(folder: Path, method: Method) -> str:
    with pytest.raises(DataError) as caught:
        fetch(folder, method)
    message = str(caught.value)
    assert message.startswith("downloads/log.yaml: ")
    return message


D = decimal.Decimal
DAY = dt.date(2024, 1, 2)


@pytest.mark.parametrize(
    ("kind", "first", "second", "expected"),
    [
        ("number", [5], [2.5], [5, 2.5]),
        ("number", pa.array([D("1.5")], pa.decimal128(5, 1)), pa.array([D("1.25")], pa.decimal128(9, 2)), [1.5, 1.25]),
        ("number", pa.nulls(1), [2.5], [None, 2.5]),
        ("number", pa.array([1.5], pa.float16()), pa.array([2], pa.uint64()), [1.5, 2]),
        ("number", [5], ["2.5"], [5, 2.5]),
        ("integer", [1.0, None], [2**53 + 1], [1, None, 2**53 + 1]),
        ("integer", pa.array([1], pa.int8()), pa.array([D("7")], pa.decimal128(30, 0)), [1, 7]),
        ("boolean", [True, None], pa.array([1.0, 0.0]), [True, None, True, False]),
        ("boolean", [1, 0], ["Yes", "F"], [True, False, True, False]),
        ("timestamp", [dt.datetime(2024, 1, 2)], [dt.datetime(2024, 1, 2, tzinfo=dt.UTC)], [utc(2024, 1, 2)] * 2),
        ("timestamp", pa.array([1_000], pa.timestamp("ns")), pa.array([1], pa.timestamp("s")),
         [utc(1970, 1, 1, 0, 0, 0, 1), utc(1970, 1, 1, 0, 0, 1)]),
        ("timestamp", [DAY], ["2024-01-02T05:00:00+02:00"], [utc(2024, 1, 2), utc(2024, 1, 2, 3)]),
        ("date", [DAY], [dt.datetime(2024, 1, 3)], [DAY, dt.date(2024, 1, 3)]),
        ("date", pa.array([DAY], pa.date64()), ["2024/1/3"], [DAY, dt.date(2024, 1, 3)]),
        ("string", ["a"], pa.array(["b"]).dictionary_encode(), ["a", "b"]),
        ("string", pa.array(["a"], pa.large_string()), pa.array(["b"], pa.string_view()), ["a", "b"]),
        ("string", ["a7"], [7], ["a7", "7"]),
        ("string", [7.0, None], [1e15], ["7", None, "1000000000000000"]),
        ("string", [float("nan"), 3.0], pa.array([D("12.00")], pa.decimal128(9, 2)), [None, "3", "12"]),
        ("string", [dt.time(9, 30)], ["09:30:00"], ["09:30:00", "09:30:00"]),
        ("string", pa.array([uuid.UUID(int=5).bytes], pa.uuid()), ["x"], [str(uuid.UUID(int=5)), "x"]),
        ("string", pa.array([2**60 + 1]), ["x"], [str(2**60 + 1), "x"]),
    ],
)  # fmt: skip
def test_each_file_is_read_in_its_own_type(
    tmp_path: Path, kind: ColumnType, first: object, second: object, expected: list[object]
) -> None:
    put(tmp_path, 1, first)
    put(tmp_path, 2, second)
    assert read(tmp_path, kind) == expected


@pytest.mark.parametrize(
    ("kind", "first", "second", "message"),
    [
        ("integer", [5], [2.5], "1 rows have no integer in x, for example '2.5' in row 1 of log/2.parquet"),
        ("integer", [5], pa.array([D("2.5")]), "have no integer in x, for example '2.5'"),
        ("integer", [5], ["2.5"], "have no integer in x, for example '2.5'"),
        ("integer", [5], ["9007199254740993.4"], "have no integer in x, for example '9007199254740993.4'"),
        ("integer", [5], ["1_000"], "have no integer in x, for example '1_000' (a number with _; write 1000)"),
        ("integer", [5], ["0x1F"], "have no integer in x, for example '0x1F'"),
        ("integer", [5], [2.0**53 + 2], "have no integer in x, for example '9007199254740994.0'"),
        ("integer", [5], pa.array([2**64 - 1], pa.uint64()), "no integer in x, for example '18446744073709551615'"),
        ("number", [1.5], [2**53 + 1], "would be rounded in x, which is a number (declare it as an integer or a"),
        ("number", [1.5], ["9007199254740993"], "would be rounded in x"),
        ("number", [1.5], ["1,5"], "have no number in x, for example '1,5' (a decimal comma; write 1.5)"),
        ("number", [1.5], ["$1,200.50"], "have no number in x, for example '$1,200.50' (money; write the number alone"),
        ("number", [1.5], [float("inf")], "are beyond 1e24 in x, for example 'inf'"),
        ("boolean", [True], [7], "have no boolean in x, for example '7' in row 1 of log/2.parquet"),
        ("boolean", [True], ["on"], "have no boolean in x, for example 'on'"),
        ("boolean", [True], [0.5], "have no boolean in x, for example '0.5'"),
        ("date", [DAY], [dt.datetime(2024, 1, 2, 13)], "have no date in x, for example '2024-01-02 13:00:00'"),
        ("date", [DAY], ["2024-01-02 13:00:00"], "have no date in x, for example '2024-01-02 13:00:00'"),
        ("date", [DAY], ["02/01/2024"], "have no date in x, for example '02/01/2024' (a date whose day and month"),
        ("date", [DAY], ["10000-01-01"], "have no date in x"),
        ("timestamp", [DAY], ["epoch"], "have no timestamp in x, for example 'epoch'"),
        ("timestamp", [DAY], ["0000-06-01 00:00:00"], "are before the year 1 or after the year 9999 in x"),
        ("timestamp", [DAY], pa.array([2**58], pa.timestamp("us")), "before the year 1 or after the year 9999 in x"),
        ("timestamp", [DAY], [1_700_000_000], "are of type bigint in x, which is read as no timestamp"),
        ("string", ["00123"], [123], "are no plain numbers in x, whose zeros are lost as numbers in log/2.parquet, for "
         "example '00123' in row 1 of log/1.parquet"),
        ("string", ["a"], [2.5], "have no string in x, for example '2.5' in row 1 of log/2.parquet"),
        ("string", ["a"], [1e16], "have no string in x, for example '1e+16'"),
        ("string", ["a"], [b"\xff"], "are of type blob in x, which is read as no string"),
        ("string", ["a"], [[1]], "are of type bigint[] in x, which is read as no string"),
        ("string", ["a"], [{"a": 1}], "are of type struct(a bigint) in x, which is read as no string"),
        ("string", ["a"], [dt.datetime(2024, 1, 1)], "are of type timestamp in x, which is read as no string"),
        ("number", [1.5], pa.array([1], pa.duration("s")), "are of type duration[s] in x, which is read as no number"),
        ("number", [1.5], pa.array([D("1.5")], pa.decimal256(50, 2)), "are of type decimal256(50, 2) in x"),
    ],
)  # fmt: skip
def test_what_the_declared_type_cannot_hold_is_refused_with_its_file(
    tmp_path: Path, kind: ColumnType, first: object, second: object, message: str
) -> None:
    put(tmp_path, 1, first)
    put(tmp_path, 2, second)
    assert message in refusal(tmp_path, method_of(kind))


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("integer", "5", 5), ("integer", " +5 ", 5), ("integer", "5.0", 5), ("integer", "1e3", 1000),
        ("integer", "007", 7), ("integer", "nan", None), ("integer", "9007199254740993", 2**53 + 1),
        ("number", "-0.0", 0.0), ("number", ".5", 0.5), ("number", "1e-3", 0.001), ("number", "NaN", None),
        ("number", "9007199254740992", 2.0**53),
        ("boolean", "TRUE", True), ("boolean", "n", False), ("boolean", "1.0", True),
        ("date", "2024-1-2", DAY), ("date", "2024-01-02 00:00:00", DAY),
        ("timestamp", "2024-01-02", utc(2024, 1, 2)),
        ("timestamp", "2024-01-02 03:04:05.000001", utc(2024, 1, 2, 3, 4, 5, 1)),
        ("timestamp", "2024-01-02T03:04:05Z", utc(2024, 1, 2, 3, 4, 5)),
        ("string", "007", "007"), ("string", "1.50", "1.50"), ("string", "NA", "NA"), ("string", " a ", " a "),
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_text_is_read_alike_in_csv_and_parquet(
    tmp_path: Path, kind: ColumnType, text: str, expected: object, suffix: str
) -> None:
    put(tmp_path, 1, [text], suffix=suffix)
    (value,) = read(tmp_path, kind)
    assert value == expected
    assert str(value) == str(expected)


def test_a_time_zone_of_the_method_holds_for_files_that_say_none(tmp_path: Path) -> None:
    put(tmp_path, 1, [dt.datetime(2024, 1, 2, 9)])
    put(tmp_path, 2, [dt.datetime(2024, 1, 2, 9, tzinfo=dt.UTC)])
    method = replace(method_of("timestamp"), time_zone="Asia/Tokyo")
    assert fetch(tmp_path, method)["x"].to_pylist() == [utc(2024, 1, 2), utc(2024, 1, 2, 9)]


def test_a_column_that_is_not_asked_for_may_be_anything(tmp_path: Path) -> None:
    put(tmp_path, 1, [[1]])
    put(tmp_path, 2, ["a"])
    method = method_of("string")
    assert fetch(tmp_path, replace(method, columns=method.columns[:2])).num_rows == 2


def test_a_column_that_comes_later_is_missing_before_its_day(tmp_path: Path) -> None:
    put(tmp_path, 1, pa.array([], pa.int64()))
    (tmp_path / "log" / "1.parquet").unlink()
    pq.write_table(pa.table({"u": ["a"], "at": [dt.datetime(2024, 1, 4)]}), tmp_path / "log" / "1.parquet")
    put(tmp_path, 2, [2.5], at=5)
    assert fetch(tmp_path, method_of("number", since=utc(2024, 1, 5)))["x"].to_pylist() == [2.5, None]
    assert fetch(tmp_path, method_of("number", until=utc(2024, 1, 3)))["x"].to_pylist() == [2.5, None]
    message = refusal(tmp_path, method_of("number", since=utc(2024, 1, 2)))
    assert (
        "1 rows lack x, which is there since 2024-01-02 as it is declared, the first in row 1 of log/1.parquet"
        in message
    )
    message = refusal(tmp_path, method_of("number"))
    assert "there is no column 'x', only u, at (log/1.parquet)" in message


def test_values_outside_of_the_period_of_a_column_stay(tmp_path: Path) -> None:
    put(tmp_path, 1, [1.5], at=1)
    assert fetch(tmp_path, method_of("number", since=utc(2024, 1, 5)))["x"].to_pylist() == [1.5]


def test_many_kinds_of_files_are_read_in_as_many_scans(tmp_path: Path) -> None:
    for number in range(40):
        put(tmp_path, number, [number] if number % 2 else [number + 0.5])
    assert sorted(read(tmp_path, "number"))[:3] == [0.5, 1, 2.5]


def test_a_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    put(tmp_path, 1, [1])
    put(tmp_path, 2, [1])
    whole = (tmp_path / "log" / "2.parquet").read_bytes()
    (tmp_path / "log" / "2.parquet").write_bytes(whole[: len(whole) // 2])
    assert "log/2.parquet is no whole Parquet file" in refusal(tmp_path, method_of("number"))


def test_columns_that_differ_in_capitals_alone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    pq.write_table(
        pa.table({"u": ["a"], "at": [dt.datetime(2024, 1, 1)], "X": [1], "x": [2]}), tmp_path / "log" / "1.pq"
    )
    assert "log/1.pq names several columns 'X', 'x'" in refusal(tmp_path, method_of("number"))


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_the_last_nanosecond_of_a_day_is_not_of_the_next(tmp_path: Path, zone: str | None) -> None:
    put(tmp_path, 0, pa.array([1_704_153_599_999_999_999], pa.timestamp("ns", zone)))
    assert read(tmp_path, "timestamp") == [utc(2024, 1, 1, 23, 59, 59, 999_999)]
    assert "1 rows have no date in x" in refusal(tmp_path, method_of("date"))


@pytest.mark.parametrize("zone", ["BST", "CST", "IST", "EST5EDT"])
def test_letters_that_stand_for_several_time_zones_are_refused(tmp_path: Path, zone: str) -> None:
    put(tmp_path, 0, [f"2024-01-02 03:04:05 {zone}"])
    assert "a time zone by letters that stand for several" in refusal(tmp_path, method_of("timestamp"))


def test_a_column_of_parquet_without_a_name_is_passed_over(tmp_path: Path) -> None:
    table = pa.table({"u": ["1"], "at": [dt.datetime(2024, 1, 1)], "": [1], "x": [2.5]})
    (tmp_path / "log").mkdir()
    pq.write_table(table, tmp_path / "log" / "0.parquet")
    assert read(tmp_path, "number") == [2.5]


def test_a_file_whose_name_is_a_pattern_is_found(tmp_path: Path) -> None:
    put(tmp_path, 0, [2.5])
    (tmp_path / "log" / "0.parquet").rename(tmp_path / "log[1].parquet")
    assert fetch(tmp_path, replace(method_of("number"), table="log[1].parquet"))["x"].to_pylist() == [2.5]
