"""Facts about profiles and the table a model takes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from features_toys import CUTOFF, INSTANT, SHOPPING, Row, before, compute, spec

from yule.core.dataset import Features
from yule.core.errors import DataError
from yule.downloads.settings import Column, Method
from yule.features.matrix import read_features, stack_features
from yule.features.profile import write_profile_features
from yule.features.settings import ProfileFeatures

USERS = Method(
    name="users",
    source="s",
    table="t",
    user="user",
    columns=(
        Column(name="user", type="string"),
        Column(name="town", type="string"),
        Column(name="age", type="integer"),
        Column(name="is_member", type="boolean"),
        Column(name="joined", type="date"),
        Column(name="seen", type="timestamp"),
    ),
)
TABLE = pa.table(
    {
        "user": ["a", "b", "c", "d"],
        "town": ["york", "bath", None, "york"],
        "age": [30, None, 40, 50],
        "is_member": [True, False, None, True],
        "joined": [date(2024, 1, 30), date(2024, 2, 2), None, date(2024, 2, 1)],
        "seen": pa.array([before(0.5), before(-1), before(0), None], INSTANT),
    }
)
TIMED = replace(USERS, time="seen")
ALL = ProfileFeatures(name="who", download="users")


def profile(
    folder: Path,
    *,
    table: pa.Table = TABLE,
    method: Method = USERS,
    settings: ProfileFeatures = ALL,
    n_threads: int = 1,
) -> Path:
    pq.write_table(table, folder / "users.parquet")
    write_profile_features(
        spec(settings, method), [folder / "users.parquet"], cutoff=CUTOFF, folder=folder, n_threads=n_threads
    )
    return folder / "features.parquet"


def users(*names: str) -> np.ndarray:
    return np.array(names, dtype=object)


def towns(features: Features) -> list[str | None]:
    (vocabulary,) = features.vocabularies
    return [None if code < 0 else vocabulary[code] for code in features.codes[:, 0]]


def test_a_profile_has_numbers_text_and_days_until_the_cutoff(tmp_path: Path) -> None:
    table = pq.read_table(profile(tmp_path))
    assert table["who__town"].to_pylist() == ["york", "bath", None, "york"]
    assert table["who__age"].to_pylist() == [30, None, 40, 50]
    assert table["who__is_member"].to_pylist() == [1, 0, None, 1]
    assert {field.type for field in table.schema} == {pa.string(), pa.float32()}


def test_users_of_a_profile_ascend_in_whatever_order_they_come(tmp_path: Path) -> None:
    expected = profile(tmp_path).read_bytes()
    assert profile(tmp_path, table=TABLE.take([2, 0, 3, 1]), n_threads=4).read_bytes() == expected


def test_a_date_that_is_not_over_at_the_cutoff_is_missing(tmp_path: Path) -> None:
    table = pq.read_table(profile(tmp_path))
    assert table["who__joined"].to_pylist() == [2, None, None, None]
    assert table["who__seen"].to_pylist() == [0.5, None, None, None]


EVERY_DATE = replace(ALL, columns=("joined", "seen"), dates=("hour", "weekday", "month", "differences"))


def test_dates_have_a_weekday_and_a_month_and_times_an_hour_where_the_clock_hung(tmp_path: Path) -> None:
    table = pq.read_table(profile(tmp_path, method=replace(USERS, time_zone="Asia/Tokyo"), settings=EVERY_DATE))
    joined, seen = date(2024, 1, 30), before(0.5).astimezone(ZoneInfo("Asia/Tokyo"))
    assert table["who__joined__weekday"].to_pylist() == [joined.isoweekday(), None, None, None]
    assert table["who__joined__month"].to_pylist() == [1, None, None, None]
    assert table["who__seen__hour"].to_pylist() == [seen.hour, None, None, None]
    assert table["who__seen__weekday"].to_pylist() == [seen.isoweekday(), None, None, None]
    assert "who__joined__hour" not in table.column_names


def test_the_days_between_two_dates_are_missing_unless_both_are_over_at_the_cutoff(tmp_path: Path) -> None:
    columns = {
        "user": ["a", "b"],
        "joined": [date(2024, 1, 30)] * 2,
        "seen": pa.array([before(0.5), before(-9)], INSTANT),
    }
    table = TABLE.select(["town", "age", "is_member"]).slice(0, 2)
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values) if isinstance(values, list) else values)
    found = pq.read_table(profile(tmp_path, table=table, settings=EVERY_DATE))
    start = datetime(2024, 1, 30, tzinfo=UTC)
    assert found["who__joined__to__seen"].to_pylist() == [(before(0.5) - start) / timedelta(days=1), None]


def test_differences_are_those_of_ten_dates_at_most(tmp_path: Path) -> None:
    days = [Column(name=f"d{number}", type="date") for number in range(12)]
    method = Method(
        name="users", source="s", table="users", user="user", columns=(Column(name="user", type="string"), *days)
    )
    table = pa.table({"user": ["a"], **{day.name: [date(2024, 1, 1)] for day in days}})
    settings = replace(ALL, dates=("differences",))
    names = pq.read_schema(profile(tmp_path, table=table, method=method, settings=settings)).names
    assert len(names) == 1 + 12 + 45


def test_a_profile_may_take_some_columns_in_an_order_of_its_own(tmp_path: Path) -> None:
    names = pq.read_schema(profile(tmp_path, settings=replace(ALL, columns=("age", "town")))).names
    assert names == ["user_id", "who__age", "who__town"]


def timed(rows: list[tuple[str, float, str]]) -> pa.Table:
    columns = {"user": [row[0] for row in rows], "seen": pa.array([before(row[1]) for row in rows], INSTANT)}
    columns |= {"town": [row[2] for row in rows]}
    return pa.table(columns)


def test_a_timed_profile_takes_the_last_row_before_the_cutoff(tmp_path: Path) -> None:
    method = replace(TIMED, columns=(USERS.columns[0], USERS.columns[1], USERS.columns[5]))
    rows = [("a", 3.0, "old"), ("a", 1.0, "bath"), ("a", 1.0, "york"), ("a", 0.0, "new"), ("z", -1.0, "new")]
    files = [
        profile(tmp_path, table=timed(order), method=method, n_threads=n_threads).read_bytes()
        for order, n_threads in ((rows, 1), (rows[::-1], 4))
    ]
    assert files[0] == files[1]
    assert pq.read_table(tmp_path / "features.parquet").to_pylist() == [{"user_id": "a", "who__town": "york"}]


def test_a_timed_profile_without_rows_before_the_cutoff_is_refused(tmp_path: Path) -> None:
    method = replace(TIMED, columns=(USERS.columns[0], USERS.columns[1], USERS.columns[5]))
    with pytest.raises(DataError, match="users has no row before the cut-off"):
        profile(tmp_path, table=timed([("a", 0.0, "york")]), method=method)


ROWS: list[Row] = [(name, before(days), "beer", 2.0, 1) for name in "bdf" for days in (1, 20)]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Files of events and of profiles."""
    folders = [tmp_path / "events", tmp_path / "profile"]
    for folder in folders:
        folder.mkdir()
    return [compute(ROWS, folders[0]), profile(folders[1])]


def test_absent_users_have_zero_where_nothing_was_counted_and_missing_elsewhere(files: list[Path]) -> None:
    features = read_features(files, users("a", "b"))
    absent = dict(zip(features.numeric_names, features.numeric[0], strict=True))
    assert absent["shop__count__7d"] == absent["shop__sum__price__all"] == absent["shop__distinct__price__7d"] == 0
    missing = ["shop__recency", "shop__mean__price__7d", "shop__max__price__all", "shop__share__value__beer__all"]
    assert np.isnan([absent[name] for name in missing]).all()
    assert absent["who__age"] == 30


def test_text_becomes_codes_into_a_sorted_vocabulary(files: list[Path]) -> None:
    features = read_features(files, users("a", "b", "c", "nobody"))
    assert (features.categorical_names, features.vocabularies) == (("who__town",), (("bath", "york"),))
    assert features.codes[:, 0].tolist() == [1, 0, -1, -1]
    assert (features.numeric.dtype.name, features.codes.dtype.name) == ("float32", "int32")


@pytest.mark.parametrize("n_first", range(1, 7))
def test_slices_of_users_give_the_rows_of_the_whole(files: list[Path], n_first: int) -> None:
    names = users("0", "a", "b", "c", "d", "f", "z")
    whole = read_features(files, names)
    parts = stack_features([read_features(files, names[:n_first]), read_features(files, names[n_first:])])
    np.testing.assert_array_equal(whole.numeric, parts.numeric)
    assert (whole.names, towns(whole)) == (parts.names, towns(parts))


def test_stacking_unites_the_vocabularies(files: list[Path]) -> None:
    parts = [read_features(files, users(name)) for name in ("a", "b", "c")]
    assert [part.vocabularies for part in parts] == [(("york",),), (("bath",),), ((),)]
    assert stack_features(parts).vocabularies == (("bath", "york"),)
    assert towns(stack_features(parts)) == ["york", "bath", None]


def test_nobody_has_no_rows_but_all_columns(files: list[Path]) -> None:
    features = read_features(files, users())
    assert features.n_users == 0
    assert features.names == read_features(files, users("a")).names


def test_a_file_without_rows_reads_as_absent_users(tmp_path: Path) -> None:
    file = compute(ROWS, tmp_path, settings=replace(SHOPPING, where="value = 'none'"))
    features = read_features([file], users("b", "d"))
    count = features.numeric_names.index("shop__count__all")
    assert (features.n_users, features.numeric[:, count].tolist(), features.codes.shape) == (2, [0, 0], (2, 0))
