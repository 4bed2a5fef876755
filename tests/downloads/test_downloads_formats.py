"""Facts about formats: what is written in one reads back as the same value, and all else is refused with its row."""

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from downloads_toys import fetch
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.downloads.formats import find_format_problem, written_sql
from yule.downloads.settings import Column, Method
from yule.sql.columns import ColumnType

DAYS = st.dates(dt.date(1901, 1, 1), dt.date(2262, 1, 1))
TIMES = st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2262, 1, 1)).map(lambda at: at.replace(microsecond=0))


def read(kind: ColumnType, written: str, value: str | float) -> object:
    assert find_format_problem(kind, written) == ""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        sql = f"SELECT {written_sql(kind, written, 'x')} FROM (SELECT ? AS x)"
        ((found,),) = connection.execute(sql, [value]).fetchall()
    return found.replace(tzinfo=None) if isinstance(found, dt.datetime) else found


def era(day: dt.date) -> str:
    starts = ((dt.date(2019, 5, 1), "令和"), (dt.date(1989, 1, 8), "平成"), (dt.date(1926, 12, 25), "昭和"))
    start, name = next(((start, name) for start, name in starts if day >= start), (dt.date(1912, 7, 30), "大正"))
    year = day.year - start.year + 1
    return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


@pytest.mark.parametrize(
    "written",
    ["%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%Y/%m/%d", "%Y年%m月%d日", "%d %b %Y", "%B %d, %Y", "%a, %d %b %Y", "%d-%m-%Y"],
)
@given(day=DAYS)
@settings(max_examples=15, deadline=None)
def test_a_date_reads_back_from_the_format_it_is_written_in(written: str, day: dt.date) -> None:
    assert read("date", written, day.strftime(written)) == day
    assert (
        read("date", written, day.strftime(written).translate(str.maketrans("0123456789", "０１２３４５６７８９")))
        == day
    )


@pytest.mark.parametrize("written", ["%d.%m.%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %I:%M:%S %p"])
@given(at=TIMES)
@settings(max_examples=15, deadline=None)
def test_a_time_reads_back_from_the_format_it_is_written_in(written: str, at: dt.datetime) -> None:
    assert read("timestamp", written, at.strftime(written)) == at


@given(day=st.dates(dt.date(1925, 1, 1), dt.date(2024, 12, 31)))
@settings(max_examples=30, deadline=None)
def test_two_digits_of_a_year_are_of_the_hundred_years_that_are_told(day: dt.date) -> None:
    assert read("date", "%d/%m/%y until 2024", day.strftime("%d/%m/%y")) == day


@given(at=st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(2262, 1, 1)).map(lambda at: at.replace(microsecond=0)))
@settings(max_examples=30, deadline=None)
def test_days_as_excel_counts_them_are_dates(at: dt.datetime) -> None:
    days = (at - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    assert read("timestamp", "excel", days) == at
    assert read("timestamp", "excel", str(days)) == at
    assert read("date", "excel", str(int(days))) == at.date()


@given(at=st.datetimes(dt.datetime(1980, 1, 1), dt.datetime(2200, 1, 1)).map(lambda at: at.replace(microsecond=0)))
@settings(max_examples=15, deadline=None)
def test_seconds_since_1970_are_times(at: dt.datetime) -> None:
    seconds = int((at - dt.datetime(1970, 1, 1)).total_seconds())
    assert read("timestamp", "unix", str(seconds)) == at
    assert read("timestamp", "unix_ms", seconds * 1000) == at


@given(day=st.dates(dt.date(1913, 1, 1), dt.date(2100, 1, 1)))
@settings(max_examples=30, deadline=None)
def test_years_of_eras_are_dates(day: dt.date) -> None:
    assert read("date", "japanese", era(day)) == day
    assert read("date", "japanese", f"{day.year}年{day.month}月{day.day}日") == day


@pytest.mark.parametrize(
    ("before", "thousands", "decimal", "after"),
    [("", ",", ".", ""), ("$", ",", ".", ""), ("¥", ",", ".", ""), ("", ".", ",", " €"), ("", " ", ",", " kr"),
     ("CHF ", "'", ".", ""), ("", "", ",", ""), ("", "", ".", "%"), ("", "", ".", " kg"), ("", ",", ".", "m2")],
)  # fmt: skip
@given(cents=st.integers(-(10**12), 10**12))
@settings(max_examples=20, deadline=None)
def test_a_number_reads_back_from_the_format_it_is_written_in(
    before: str, thousands: str, decimal: str, after: str, cents: int
) -> None:
    written = f"{before}1{thousands}234{decimal}5{after}"
    value = cents / 100
    digits = f"{abs(value):,.2f}".translate(str.maketrans({",": thousands, ".": decimal}))
    below = [f"-{before}{digits}{after}", f"{before}-{digits}{after}", f"({before}{digits}{after})"]
    for text in below if value < 0 else [f"{before}{digits}{after}"]:
        assert read("number", written, text) == value


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("date", "%d.%m.%Y", "31.02.2024"),
        ("date", "%d.%m.%Y", "1.2.24"),
        ("date", "%d.%m.%Y %H:%M", "01.02.2024 09:00"),
        ("date", "excel", "-3"),
        ("date", "japanese", "平成29年13月3日"),
        ("date", "japanese", "3年1月3日"),
        ("number", "1,234.5", "1,23"),
        ("number", "1.234,5", "1.5"),
        ("number", "1234.5 kg", "12 g"),
        ("number", "$1,234.5", "(5"),
        ("integer", "1,234.5", "1,234.5"),
        ("boolean", "ja/nein", "vielleicht"),
    ],
)
def test_what_is_written_otherwise_is_no_value(kind: ColumnType, written: str, value: str) -> None:
    assert read(kind, written, value) is None


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [("ja/nein", "Ja", True), ("はい/いいえ", "いいえ", False), ("○/×", "○", True)],
)
def test_words_for_yes_and_no_are_truths(written: str, value: str, expected: bool) -> None:
    assert read("boolean", written, value) is expected


@pytest.mark.parametrize(
    ("kind", "written"),
    [("date", "%d.%m"), ("date", "%Q"), ("date", "d.m.Y"), ("date", "%Y"), ("number", "#,##0"), ("number", "1.234.5"),
     ("number", "-1234.5"), ("boolean", "ja"), ("boolean", "ja/JA"), ("string", "%Y")],
)  # fmt: skip
def test_a_format_that_cannot_be_read_is_refused(kind: ColumnType, written: str) -> None:
    assert find_format_problem(kind, written)


def method(**of_column: object) -> Method:
    columns = (Column(name="u", type="string"), Column(name="x", **of_column))  # type: ignore[arg-type]
    return Method(name="log", source="s", table="log", user="u", columns=columns)


def test_a_table_is_read_by_its_formats_and_words_for_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text('u,x\na,"¥1,200"\nb,なし\nc,-\nd,（¥３００）\n', encoding="utf-8")
    found = fetch(tmp_path, method(type="number", format="¥1,234.5", missing=("なし", "-")))
    assert found["x"].to_pylist() == [1200.0, None, None, -300.0]


def test_numbers_stand_for_what_is_missing_too(tmp_path: Path) -> None:
    pq.write_table(pa.table({"u": ["a", "b"], "x": [-999.0, 5.0]}), tmp_path / "log.parquet")
    assert fetch(tmp_path, method(type="number", missing=("-999",)))["x"].to_pylist() == [None, 5.0]


@pytest.mark.parametrize("values", [[20240102, None], [20240102.0, None], ["20240102", ""]])
def test_dates_may_be_written_as_numbers(tmp_path: Path, values: list[object]) -> None:
    pq.write_table(pa.table({"u": ["a", "b"], "x": values}), tmp_path / "log.parquet")
    found = fetch(tmp_path, method(type="date", format="%Y%m%d", missing=("",)))
    assert found["x"].to_pylist() == [dt.date(2024, 1, 2), None]


def test_values_that_have_a_type_of_their_own_need_no_format(tmp_path: Path) -> None:
    day = dt.date(2024, 1, 2)
    pq.write_table(pa.table({"u": ["a"], "x": [day]}), tmp_path / "log.parquet")
    assert fetch(tmp_path, method(type="date", format="%d/%m/%Y"))["x"].to_pylist() == [day]


def test_a_value_that_is_written_otherwise_is_told_with_its_row_and_the_format(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("u,x\na,1/2/2024\nb,1/31/2024\n")
    with pytest.raises(
        DataError, match=r"1 rows have no date in x, written as %d/%m/%Y, for example '1/31/2024'.* in row 2"
    ):
        fetch(tmp_path, method(type="date", format="%d/%m/%Y"))
