"""Facts about what features mean."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from every_kind import ALWAYS, KINDS, learn, write, write_tables

import yule
from yule.core.meanings import Meaning
from yule.core.schema import FeatureSchema, describe_features
from yule.core.settings import from_json, to_json
from yule.features.columns import FEATURES, make_field, read_meaning
from yule.features.matrix import read_features, stack_features
from yule.features.settings import AGGREGATES, AggregateKind
from yule.messages.features import describe_feature

PLAIN = st.builds(
    Meaning,
    feature_set=st.text(),
    table=st.text(),
    aggregate=st.sampled_from(("sum", "share", "svd", "column", "")),
    column=st.text(),
    value=st.text(),
    part=st.text(),
    number=st.none() | st.integers(1, 256),
    windows=st.lists(st.none() | st.integers(1, 10**9).map(lambda n: timedelta(seconds=n)), max_size=2).map(tuple),
    unit=st.sampled_from(("", "days", "column")),
)
ANY = st.builds(Meaning, aggregate=st.sampled_from("+×"), made_of=st.lists(PLAIN, max_size=2).map(tuple)) | PLAIN


@settings(max_examples=50)
@given(meaning=ANY)
def test_any_meaning_is_read_as_it_was_written(meaning: Meaning, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "one.parquet"
    column = make_field("a", pa.float32(), empty="zero", meaning=meaning)
    pq.write_table(pa.table([pa.array([1.0], pa.float32())], schema=pa.schema([column])), file)
    assert read_meaning(pq.read_schema(file).field("a")) == meaning
    assert from_json(Meaning, to_json(meaning)) == meaning


def write_kind(name: str, folder: Path) -> Path:
    """Write the features of a kind of set; return their file."""
    tables = write_tables(list(ALWAYS), folder, KINDS[name])
    learn(KINDS[name], tables, folder)
    write(KINDS[name], tables, folder)
    return folder / FEATURES


@pytest.mark.parametrize("name", KINDS)
def test_every_column_of_every_kind_of_set_says_what_it_means(name: str, tmp_path: Path) -> None:
    fields = list(pq.read_schema(write_kind(name, tmp_path)))[1:]
    meanings = [read_meaning(field) for field in fields]
    assert fields
    for meaning in meanings:
        assert meaning is not None
        assert (meaning.feature_set, meaning.table) == (KINDS[name].name, "events")
        assert meaning.aggregate
    assert len(set(map(repr, meanings))) == len(fields)


def test_every_aggregate_gives_columns_and_has_a_line_in_the_documents(tmp_path: Path) -> None:
    known = set(get_args(AggregateKind))
    meanings = map(read_meaning, list(pq.read_schema(write_kind("aggregates", tmp_path)))[1:])
    given = {meaning.aggregate for meaning in meanings if meaning}
    page = (Path(__file__).parents[2] / "docs" / "features.md").read_text(encoding="utf-8")
    assert AGGREGATES.keys() == known
    assert known - given == set()
    assert {kind for kind in known if not re.search(rf"^\| .*`{{?{kind}\b", page, re.MULTILINE)} == set()


def test_what_features_mean_goes_with_them(tmp_path: Path) -> None:
    file = write_kind("joins", tmp_path)
    features = read_features([file], np.array(["a", "b"], dtype=object))
    schema = describe_features(stack_features([features, features]).take_columns([0], []))
    (name,) = schema.names
    assert schema.meanings == {name: features.meaning_of(name)}
    assert features.meaning_of(name).column == "cost"
    assert from_json(FeatureSchema, to_json(schema)) == schema


def test_a_file_of_an_earlier_version_is_read_without_meanings(tmp_path: Path) -> None:
    column = pa.field("shop__count__28d", pa.float32(), metadata={b"empty": b"zero"})
    schema = pa.schema([pa.field("user_id", pa.string()), column])
    pq.write_table(pa.table([["a"], pa.array([1.0], pa.float32())], schema=schema), tmp_path / FEATURES)
    features = read_features([tmp_path / FEATURES], np.array(["a"], dtype=object))
    assert (features.numeric[0, 0], features.meanings) == (1.0, {})
    assert features.meaning_of("shop__count__28d") == Meaning(column="shop__count__28d")


SPEND = Meaning(feature_set="shop", aggregate="sum", column="spend", windows=(timedelta(days=28),))
PLAN, TOWN = (Meaning(feature_set="who", aggregate="column", column=name) for name in ("plan", "home_town"))


@pytest.mark.parametrize(
    ("meaning", "words"),
    [
        (TOWN, "who: home town"),
        (Meaning(feature_set="shop", aggregate="count", windows=(None,)), "shop: count, all time"),
        (Meaning(feature_set="shop", aggregate="days", windows=(timedelta(hours=1),)), "shop: days, last hour"),
        (Meaning(feature_set="shop", aggregate="gaps", part="longest"), "shop: gaps longest"),
        (
            Meaning(feature_set="shop", aggregate="streaks", every=timedelta(7), part="current"),
            "shop: streaks of 7 days current",
        ),
        (
            Meaning(feature_set="shop", aggregate="share", column="aisle", value="a__b\x1b[2J"),
            "shop: share aisle a__b [2J",
        ),
        (Meaning(feature_set="bought", aggregate="svd", column="item", number=3), "bought: svd item 3"),
        (Meaning(aggregate="/", made_of=(SPEND, TOWN)), "shop: sum spend, last 28 days / who: home town"),
        (Meaning(aggregate="target", made_of=(PLAN, TOWN)), "mean label by (who: plan × who: home town)"),
        (Meaning(aggregate="component", number=3), "component 3 of all features"),
        (Meaning(column="age__now"), "age__now"),
    ],
)
def test_meanings_are_told_in_words(meaning: Meaning, words: str) -> None:
    assert describe_feature(meaning) == words


def test_no_module_takes_the_name_of_a_feature_apart() -> None:
    splitting = re.compile(r"""(split|partition|startswith|endswith|removeprefix|removesuffix)\(\s*f?["'](__|auto-)""")
    modules = Path(yule.__file__).parent.rglob("*.py")
    assert not [str(module) for module in modules if splitting.search(module.read_text(encoding="utf-8"))]
