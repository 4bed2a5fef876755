"""Facts about what features mean."""

import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from every_kind import ALWAYS, KINDS, learn, write, write_tables

from yule.core.meanings import Meaning
from yule.core.schema import FeatureSchema, describe_features
from yule.core.settings import from_json, to_json
from yule.features.columns import FEATURES, make_field, read_meaning
from yule.features.matrix import read_features, stack_features

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
