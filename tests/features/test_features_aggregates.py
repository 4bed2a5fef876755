"""Facts about every aggregate of events: it is what counting by hand gives."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from events_by_hand import aggregate_by_hand
from every_kind import EVERY_AGGREGATE
from features_toys import CUTOFF, EVENTS, Row, before, compute, spec, write_log
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.features.events.write import write_event_features
from yule.features.settings import CLOCK, Aggregate, EventFeatures, Join, Share
from yule.features.vocabulary import Vocabulary, read_vocabulary, write_vocabulary

FEW = settings(deadline=None, max_examples=25)
DAYS = [1e-6, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 7.000001, 8.0, 9.0, 14.0, 14.5, 21.0, 30.0]
LOGS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(DAYS).map(before),
        st.sampled_from(["beer", "tea", "it's", None]),
        st.sampled_from([None, 0.0, 0.25, 2.5, -1.25, 100.0]),
        st.sampled_from([None, 1, 3]),
    ),
    min_size=1,
    max_size=16,
)
LEARNED = Vocabulary(
    values={"price": ("band_1", "band_2", "band_3"), **CLOCK},
    edges={"price": (0.0, 2.5)},
)


def write(rows: list[Row], folder: Path, *, n_threads: int = 1) -> Path:
    log = write_log(rows, folder)
    write_event_features(
        spec(EVERY_AGGREGATE), [[log]], vocabulary=LEARNED, cutoff=CUTOFF, folder=folder, n_threads=n_threads
    )
    return folder / "features.parquet"


@FEW
@given(LOGS)
def test_aggregates_are_what_counting_by_hand_gives(rows: list[Row]) -> None:
    expected = aggregate_by_hand(EVERY_AGGREGATE, rows, CUTOFF)
    with TemporaryDirectory() as name:
        table = pq.read_table(write(rows, Path(name)))
    assert set(table.column_names) >= set(next(iter(expected.values())))
    for row in table.to_pylist():
        for column, value in expected[row["user_id"]].items():
            wanted = pytest.approx(value, rel=2e-5, abs=2e-5) if isinstance(value, float | int) else value
            assert row[column] == wanted, column


def test_ranges_threads_and_the_order_of_rows_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[Row] = [
        (f"u{number % 9}", before(number / 3 + 0.1), "beer" if number % 2 else "tea", number / 4, number)
        for number in range(60)
    ]
    whole = write(rows, tmp_path).read_bytes()
    monkeypatch.setattr("yule.features.events.table.ROWS_AT_ONCE", 7)
    assert write(rows[::-1], tmp_path, n_threads=2).read_bytes() == whole


def test_shares_of_the_clock_follow_the_time_zone_of_the_download(tmp_path: Path) -> None:
    # 2024-01-31 was a Wednesday; 23:00 in UTC is 08:00 of the next day in Tokyo.
    log = write_log([("a", before(1 / 24), "beer", 1.0, 1)], tmp_path)
    found = []
    for zone in ("UTC", "Asia/Tokyo"):
        local = spec(replace(EVERY_AGGREGATE, aggregates=(), windows=(None,)), replace(EVENTS, time_zone=zone))
        write_event_features(local, [[log]], vocabulary=LEARNED, cutoff=CUTOFF, folder=tmp_path, n_threads=1)
        (row,) = pq.read_table(tmp_path / "features.parquet").to_pylist()
        found.append([name for name, value in row.items() if value == 1.0])
    assert found == [
        ["s__share__weekday__wed__all", "s__share__time_of_day__evening__all", "s__share__price__band_2__all"],
        ["s__share__weekday__thu__all", "s__share__time_of_day__morning__all", "s__share__price__band_2__all"],
    ]


def test_bands_hold_as_many_events_each_before_the_first_cutoff(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(1), "beer", float(price), 1) for price in range(1, 10)]
    late: list[Row] = [("a", CUTOFF, "beer", 1000.0, 1)] * 50
    write_vocabulary(spec(EVERY_AGGREGATE), [[write_log([*rows, *late], tmp_path)]], folder=tmp_path, n_threads=1)
    learned = read_vocabulary(tmp_path)
    assert learned.edges == {"price": (3.0, 6.0)}
    assert learned.values["price"] == ("band_1", "band_2", "band_3")


def test_a_band_above_the_greatest_value_is_none(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(1), "beer", price, 1) for price in (1.0, 5.0, 5.0, 5.0)]
    write_vocabulary(spec(EVERY_AGGREGATE), [[write_log(rows, tmp_path)]], folder=tmp_path, n_threads=1)
    assert read_vocabulary(tmp_path).values["price"] == ("band_1",)


def test_days_are_what_the_calendar_says_in_any_table(tmp_path: Path) -> None:
    # 2024-01-31 was a Wednesday.
    rows: list[Row] = [("a", before(days), "beer", 1.0, 1) for days in (1, 1, 2, 9)]
    log = pq.read_table(write_log(rows, tmp_path))
    place = log.schema.get_field_index("time")
    dates = log.set_column(place, "time", log["time"].cast(pa.date32()))
    daily = replace(
        EVENTS,
        columns=tuple(replace(column, type="date") if column.name == "time" else column for column in EVENTS.columns),
    )
    found = []
    for method, table in ((EVENTS, log), (daily, dates)):
        pq.write_table(table, tmp_path / "log.parquet")
        every = spec(replace(EVERY_AGGREGATE, windows=(timedelta(days=7), None)), method)
        tables = [[tmp_path / "log.parquet"]]
        write_event_features(every, tables, vocabulary=LEARNED, cutoff=CUTOFF, folder=tmp_path, n_threads=1)
        found.append(pq.read_table(tmp_path / "features.parquet"))
    assert found[0].equals(found[1])
    assert found[1]["s__share__weekday__wed__all"].to_pylist() == [0.5]
    assert found[1]["s__entropy__value__all"].to_pylist() == [0.0]


def test_columns_of_items_stand_beside_the_events(tmp_path: Path) -> None:
    items = Method(
        name="items",
        source="s",
        table="i",
        user="sku",
        about="items",
        columns=(
            Column(name="sku", type="string"),
            Column(name="kind", type="string"),
            Column(name="weekday", type="number"),
        ),
    )
    log = write_log([("a", before(1), "beer", 2.0, 1), ("a", before(2), "tea", 3.0, 2)], tmp_path)
    pq.write_table(
        pa.table({"sku": ["1", "3"], "kind": ["drink", "food"], "weekday": [7.0, 9.0]}), tmp_path / "items.parquet"
    )
    joined = EventFeatures(
        name="s",
        download="events",
        joins=(Join(download="items", by="user_id", columns=("kind", "weekday")),),
        where="kind = 'drink'",
        windows=(None,),
        aggregates=(
            Aggregate(kind="sum", of="price"),
            Aggregate(kind="distinct", of="kind"),
            Aggregate(kind="sum", of="weekday"),
        ),
    )
    described = replace(spec(joined), joined=(TableSpec(method=items, data_version="1"),))
    tables = [[log], [tmp_path / "items.parquet"]]
    write_event_features(described, tables, vocabulary=Vocabulary(), cutoff=CUTOFF, folder=tmp_path, n_threads=1)
    (row,) = pq.read_table(tmp_path / "features.parquet").to_pylist()
    assert row == {
        "user_id": "a",
        "s__sum__price__all": 2.0,
        "s__distinct__kind__all": 1.0,
        "s__sum__weekday__all": 7.0,
    }


def test_a_value_that_few_users_have_gets_no_share(tmp_path: Path) -> None:
    rows: list[Row] = [(user, before(1), value, 1.0, 1) for user, value in (("a", "x"), ("b", "x"), ("a", "y"))]
    settings_ = replace(EVERY_AGGREGATE, shares=(Share(of="value", min_users=2),))
    write_vocabulary(spec(settings_), [[write_log(rows * 3, tmp_path)]], folder=tmp_path, n_threads=1)
    assert read_vocabulary(tmp_path).values["value"] == ("x",)


def test_compute_accepts_any_number_of_threads(tmp_path: Path) -> None:
    assert compute([("a", before(1), "beer", 1.0, 1)], tmp_path, n_threads=3).exists()
