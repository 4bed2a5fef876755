"""Facts about feature sets that are proposed."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from yule.config.forms.checks import NAME
from yule.downloads.settings import Column, Method
from yule.features.auto import is_amount, is_category, propose_history, propose_sets
from yule.features.settings import EventFeatures, ItemFeatures, Join, ProfileFeatures
from yule.sql.columns import ColumnType

VISITS = Method(
    name="visits",
    source="s",
    table="t",
    user="user",
    time="at",
    columns=(
        Column(name="user", type="string"),
        Column(name="at", type="timestamp"),
        Column(name="page_id", type="integer"),
        Column(name="seconds", type="integer"),
        Column(name="email", type="string", pii="deny"),
    ),
)
PAGES = Method(
    name="pages",
    source="s",
    table="p",
    user="page_id",
    about="items",
    columns=(Column(name="page_id", type="string"), Column(name="topic", type="string")),
)


def read_columns(features: EventFeatures, *kinds: str) -> list[str | None]:
    return [aggregate.of for aggregate in features.aggregates if aggregate.kind in kinds]


def test_amounts_are_added_up_and_names_are_told_apart() -> None:
    sums, mix, _ = propose_sets(VISITS, [PAGES])
    assert isinstance(sums, EventFeatures)
    assert isinstance(mix, EventFeatures)
    assert (sums.name, mix.name) == ("auto-visits", "auto-visits-mix")
    assert read_columns(sums, "sum") == ["seconds"]
    assert read_columns(sums, "distinct") == read_columns(mix, "entropy") == ["page_id", "topic"]
    assert [share.of for share in mix.shares] == ["weekday", "time_of_day", "page_id", "topic"]


def test_what_the_events_name_is_embedded_but_not_what_is_joined() -> None:
    odd = replace(VISITS, columns=(*VISITS.columns, Column(name="page/topic", type="string")))
    embedded = [features for features in propose_sets(odd, [PAGES]) if isinstance(features, ItemFeatures)]
    assert [(features.name, features.item) for features in embedded] == [
        ("auto-visits-items-page_id", "page_id"),
        ("auto-visits-items-page_topic", "page/topic"),
    ]


def test_items_are_joined_by_the_column_that_has_the_name_of_theirs() -> None:
    (joins,) = {features.joins for features in propose_sets(VISITS, [PAGES]) if isinstance(features, EventFeatures)}
    assert joins == (Join(download="pages", by="page_id", columns=("topic",)),)
    (none,) = {
        features.joins
        for features in propose_sets(VISITS, [replace(PAGES, user="sku")])
        if isinstance(features, EventFeatures)
    }
    assert none == ()


def test_a_table_without_a_time_is_taken_as_it_is_and_its_dates_apart() -> None:
    parts = ("hour", "weekday", "month", "differences")
    assert list(propose_sets(replace(VISITS, time=None), [PAGES])) == [
        ProfileFeatures(name="auto-visits", download="visits", dates=parts, proposed=True)
    ]


def test_a_table_without_dates_has_none_to_take_apart() -> None:
    columns = tuple(column for column in VISITS.columns if column.type not in ("date", "timestamp"))
    (features,) = propose_sets(replace(VISITS, time=None, columns=columns), [])
    assert features == ProfileFeatures(name="auto-visits", download="visits", proposed=True)


def test_the_windows_of_the_history_are_multiples_of_the_horizon() -> None:
    history = propose_history(VISITS, where="page_id = 7", horizon=timedelta(days=10))
    days = [window and window / timedelta(days=1) for window in history.windows]
    assert (history.where, days) == ("page_id = 7", [10, 20, 40, 80, None])
    assert read_columns(history, "sum", "mean") == ["seconds", "seconds"]


@pytest.mark.parametrize(
    ("name", "of", "amount", "category"),
    [
        ("price", "number", True, False),
        ("quantity", "integer", True, False),
        ("store_id", "integer", False, True),
        ("zip", "integer", False, True),
        ("store id", "integer", False, True),
        ("town", "string", False, True),
        ("is_member", "boolean", False, False),
    ],
)
def test_names_tell_whole_numbers_that_count_from_those_that_name(
    name: str, of: ColumnType, amount: bool, category: bool
) -> None:
    column = Column(name=name, type=of)
    assert (is_amount(column), is_category(column)) == (amount, category)


def test_columns_whose_names_differ_in_signs_alone_have_sets_of_their_own() -> None:
    named = ("user", "store id", "store-id", "store__id", "商品", "店舗")
    columns = tuple(Column(name=name, type="string") for name in named)
    method = replace(VISITS, columns=(*columns, VISITS.columns[1]))
    names = [features.name for features in propose_sets(method, []) if isinstance(features, ItemFeatures)]
    assert len(set(names)) == 5
    assert all(re.fullmatch(NAME, name) for name in names)


def test_a_table_of_dates_tells_no_time_of_day() -> None:
    columns = tuple(replace(column, type="date") if column.name == "at" else column for column in VISITS.columns)
    _, mix, _ = propose_sets(replace(VISITS, columns=columns), [PAGES])
    assert isinstance(mix, EventFeatures)
    assert [share.of for share in mix.shares] == ["weekday", "page_id", "topic"]
