"""Facts about features of events."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from features_toys import (
    CUTOFF,
    INSTANT,
    SHOPPING,
    VOCABULARY,
    WEEK,
    Row,
    before,
    compute,
    count_by_hand,
    spec,
    write_log,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.downloads.settings import Column, Method
from yule.features.events.write import write_event_features
from yule.features.settings import Aggregate, EventFeatures, Share, has_to_learn
from yule.features.vocabulary import Vocabulary, read_vocabulary, write_vocabulary
from yule.features.wording import name_values
from yule.sql.columns import ColumnType

PAST = st.tuples(
    st.sampled_from(["a", "B", "é"]),
    st.sampled_from([1e-6, 3.0, 7.0, 7.000001, 14.0, 14.5, 30.0]).map(before),
    st.sampled_from(["beer", "Beer", "tea", "other", "it's", None]),
    st.sampled_from([None, 0.0, 0.1, 2.5, -1.25, 123456789.25, 1e17, -1e17]),
    st.sampled_from([None, 1, -3, 2**62]),
)
LOGS = st.lists(PAST, min_size=1, max_size=14)
FEW = settings(deadline=None, max_examples=12)


def written(rows: list[Row], **options: int) -> bytes:
    with TemporaryDirectory() as name:
        return compute(rows, Path(name), **options).read_bytes()  # type: ignore[arg-type]


@FEW
@given(LOGS)
def test_features_are_what_counting_by_hand_gives(rows: list[Row]) -> None:
    with TemporaryDirectory() as name:
        table = pq.read_table(compute(rows, Path(name)))
    expected = count_by_hand(rows, CUTOFF)
    assert table["user_id"].to_pylist() == list(expected)
    assert set(table.schema.names) == {"user_id", *next(iter(expected.values()))}
    for row in table.to_pylist():
        for column, value in expected[row["user_id"]].items():
            assert row[column] == (None if value is None else pytest.approx(value, rel=1e-5, abs=1e-6)), column


@FEW
@given(LOGS, st.randoms(use_true_random=False), st.integers(2, 4), st.integers(1, 5))
def test_threads_and_the_order_and_groups_of_rows_change_no_byte(
    rows: list[Row], random: Random, n_threads: int, rows_per_group: int
) -> None:
    shuffled = random.sample(rows, len(rows))
    assert written(rows) == written(shuffled, n_threads=n_threads, rows_per_group=rows_per_group)


def test_a_window_starts_at_its_first_instant_and_ends_before_the_cutoff(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(days), "beer", 1.0, 1) for days in (7 + 1e-6, 7, 1e-6, 0)]
    (row,) = pq.read_table(compute(rows, tmp_path)).to_pylist()
    assert (row["shop__count__7d"], row["shop__count__all"]) == (2, 3)


def test_a_cutoff_before_all_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="events has no row before the cut-off 2024-02-01: its first is at 2024-02-01"):
        compute([("a", CUTOFF, "beer", 1.0, 1)], tmp_path)


def test_a_condition_that_leaves_nobody_gives_a_file_without_rows(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(1), "beer", 1.0, 1)]
    full = pq.read_schema(compute(rows, tmp_path))
    table = pq.read_table(compute(rows, tmp_path, settings=replace(SHOPPING, where="value = 'none'")))
    assert (len(table), table.schema.equals(full, check_metadata=True)) == (0, True)


def test_shares_without_known_values_have_no_columns(tmp_path: Path) -> None:
    log = write_log([("a", before(1), None, 1.0, 1)], tmp_path)
    write_event_features(
        spec(), [[log]], vocabulary=Vocabulary(values={"value": ()}), cutoff=CUTOFF, folder=tmp_path, n_threads=1
    )
    assert not [name for name in pq.read_schema(tmp_path / "features.parquet").names if "share" in name]


def test_large_numbers_that_cancel_leave_the_small_ones(tmp_path: Path) -> None:
    # Floating-point sums of these are 0, 1 or 2, by the order of the rows.
    for prices in ((1e17, 1.0, -1e17, 1.0), (1.0, 1.0, 1e17, -1e17), (1e17, -1e17, 1.0, 1.0)):
        rows: list[Row] = [("a", before(1), "beer", price, 1) for price in prices]
        (row,) = pq.read_table(compute(rows, tmp_path)).to_pylist()
        assert (row["shop__sum__price__all"], row["shop__mean__price__all"]) == (2, 0.5)


def test_the_largest_numbers_a_download_may_hold_do_not_overflow(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(1), "beer", 1e24, 2**62)] * 50
    (row,) = pq.read_table(compute(rows, tmp_path)).to_pylist()
    assert row["shop__sum__price__all"] == pytest.approx(5e25)


def test_users_ascend_whatever_the_number_of_threads_that_stream_them(tmp_path: Path) -> None:
    # More users than DuckDB puts into one of its row groups: threads share out row groups.
    n_users = 130_000
    names = pa.array([f"u{number * 7_919 % n_users}" for number in range(n_users)])
    pq.write_table(pa.table({"user": names, "time": pa.repeat(pa.scalar(before(1), INSTANT), n_users)}), tmp_path / "l")
    counts = replace(SHOPPING, windows=(None,), aggregates=SHOPPING.aggregates[:1], shares=())
    files = []
    for n_threads in (1, 4):
        write_event_features(
            spec(counts),
            [[tmp_path / "l"]],
            vocabulary=Vocabulary(),
            cutoff=CUTOFF,
            folder=tmp_path,
            n_threads=n_threads,
        )
        files.append((tmp_path / "features.parquet").read_bytes())
    users = pq.read_table(tmp_path / "features.parquet")["user_id"].to_pylist()
    assert files[0] == files[1]
    assert users == sorted(names.to_pylist())


@pytest.mark.parametrize(
    "names",
    [
        ("value", "latest", "known", "part"),
        ("user_id", "weight_7d", "value", "parts"),
        ("code", "age", "bucket", "day"),
        ("day", "code", "n", "age"),
        ("age", "bucket", "code", "n"),
    ],
)
def test_columns_may_have_the_names_that_the_queries_use(names: tuple[str, ...], tmp_path: Path) -> None:
    user, time, of, weight = names
    kinds: tuple[ColumnType, ...] = ("string", "timestamp", "string", "number")
    columns = tuple(Column(name=name, type=kind) for name, kind in zip(names, kinds, strict=True))
    times = pa.array([before(7), before(1), before(20)], INSTANT)
    values = [["a", "a", "b"], times, ["x", "y", "x"], [1.0, 3.0, 1.0]]
    pq.write_table(pa.table(dict(zip(names, values, strict=True))), tmp_path / "log.parquet")
    strange = EventFeatures(
        name="s",
        download="e",
        windows=(WEEK,),
        aggregates=tuple(Aggregate(kind="distinct", of=name) for name in names),
        shares=(Share(of=of, weight=weight), Share(of=user)),
    )
    method = Method(name="e", source="s", table="t", user=user, time=time, columns=columns)
    write_event_features(
        spec(strange, method),
        [[tmp_path / "log.parquet"]],
        vocabulary=Vocabulary(values={of: ("x", "y"), user: ("a",)}),
        cutoff=CUTOFF,
        folder=tmp_path,
        n_threads=1,
    )
    rows = [list(row.values()) for row in pq.read_table(tmp_path / "features.parquet").to_pylist()]
    assert rows == [["a", 1, 2, 2, 2, 0.25, 0.75, 1], ["b", 0, 0, 0, 0, None, None, None]]


def test_a_value_seen_in_and_before_a_window_is_one_of_its_distinct_values(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("a", before(days), "beer", price, 1) for days, price in ((9, 1.0), (7, 1.0), (8, 2.0), (3, None))
    ]
    (row,) = pq.read_table(compute(rows, tmp_path)).to_pylist()
    assert (row["shop__distinct__price__7d"], row["shop__distinct__price__14d"]) == (1, 2)


def learn(rows: list[Row], folder: Path, share: Share, *, where: str | None = None) -> tuple[str, ...]:
    settings = EventFeatures(name="shop", download="events", where=where, shares=(share,))
    write_vocabulary(spec(settings), [[write_log(rows, folder)]], folder=folder, n_threads=2)
    return read_vocabulary(folder).values[share.of]


def test_a_vocabulary_holds_the_most_frequent_values_before_its_date_and_ties_go_by_value(tmp_path: Path) -> None:
    values = ["tea", "ale", "tea", "beer", None, None, None, "rum"]
    rows: list[Row] = [("a", before(1), value, 1.0, 1) for value in values]
    late: list[Row] = [("a", CUTOFF, "late", 1.0, 1)] * 9
    assert learn([*rows, *late], tmp_path, Share(of="value", top=3)) == ("tea", "ale", "beer")
    assert learn([*late, *rows[::-1]], tmp_path, Share(of="value", top=9)) == ("tea", "ale", "beer", "rum")


def test_a_vocabulary_is_learned_from_the_events_of_its_set(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(1), value, price, 1) for value, price in (("tea", 1.0), ("tea", 1.0), ("rum", 9.0))]
    assert learn(rows, tmp_path, Share(of="value"), where="price > 5") == ("rum",)


@pytest.mark.parametrize("names", [("n", "value", "user_id"), ("value", "n", "text"), ("user_id", "text", "n")])
def test_a_vocabulary_is_learned_from_columns_of_any_name(names: tuple[str, ...], tmp_path: Path) -> None:
    user, time, of = names
    columns = (Column(name=user, type="string"), Column(name=time, type="timestamp"), Column(name=of, type="string"))
    log = {user: ["a", "a", "a", "b", "b"], time: pa.array([before(1)] * 5, INSTANT), of: ["x", "x", "x", "y", None]}
    pq.write_table(pa.table(log), tmp_path / "log.parquet")
    method = Method(name="e", source="s", table="t", user=user, time=time, columns=columns)
    strange = EventFeatures(name="s", download="e", shares=(Share(of=of),))
    write_vocabulary(spec(strange, method), [[tmp_path / "log.parquet"]], folder=tmp_path, n_threads=1)
    assert read_vocabulary(tmp_path).values[of] == ("x", "y")


def test_only_sets_with_shares_learn_a_vocabulary() -> None:
    assert has_to_learn(SHOPPING)
    assert not has_to_learn(replace(SHOPPING, shares=()))


@given(st.lists(st.sampled_from(["A B", "a-b", "A_B_2", "a b 2", "", "/", "value", "é"]), unique=True))
def test_values_have_different_names_even_in_lower_case(values: list[str]) -> None:
    assert len({name.lower() for name in name_values(values)}) == len(values)


def test_vocabulary_of_the_toys_differs_only_in_case() -> None:
    assert name_values(VOCABULARY.values["value"]) == ["beer", "tea", "Beer_2"]


def test_a_window_may_be_shorter_than_a_day(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(0.5), "beer", 1.0, 1), ("a", before(0.6), "beer", 1.0, 1)]
    short = replace(SHOPPING, windows=(timedelta(hours=12),))
    (row,) = pq.read_table(compute(rows, tmp_path, settings=short)).to_pylist()
    assert row["shop__count__12h"] == 1


def test_a_proposed_set_comes_to_nothing_where_no_event_is_before_the_cutoff(tmp_path: Path) -> None:
    rows: list[Row] = [("a", CUTOFF, "beer", 1.0, 1)]
    with pytest.raises(DataError, match="no row before the cut-off"):
        compute(rows, tmp_path)
    proposed = spec(replace(SHOPPING, proposed=True))
    tables = [[write_log(rows, tmp_path)]]
    write_event_features(proposed, tables, vocabulary=VOCABULARY, cutoff=CUTOFF, folder=tmp_path, n_threads=1)
    assert pq.read_table(tmp_path / "features.parquet").num_rows == 0
