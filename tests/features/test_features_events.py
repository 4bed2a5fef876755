"""Facts about features of events."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from features_toys import CUTOFF, SHOPPING, VOCABULARY, Row, before, compute, count_by_hand, spec, write_log
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.features.columns import name_values
from yule.features.events import write_event_features
from yule.features.settings import EventFeatures, Share
from yule.features.vocabulary import learn_vocabulary_date, read_vocabulary, write_vocabulary

PAST = st.tuples(
    st.sampled_from(["a", "B", "é"]),
    st.sampled_from([1e-6, 3.0, 7.0, 7.000001, 14.0, 14.5, 30.0]).map(before),
    st.sampled_from(["beer", "Beer", "tea", "other", "it's", None]),
    st.sampled_from([None, 0.0, 0.1, 0.2, 2.5, -1.25, 123456789.25]),
    st.sampled_from([None, 1, -3, 2**62]),
)
LOGS = st.lists(PAST, min_size=1, max_size=14)
FUTURE = st.lists(
    st.tuples(
        st.sampled_from(["a", "new"]),
        st.sampled_from([0.0, -1.0, -50.0]).map(before),
        st.sampled_from(["beer", "later"]),
        st.just(9.0),
        st.just(1),
    ),
    max_size=5,
)
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
@given(LOGS, FUTURE)
def test_nothing_at_or_after_the_cutoff_changes_a_byte(rows: list[Row], future: list[Row]) -> None:
    assert written(rows) == written([*future, *rows])


@FEW
@given(LOGS, st.randoms(use_true_random=False), st.integers(2, 4), st.integers(1, 5))
def test_threads_and_the_order_and_groups_of_rows_change_no_byte(
    rows: list[Row], random: Random, n_threads: int, rows_per_group: int
) -> None:
    shuffled = random.sample(rows, len(rows))
    assert written(rows) == written(shuffled, n_threads=n_threads, rows_per_group=rows_per_group)


def test_features_at_a_cutoff_do_not_depend_on_those_at_another(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(20), "beer", 1.0, 1), ("a", before(2), "tea", 3.0, 1)]
    alone = compute(rows, tmp_path).read_bytes()
    compute(rows, tmp_path, cutoff=before(10))
    assert compute(rows, tmp_path).read_bytes() == alone


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
    write_event_features(spec(), log, vocabulary={"value": ()}, cutoff=CUTOFF, folder=tmp_path, n_threads=1)
    assert not [name for name in pq.read_schema(tmp_path / "features.parquet").names if "share" in name]


def test_the_largest_numbers_a_download_may_hold_do_not_overflow(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(1), "beer", 1e24, 2**62)] * 50
    (row,) = pq.read_table(compute(rows, tmp_path)).to_pylist()
    assert row["shop__sum__price__all"] == pytest.approx(5e25)


def learn(rows: list[Row], folder: Path, share: Share) -> tuple[str, ...]:
    settings = EventFeatures(name="shop", download="events", shares=(share,))
    write_vocabulary(spec(settings), write_log(rows, folder), folder=folder, n_threads=2)
    return read_vocabulary(folder)[share.of]


def test_a_vocabulary_holds_the_most_frequent_values_before_its_date_and_ties_go_by_value(tmp_path: Path) -> None:
    values = ["tea", "ale", "tea", "beer", None, None, None, "rum"]
    rows: list[Row] = [("a", before(1), value, 1.0, 1) for value in values]
    late: list[Row] = [("a", CUTOFF, "late", 1.0, 1)] * 9
    assert learn([*rows, *late], tmp_path, Share(of="value", top=3)) == ("tea", "ale", "beer")
    assert learn([*late, *rows[::-1]], tmp_path, Share(of="value", top=9)) == ("tea", "ale", "beer", "rum")


def test_only_sets_with_shares_learn_a_vocabulary() -> None:
    assert learn_vocabulary_date(SHOPPING, CUTOFF) == CUTOFF
    assert learn_vocabulary_date(replace(SHOPPING, shares=()), CUTOFF) is None


@given(st.lists(st.sampled_from(["A B", "a-b", "A_B_2", "a b 2", "", "/", "value", "é"]), unique=True))
def test_values_have_different_names_even_in_lower_case(values: list[str]) -> None:
    assert len({name.lower() for name in name_values(values)}) == len(values)


def test_vocabulary_of_the_toys_differs_only_in_case() -> None:
    assert name_values(VOCABULARY["value"]) == ["beer", "tea", "Beer_2"]


def test_a_window_may_be_shorter_than_a_day(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(0.5), "beer", 1.0, 1), ("a", before(0.6), "beer", 1.0, 1)]
    short = replace(SHOPPING, windows=(timedelta(hours=12),))
    (row,) = pq.read_table(compute(rows, tmp_path, settings=short)).to_pylist()
    assert row["shop__count__12h"] == 1
