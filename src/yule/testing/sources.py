"""The contract of sources: whatever a table lies in, its download is the same."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from yule.core.errors import DataError
from yule.downloads.keeping.rows.normalise import output_schema
from yule.downloads.keeping.rows.tables import write_download
from yule.downloads.settings import Column, Days, FilesSource, Method
from yule.downloads.sources.files.source import FilesInFolder
from yule.downloads.sources.protocol import Source
from yule.downloads.specs import Query

COLUMNS = (
    Column(name="user", type="integer"),
    Column(name="at", type="timestamp"),
    Column(name="product", type="string"),
    Column(name="price", type="number"),
    Column(name="n", type="integer"),
    Column(name="is_new", type="boolean"),
    Column(name="born", type="date"),
)
METHOD = Method(name="events", source="shop", user="user", time="at", columns=COLUMNS)
START = datetime(2024, 1, 1, tzinfo=UTC)


class Place(Protocol):
    """Where a table is put for a source that is tested."""

    @property
    def source(self) -> Source:
        """The source, opened anew."""

    @property
    def table(self) -> str:
        """What a method calls the table there."""

    def put(self, table: pa.Table) -> None:
        """Put a table there in the place of what was there before."""


def day(number: float) -> datetime:
    """Return an instant some days after the start."""
    return START + timedelta(days=number)


def make_events(*, tz: str | None = "UTC") -> pa.Table:
    """Return events with all that is awkward in values."""
    times = [day(0.5), day(1), day(1) - timedelta(microseconds=1), day(2), day(3.25)]
    local = [time.replace(tzinfo=None) for time in times] if tz is None else times
    return pa.table(
        {
            "user": pa.array([10, 2, 10, 3, 2], pa.int64()),
            "at": pa.array(local, pa.timestamp("us", tz=tz)),
            "product": ["beer", None, "søt 'tea' \"x\"", "", "a,b"],
            "price": pa.array([1.5, float("nan"), -0.0, None, 1e-9], pa.float64()),
            "n": pa.array([2**53 + 1, None, -1, 0, 7], pa.int64()),
            "is_new": [True, None, False, True, False],
            "born": pa.array([date(1970, 1, 1), date(1999, 12, 31), None, date(2024, 2, 29), date(1900, 3, 1)]),
            "unused": ["x"] * 5,
        }
    )


class SourceContract:
    """What every source must do.

    A subclass whose name begins with ``Test`` has the fixture ``place``, which gives a :class:`Place` that is new for
    each test.
    """

    @pytest.fixture
    def place(self) -> Place:
        """Return where tables are put; for the subclass to say."""
        raise NotImplementedError("a subclass of SourceContract has a fixture `place` of its own")

    def test_values_have_their_declared_types_and_one_form(self, place: Place) -> None:
        place.put(make_events())
        rows = ask(place).to_pylist()
        assert [row["user"] for row in rows] == ["10", "10", "2", "3", "2"]
        assert [row["at"] for row in rows] == sorted(
            [day(0.5), day(1), day(1) - timedelta(microseconds=1), day(2), day(3.25)]
        )
        assert [row["price"] for row in rows] == [1.5, 0.0, None, None, 1e-9]
        assert str(rows[1]["price"]) == "0.0"
        assert [row["n"] for row in rows] == [2**53 + 1, -1, None, 0, 7]
        assert [row["is_new"] for row in rows] == [True, False, None, True, False]
        assert rows[0]["born"] == date(1970, 1, 1)
        assert rows[4]["born"] == date(1900, 3, 1)
        assert [row["product"] for row in rows][1] == "søt 'tea' \"x\""

    def test_the_same_rows_give_the_same_bytes_wherever_they_lie(self, place: Place, tmp_path: Path) -> None:
        events = make_events().set_column(2, "product", pa.array(["beer", "tea", "x", "y", "a,b"]))
        place.put(events)
        (tmp_path / "reference").mkdir()
        pq.write_table(events, tmp_path / "reference" / "events.parquet")
        reference = FilesInFolder(FilesSource(path=str(tmp_path / "reference")), cache_folder=None)
        expected = write_all(reference, replace(METHOD, table="events.parquet"), tmp_path / "expected")
        assert write_all(place.source, method_of(place), tmp_path / "out") == expected

    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [(1, 2, 1), (1, None, 3), (None, 1, 2), (0, 4, 5), (5, 6, 0), (1, 2.000001, 2)],
    )
    def test_a_period_is_half_open(self, place: Place, since: float | None, until: float | None, expected: int) -> None:
        place.put(make_events())
        first, last = (None if at is None else day(at) for at in (since, until))
        assert ask(place, columns=("user", "at"), since=first, until=last).num_rows == expected

    def test_only_the_asked_for_users_come(self, place: Place) -> None:
        place.put(make_events())
        assert ask(place, columns=("user", "at"), users=("10", "3")).num_rows == 3
        assert ask(place, columns=("user", "at"), users=()).num_rows == 0

    def test_columns_come_in_the_asked_for_order(self, place: Place) -> None:
        place.put(make_events())
        assert ask(place, columns=("n", "user", "at")).schema.names == ["n", "user", "at"]

    def test_times_without_a_zone_are_in_that_of_the_method(self, place: Place) -> None:
        place.put(make_events(tz=None))
        method = replace(method_of(place), time_zone="Asia/Tokyo", columns=COLUMNS[:2])
        rows = ask(place, method).to_pylist()
        assert rows[0]["at"] == day(0.5) - timedelta(hours=9)
        since, until = (day(number) - timedelta(hours=9) for number in (1, 2))
        assert ask(place, method, since=since, until=until).num_rows == 1

    def test_a_column_that_is_missing_is_told_with_what_comes_close(self, place: Place) -> None:
        place.put(make_events())
        wrong = replace(method_of(place), columns=(*COLUMNS, Column(name="pric", type="number")))
        with pytest.raises(DataError, match=r"downloads/events.yaml: .*'pric' \(did you mean 'price'\?\)"):
            ask(place, wrong)

    def test_a_table_that_is_missing_is_told(self, place: Place) -> None:
        place.put(make_events())
        wrong = replace(method_of(place), table="nothing_here")
        with pytest.raises(DataError, match=r"downloads/events.yaml: .*nothing_here"):
            ask(place, wrong)

    @pytest.mark.parametrize(
        ("name", "kind", "message"),
        [("product", "number", "no number in product"), ("price", "integer", "no integer in price")],
    )
    def test_values_that_do_not_fit_are_told(self, place: Place, name: str, kind: str, message: str) -> None:
        place.put(make_events())
        columns = tuple(replace(column, type=kind) if column.name == name else column for column in COLUMNS)  # type: ignore[arg-type]
        with pytest.raises(DataError, match=message):
            ask(place, replace(method_of(place), columns=columns))

    @pytest.mark.parametrize("name", ["user", "at"])
    def test_rows_without_user_or_time_are_refused(self, place: Place, name: str) -> None:
        events = make_events()
        at = events.schema.get_field_index(name)
        column = events[name].to_pylist()
        place.put(
            events.set_column(at, events.schema.field(at), pa.array([None, *column[1:]], events.schema.field(at).type))
        )
        with pytest.raises(DataError, match=f"have no {'user' if name == 'user' else 'time'} in {name}"):
            ask(place)

    def test_what_it_would_cost_is_known_before(self, place: Place) -> None:
        place.put(make_events())
        query = Query(method=method_of(place), columns=("user", "at"))
        estimate = place.source.estimate(query)
        assert estimate is not None
        if estimate:  # an emulator of BigQuery says 0 for everything
            with pytest.raises(DataError, match="would have to read"):
                place.source.read(query, n_threads=1, max_bytes=estimate - 1)

    def test_a_table_is_described(self, place: Place) -> None:
        place.put(make_events())
        state = place.source.describe(method_of(place))
        assert set(state.columns) == set(make_events().schema.names)

    def test_a_source_says_when_it_was_written_to_or_that_it_does_not_know(self, place: Place) -> None:
        place.put(make_events())
        changed_at = place.source.changed_at(method_of(place))
        assert changed_at is None or abs(datetime.now(UTC) - changed_at) < timedelta(minutes=5)

    def test_equal_data_have_an_equal_version(self, place: Place) -> None:
        place.put(make_events())
        method = method_of(place)
        assert place.source.data_version(method) == place.source.data_version(method)

    def test_other_data_have_another_version_where_it_is_known_when_they_were_written(self, place: Place) -> None:
        place.put(make_events())
        method = method_of(place)
        before = place.source.data_version(method)
        place.put(make_events().slice(1))
        assert place.source.changed_at(method) is None or place.source.data_version(method) != before

    def test_the_version_of_the_data_is_the_same_whatever_columns_are_read(self, place: Place) -> None:
        place.put(make_events())
        method = method_of(place)
        assert place.source.data_version(method) == place.source.data_version(replace(method, columns=COLUMNS[:3]))

    def test_a_partition_column_changes_nothing_but_the_cost(self, place: Place) -> None:
        events = make_events()
        days = pa.array([time.date() for time in events["at"].to_pylist()], pa.date32())
        place.put(events.append_column("day", days))
        method = replace(method_of(place), days=Days(since=START.date(), column="day"))
        assert ask(place, method, columns=("user", "at"), since=day(1), until=day(2)).num_rows == 1


def method_of(place: Place) -> Method:
    """Return the method whose table is there."""
    return replace(METHOD, table=place.table)


def ask(
    place: Place,
    method: Method | None = None,
    *,
    columns: tuple[str, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    users: tuple[str, ...] | None = None,
) -> pa.Table:
    """Ask for a table, sorted by its time."""
    method = method or method_of(place)
    names = columns or tuple(column.name for column in method.columns)
    query = Query(method=method, columns=names, since=since, until=until, users=users)
    table = place.source.read(query, n_threads=2).read_all()
    assert table.schema.equals(output_schema(query))
    return table.sort_by("at") if "at" in names else table


def write_all(source: Source, method: Method, folder: Path) -> bytes:
    """Return the bytes of a download of all columns."""
    query = Query(method=method, columns=tuple(column.name for column in COLUMNS))
    folder.mkdir()
    write_download(method, source.read(query, n_threads=2), folder, n_threads=2)
    return (folder / "table.parquet").read_bytes()
