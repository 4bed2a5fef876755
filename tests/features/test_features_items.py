"""Facts about embeddings of items."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from factors_toys import CUTOFF, INSTANT, WEEK, Row, before, compare_by_hand, embed_by_hand, spec, write_log
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.features.columns import FEATURES
from yule.features.embeddings.factors import Factors, read_factors, weigh_rarity, write_factors
from yule.features.embeddings.items import learn_items, write_item_features
from yule.features.settings import ItemFeatures

ITEMS = ItemFeatures(name="shop", download="events", item="item", windows=(WEEK, None), dimensions=8, min_users=1)
KNOWN = Factors(
    names=("beer", "tea", "1"),
    weights=np.array([2.0, 1.0, 3.0]),
    vectors=np.array([[1.0, -2.0], [0.5, 0.25], [-1.0, 0.0]]),
)

PAST = st.tuples(
    st.sampled_from(["a", "B", "é"]),
    st.sampled_from([1e-6, 3.0, 7.0, 7.000001, 30.0]).map(before),
    st.sampled_from(["beer", "Beer", "tea", "it's", None]),
    st.sampled_from([None, 0.0, 0.1, 2.5, -1.25]),
    st.sampled_from([None, 1, 2**60]),
)
LOGS = st.lists(PAST, min_size=1, max_size=14).filter(lambda rows: any(row[2] for row in rows))
FEW = settings(deadline=None, max_examples=12)


def learn(
    rows: list[Row], folder: Path, *, items: ItemFeatures = ITEMS, n_threads: int = 1, rows_per_group: int = 1000
) -> Factors:
    log = write_log(rows, folder, rows_per_group=rows_per_group)
    write_factors(learn_items(spec(items), [log], scratch=folder, n_threads=n_threads), folder)
    return read_factors(folder)[items.item]


def compute(
    rows: list[Row],
    folder: Path,
    *,
    factors: Factors = KNOWN,
    items: ItemFeatures = ITEMS,
    cutoff: datetime = CUTOFF,
    n_threads: int = 1,
    rows_per_group: int = 1000,
) -> Path:
    log = write_log(rows, folder, rows_per_group=rows_per_group)
    write_item_features(spec(items), [log], factors=factors, cutoff=cutoff, folder=folder, n_threads=n_threads)
    return folder / FEATURES


def written(rows: list[Row], **options: int) -> list[bytes]:
    """Learn and compute; return the bytes of all files."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = compute(rows, folder, factors=learn(rows, folder, **options), **options)  # type: ignore[arg-type]
        return [path.read_bytes() for path in (file, folder / "factors.json", folder / "factors.safetensors")]


def touched(rows: list[Row], user: str, since: datetime | None) -> Counter[str]:
    return Counter(
        row[2] for row in rows if row[0] == user and row[2] and row[1] < CUTOFF and (since is None or row[1] >= since)
    )


@FEW
@given(LOGS)
def test_a_users_vector_is_what_adding_up_by_hand_gives(rows: list[Row]) -> None:
    with TemporaryDirectory() as name:
        found = {row.pop("user_id"): list(row.values()) for row in pq.read_table(compute(rows, Path(name))).to_pylist()}
    for user in {row[0] for row in rows}:
        vectors = [embed_by_hand(touched(rows, user, since), KNOWN) for since in (CUTOFF - WEEK, None)]
        expected = [value for vector in vectors for value in vector or [None, None]]
        assert found.get(user, [None] * 4) == [value and pytest.approx(value, rel=1e-6) for value in expected]


@FEW
@given(LOGS)
def test_users_are_as_alike_as_what_they_touched(rows: list[Row]) -> None:
    counts = {user: touched(rows, user, None) for user in sorted({row[0] for row in rows})}
    counts = {user: counter for user, counter in counts.items() if counter}
    with TemporaryDirectory() as name:
        folder = Path(name)
        only_all = replace(ITEMS, windows=(None,))
        table = pq.read_table(compute(rows, folder, factors=learn(rows, folder), items=only_all))
    assert table["user_id"].to_pylist() == list(counts)
    vectors = np.column_stack([column.to_numpy() for column in table.columns[1:]])
    expected = compare_by_hand(counts, lambda n_users, n_touching: np.log1p(n_users / n_touching))
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-6)


@FEW
@given(LOGS, st.randoms(use_true_random=False), st.integers(2, 4), st.integers(1, 5))
def test_threads_and_the_order_and_groups_of_rows_change_no_byte(
    rows: list[Row], random: Random, n_threads: int, rows_per_group: int
) -> None:
    shuffled = random.sample(rows, len(rows))
    assert written(rows) == written(shuffled, n_threads=n_threads, rows_per_group=rows_per_group)


def test_columns_are_named_by_set_item_dimension_and_window(tmp_path: Path) -> None:
    names = pq.read_schema(compute([("a", before(1), "beer", 1.0, 1)], tmp_path)).names
    ends = ("01__7d", "02__7d", "01__all", "02__all")
    assert names == ["user_id", *(f"shop__svd__item__{end}" for end in ends)]


def test_a_window_without_known_items_is_missing_and_so_is_a_user_without_any(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(9), "beer", 1.0, 1), ("b", before(1), "unheard-of", 1.0, 1)]
    (row,) = pq.read_table(compute(rows, tmp_path)).to_pylist()
    assert row.pop("user_id") == "a"
    assert list(row.values()) == [None, None, 0.5, -1.0]


def test_a_window_starts_at_its_first_instant_and_ends_before_the_cutoff(tmp_path: Path) -> None:
    week = replace(ITEMS, windows=(WEEK,))
    rows: list[Row] = [("a", before(7), "beer", 1.0, 1), ("a", before(0), "tea", 1.0, 1)]
    rows += [("a", before(7 + 1e-6), "tea", 1.0, 1)]
    (row,) = pq.read_table(compute(rows, tmp_path, items=week)).to_pylist()
    assert list(row.values()) == ["a", 0.5, -1.0]


def test_a_weight_is_summed_and_items_that_were_given_back_do_not_count(tmp_path: Path) -> None:
    weighed = replace(ITEMS, weight="amount", windows=(None,))
    rows: list[Row] = [("a", before(1), "beer", amount, 1) for amount in (1e-6, None, 8.999999)]
    rows += [("a", before(1), "tea", amount, 1) for amount in (2.0, -2.0)]
    rows += [("a", before(1), "1", 4.0, 1), ("b", before(1), "tea", -1.0, 1)]
    (row,) = pq.read_table(compute(rows, tmp_path, items=weighed)).to_pylist()
    expected = embed_by_hand({"beer": 9.0, "1": 4.0}, KNOWN)
    assert list(row.values()) == ["a", *(pytest.approx(value, rel=1e-6) for value in expected or [])]


def test_items_may_be_whole_numbers(tmp_path: Path) -> None:
    numbered = replace(ITEMS, item="code")
    assert learn(
        [("a", before(1), None, None, 7), ("b", before(1), None, None, None)], tmp_path, items=numbered
    ).names == ("7",)
    (row,) = pq.read_table(compute([("a", before(1), None, None, 1)], tmp_path, items=numbered)).to_pylist()
    assert row["shop__svd__code__01__all"] == pytest.approx(-1 / 3)


def test_the_items_that_most_users_touched_are_known_and_ties_go_by_name(tmp_path: Path) -> None:
    touches = ["a tea", "b tea", "c tea", "a rum", "b rum", "a ale", "c ale", "a gin", "a gin", "a gin"]
    rows: list[Row] = [(text[0], before(1), text[2:], 1.0, 1) for text in touches]
    late: list[Row] = [(user, CUTOFF, "late", 1.0, 1) for user in "abcdef"]
    assert learn([*rows, *late], tmp_path, items=replace(ITEMS, min_users=2)).names == ("tea", "ale", "rum")
    assert learn(rows[::-1], tmp_path, items=replace(ITEMS, top=2)).names == ("tea", "ale")
    assert learn(rows, tmp_path, items=replace(ITEMS, where="item <> 'tea'", top=2)).names == ("ale", "rum")


def test_only_dimensions_that_hold_something_are_kept(tmp_path: Path) -> None:
    rows: list[Row] = [(user, before(1), item, 1.0, 1) for user in "abc" for item in ("beer", "tea", "gin")]
    assert learn(rows, tmp_path).n_dimensions == 1
    assert learn([*rows, ("a", before(1), "rum", 1.0, 1)], tmp_path).n_dimensions == 2


def test_no_item_with_enough_users_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"features/shop.yaml: no item was touched by 2 users or more before 2024-02-01"
    ):
        learn([("a", before(1), "beer", 1.0, 1)], tmp_path, items=replace(ITEMS, min_users=2))


def test_a_proposed_set_comes_to_nothing_where_no_item_has_enough_users(tmp_path: Path) -> None:
    receipts = replace(ITEMS, proposed=True, min_users=2)
    rows: list[Row] = [("a", before(1), "beer", 1.0, 1)]
    table = pq.read_table(compute(rows, tmp_path, items=receipts, factors=learn(rows, tmp_path, items=receipts)))
    assert (table.column_names, len(table)) == (["user_id"], 0)


def test_factors_are_learned_from_some_users_who_touched_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[Row] = [(user, before(1), item, 1.0, 1) for user in "abcdefgh" for item in ("beer", user)]
    rows += [(user, before(1), item, 1.0, 1) for user in "ab" for item in ("tea",)]
    known = replace(ITEMS, min_users=2)
    everyone = learn(rows, tmp_path, items=known)
    monkeypatch.setattr("yule.features.embeddings.items.LEARN_USERS", 1)
    some = learn(rows, tmp_path, items=known)
    assert (some.names, some.weights.tolist()) == (everyone.names, everyone.weights.tolist())
    assert (some.n_dimensions, everyone.n_dimensions) == (1, 2)


def test_a_cutoff_before_all_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="events has no row before the cut-off 2024-02-01"):
        compute([("a", CUTOFF, "beer", 1.0, 1)], tmp_path)


def test_a_condition_that_leaves_nobody_gives_a_file_without_rows(tmp_path: Path) -> None:
    rows: list[Row] = [("a", before(1), "beer", 1.0, 1)]
    full = pq.read_schema(compute(rows, tmp_path))
    table = pq.read_table(compute(rows, tmp_path, items=replace(ITEMS, where="item = 'none'")))
    assert (len(table), table.schema.equals(full, check_metadata=True)) == (0, True)


def test_each_users_vector_is_that_of_the_user_alone_however_many_there_are(tmp_path: Path) -> None:
    # More rows than are read at once: users lie across the borders of batches.
    n_users, n_items = 15_000, 7
    random = np.random.default_rng(0)
    users = np.repeat([f"u{number}" for number in random.permutation(n_users)], n_items)
    items = np.array(["beer", "tea", "1"])[random.integers(0, 3, n_users * n_items)]
    numbers = random.integers(1, 9, n_users * n_items)
    log = {"user": users, "time": pa.repeat(pa.scalar(before(1), INSTANT), len(users)), "item": items}
    log |= {"amount": numbers * 0.1, "code": numbers}
    pq.write_table(pa.table(log), tmp_path / "l")
    numbered = replace(ITEMS, item="code", weight="amount", windows=(None,))
    factors = learn_items(spec(numbered), [tmp_path / "l"], scratch=tmp_path, n_threads=2)["code"]
    files = []
    for n_threads in (1, 4):
        write_item_features(
            spec(numbered), [tmp_path / "l"], factors=factors, cutoff=CUTOFF, folder=tmp_path, n_threads=n_threads
        )
        files.append((tmp_path / FEATURES).read_bytes())
    assert files[0] == files[1]
    table = pq.read_table(tmp_path / FEATURES)
    assert table["user_id"].to_pylist() == sorted(set(users.tolist()))
    for row in table.to_pylist()[::1999]:
        own = users == row["user_id"]
        rows: list[Row] = [(row["user_id"], before(1), None, number * 0.1, number) for number in numbers[own].tolist()]
        assert pq.read_table(compute(rows, tmp_path, items=numbered, factors=factors)).to_pylist() == [row]


def test_rare_items_count_more() -> None:
    weights = weigh_rarity(1000, np.array([1000, 100, 1]))
    assert (np.diff(weights) > 0).all()
    assert weights[0] > 0


def test_windows_may_be_shorter_than_a_day(tmp_path: Path) -> None:
    short = replace(ITEMS, windows=(timedelta(hours=12),))
    rows: list[Row] = [("a", before(0.5), "beer", 1.0, 1), ("a", before(0.6), "tea", 1.0, 1)]
    (row,) = pq.read_table(compute(rows, tmp_path, items=short)).to_pylist()
    assert row == {"user_id": "a", "shop__svd__item__01__12h": 0.5, "shop__svd__item__02__12h": -1.0}
