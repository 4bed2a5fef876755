"""Facts that hold for feature sets of every kind: none knows the future, and no cut-off depends on another."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from every_kind import ALWAYS, EVERY_AGGREGATE, FIRST, KINDS, describe, learn, write, write_tables
from features_toys import CUTOFF, EVENTS, Row, before
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.features.settings import AggregateKind, FeatureSet, ProfileFeatures, RoleFeatures

FEW = settings(deadline=None, max_examples=3)
ALL_KINDS = pytest.mark.parametrize("features", KINDS.values(), ids=KINDS)


def rows_at(*days: float) -> st.SearchStrategy[list[Row]]:
    """Rows some days before the cut-off: of users, values and numbers that others have or that are new."""
    row = st.tuples(
        st.sampled_from(["a", "b", "B", "new"]),
        st.sampled_from(days).map(before),
        st.sampled_from(["beer", "tea", "Beer tea", "later", None]),
        st.sampled_from([None, 0.0, 2.5, -1.25, 1e9]),
        st.sampled_from([None, 1, 3, 2**60]),
    )
    return st.lists(row, max_size=6)


PAST = rows_at(1e-6, 0.5, 3.0, 7.0, 9.0, 10.0, 10.000001, 14.0, 40.0)
FUTURE = rows_at(0.0, -1e-6, -1.0, -50.0)
SINCE_FIRST = rows_at(10.0, 9.999999, 1.0, 0.0, -1.0)
BEFORE_FIRST = rows_at(10.000001, 14.0, 40.0)


def test_every_kind_is_tried_here() -> None:
    assert {type(features) for features in KINDS.values()} == set(get_args(FeatureSet))
    assert {aggregate.kind for aggregate in EVERY_AGGREGATE.aggregates} == set(get_args(AggregateKind))
    assert describe(EVERY_AGGREGATE).table.method == EVENTS


def test_the_page_on_features_explains_every_aggregate() -> None:
    page = (Path(__file__).parents[2] / "docs" / "features.md").read_text(encoding="utf-8")
    assert not [kind for kind in get_args(AggregateKind) if f"`{kind}`" not in page and f"`{{{kind}: " not in page]


def learned(features: FeatureSet, rows: list[Row]) -> dict[str, bytes]:
    """Learn from a log; return the bytes of all that was learned, by file."""
    with TemporaryDirectory() as name:
        tables = write_tables(rows, Path(name), features)
        there = set(Path(name).iterdir())
        learn(features, tables, Path(name))
        return {file.name: file.read_bytes() for file in set(Path(name).iterdir()) - there}


def written(features: FeatureSet, rows: list[Row]) -> bytes:
    """Learn from a log, and return the features at the cut-off."""
    with TemporaryDirectory() as name:
        tables = write_tables(rows, Path(name), features)
        learn(features, tables, Path(name))
        return write(features, tables, Path(name))


@ALL_KINDS
@FEW
@given(past=PAST, future=FUTURE, other=FUTURE)
def test_nothing_at_or_after_the_cutoff_changes_a_byte(
    features: FeatureSet, past: list[Row], future: list[Row], other: list[Row]
) -> None:
    assert written(features, [*ALWAYS, *past, *future]) == written(features, [*other, *ALWAYS, *past])


@ALL_KINDS
@FEW
@given(past=BEFORE_FIRST, later=SINCE_FIRST, other=SINCE_FIRST)
def test_nothing_at_or_after_the_first_cutoff_changes_what_is_learned(
    features: FeatureSet, past: list[Row], later: list[Row], other: list[Row]
) -> None:
    assert learned(features, [*ALWAYS, *past, *later]) == learned(features, [*other, *ALWAYS, *past])


@ALL_KINDS
@FEW
@given(past=PAST, others=st.permutations([FIRST, CUTOFF, before(-9)]))
def test_features_at_a_cutoff_are_the_same_alone_and_along_with_others(
    features: FeatureSet, past: list[Row], others: list[object]
) -> None:
    alone = written(features, [*ALWAYS, *past])
    with TemporaryDirectory() as name:
        tables = write_tables([*ALWAYS, *past], Path(name), features)
        learn(features, tables, Path(name))
        along = {cutoff: write(features, tables, Path(name), cutoff=cutoff) for cutoff in others}  # type: ignore[arg-type]
    assert along[CUTOFF] == alone


@ALL_KINDS
def test_the_past_does_change_the_features_and_what_is_learned(features: FeatureSet) -> None:
    past: list[Row] = [("a", before(12), "tea", 7.5, 2), ("new", before(12), "beer", 7.5, 2)]
    assert written(features, [*ALWAYS, *past]) != written(features, [*ALWAYS])
    if known := learned(features, [*ALWAYS]):
        assert learned(features, [*ALWAYS, *past]) != known


# The condition of roles says what is asked for, not which rows count.
EVENINGS = {
    name: features for name, features in KINDS.items() if not isinstance(features, ProfileFeatures | RoleFeatures)
}
ROUND_THE_CLOCK = rows_at(*(day + hour / 24 for day in (1, 11, 13) for hour in range(0, 24, 2)))


@pytest.mark.parametrize("features", EVENINGS.values(), ids=EVENINGS)
@FEW
@given(ROUND_THE_CLOCK)
def test_a_condition_on_time_asks_for_what_the_clock_showed(features: FeatureSet, rows: list[Row]) -> None:
    def compute(rows: list[Row], where: str | None) -> bytes:
        assert not isinstance(features, ProfileFeatures | RoleFeatures)
        asked = replace(features, where=where)
        with TemporaryDirectory() as name:
            tables = write_tables(rows, Path(name), asked)
            learn(asked, tables, Path(name), zone="Asia/Tokyo")
            return write(asked, tables, Path(name), zone="Asia/Tokyo")

    in_evening = [("always", before(12.25), "beer tea", 2.5, 1), *rows]  # before(12.25) is 03:00 in Tokyo
    shown = [row for row in in_evening if row[1].astimezone(ZoneInfo("Asia/Tokyo")).hour < 6]
    assert compute(in_evening, "hour(time) < 6") == compute(shown, None)
