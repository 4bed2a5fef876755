"""Facts about the feature sets that are proposed from the columns of tables."""

from datetime import timedelta

import pytest

from yule.downloads.settings import Column, Method
from yule.features.auto import is_amount, is_category, propose_history, propose_sets
from yule.features.settings import EventFeatures, Join, ProfileFeatures

PURCHASES = Method(
    name="purchases",
    source="shop",
    table="purchases",
    user="user",
    time="bought_at",
    columns=(
        Column(name="user", type="string"),
        Column(name="bought_at", type="timestamp"),
        Column(name="product", type="string"),
        Column(name="store_id", type="integer"),
        Column(name="price", type="number"),
    ),
)
PRODUCTS = Method(
    name="products",
    source="shop",
    table="products",
    user="product",
    about="items",
    columns=(
        Column(name="product", type="string"),
        Column(name="department", type="string"),
        Column(name="price", type="number"),
    ),
)
PROFILES = Method(
    name="profiles",
    source="shop",
    table="profiles",
    user="user",
    columns=(Column(name="user", type="string"), Column(name="age", type="integer")),
)


def propose(*items: Method) -> list[EventFeatures]:
    """Return what is proposed for the purchases."""
    sets = list(propose_sets(PURCHASES, items))
    assert all(isinstance(feature_set, EventFeatures) for feature_set in sets)
    return [feature_set for feature_set in sets if isinstance(feature_set, EventFeatures)]


def test_amounts_are_added_up_and_categories_divided():
    totals, mix = propose()
    assert {aggregate.of for aggregate in totals.aggregates if aggregate.kind == "sum"} == {"price"}
    assert {aggregate.of for aggregate in totals.aggregates if aggregate.kind == "distinct"} == {"product", "store_id"}
    assert [share.of for share in mix.shares] == ["weekday", "time_of_day", "product", "store_id"]


def test_columns_of_items_are_put_beside_the_events_that_name_them():
    for feature_set in propose(PRODUCTS):
        assert feature_set.joins == (Join(download="products", by="product", columns=("department",)),)
    assert "department" in [share.of for share in propose(PRODUCTS)[1].shares]


def test_a_table_without_a_time_is_taken_as_it_is():
    assert list(propose_sets(PROFILES, [PRODUCTS])) == [ProfileFeatures(name="auto-profiles", download="profiles")]


def test_the_history_of_the_outcome_looks_back_in_multiples_of_the_horizon():
    history = propose_history(PURCHASES, where="product = 'beer'", horizon=timedelta(days=10))
    assert history.where == "product = 'beer'"
    assert history.windows[:2] == (timedelta(days=10), timedelta(days=20))
    assert {"count", "recency", "tenure"} <= {aggregate.kind for aggregate in history.aggregates}


@pytest.mark.parametrize(
    ("name", "of", "amount", "category"),
    [
        ("price", "number", True, False),
        ("quantity", "integer", True, False),
        ("store_id", "integer", False, True),
        ("zip", "integer", False, True),
        ("town", "string", False, True),
        ("is_member", "boolean", False, False),
    ],
)
def test_names_tell_whole_numbers_that_count_from_those_that_name(name: str, of: str, amount: bool, category: bool):
    column = Column(name=name, type=of)  # type: ignore[arg-type]
    assert (is_amount(column), is_category(column)) == (amount, category)
