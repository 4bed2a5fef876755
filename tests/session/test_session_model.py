"""What people have as a table of features is what the model of a run takes, or is refused with all that is wrong."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from yule import Session
from yule.core.errors import DataError
from yule.session.views.model import Model

USERS = ["a", "b", "c"]


@pytest.fixture(scope="module")
def model(recorded: Session) -> Model:
    return recorded.load_run("survey").model


@pytest.fixture(scope="module")
def table(model: Model) -> pa.Table:
    schema = next(iter(model.parts.values())).content.schema
    numbers = {name: pa.array([1, None, 3], pa.float64()) for name in schema.numeric_names}
    texts = {name: pa.array(["x", None, "y"]) for name in schema.categorical_names}
    return pa.table({"user_id": USERS, **numbers, **texts})


def test_tables_of_pandas_and_files_are_scored_as_those_of_arrow(model: Model, table: pa.Table, tmp_path: Path) -> None:
    pq.write_table(table, tmp_path / "users.parquet")
    expected = model.predict(table)
    for given in (table.to_pandas(), table.to_reader(), tmp_path / "users.parquet", str(tmp_path / "users.parquet")):
        assert model.predict(given).equals(expected)


def test_tables_of_polars_are_scored_as_those_of_arrow(model: Model, table: pa.Table) -> None:
    polars = pytest.importorskip("polars")
    assert model.predict(polars.from_arrow(table)).equals(model.predict(table))


def test_types_that_say_the_same_are_scored_the_same(model: Model, table: pa.Table) -> None:
    frame = table.to_pandas()
    schema = next(iter(model.parts.values())).content.schema
    first = schema.numeric_names[0]
    expected = model.predict(table)
    for kind in ("Float64", "Int32", pd.ArrowDtype(pa.decimal128(5, 1))):
        values = pd.array([Decimal(1), None, Decimal(3)] if "decimal" in str(kind) else [1, None, 3], dtype=kind)
        assert model.predict(frame.assign(**{first: values})).equals(expected)
    texts = {name: frame[name].astype("category") for name in schema.categorical_names}
    assert model.predict(frame.assign(**texts)).equals(expected)


def test_users_are_called_by_texts_or_whole_numbers(model: Model, table: pa.Table) -> None:
    numbered = table.set_column(0, "user_id", pa.array([7, 8, 9]))
    assert model.predict(numbered)["user_id"].to_pylist() == ["7", "8", "9"]
    for wrong, told in (([7.0, 8.0, 9.0], "holds double"), ([None, "b", None], "2 rows have no user_id")):
        with pytest.raises(DataError, match=told):
            model.predict(table.set_column(0, "user_id", pa.array(wrong)))


def test_a_table_without_rows_has_no_scores(model: Model, table: pa.Table) -> None:
    assert model.predict(table.slice(0, 0)).num_rows == 0


def test_what_is_missing_and_what_is_mistyped_is_told_together(model: Model, table: pa.Table) -> None:
    schema = next(iter(model.parts.values())).content.schema
    gone, mistyped, misspelt = schema.numeric_names[:3]
    wrong = table.to_pandas().drop(columns=[gone]).rename(columns={misspelt: misspelt.upper()})
    wrong[mistyped] = ["1", "2", "three"]
    categories = schema.categorical_names[:1]
    wrong = wrong.assign(**{name: np.array([1.0, 2.0, np.nan]) for name in categories})
    with pytest.raises(DataError) as told:
        model.predict(wrong)
    message = str(told.value)
    assert f"{gone} is missing" in message
    assert f"{misspelt} is missing (did you mean {misspelt.upper()!r}?)" in message
    assert f"{mistyped} holds" in message
    assert all(f"{name} holds double, not texts" in message for name in categories)


def test_a_column_that_is_there_twice_is_refused(model: Model, table: pa.Table) -> None:
    name = model.features[0]
    with pytest.raises(DataError, match=f"{name} is there 2 times"):
        model.predict(table.append_column(name, table[name]))


@pytest.mark.parametrize("given", [7, [1, 2], {"user_id": ["a"], "age": [1, 2]}, None])
def test_what_is_no_table_is_refused(model: Model, given: object) -> None:
    with pytest.raises(DataError, match=r"no table that can be read|is missing"):
        model.predict(given)


def test_a_file_that_is_gone_or_not_parquet_is_refused(model: Model, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user_id\na\n")
    for name, told in (("users.csv", "not Parquet"), ("none.parquet", "There is no file"), (".", "There is no file")):
        with pytest.raises(DataError, match=told):
            model.predict(tmp_path / name)
