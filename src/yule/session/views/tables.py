"""Tables of users with their features, as people have them: read, and checked against what a model needs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from yule.core.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from yule.core.dataset import Features
    from yule.core.schema import FeatureSchema

USER = "user_id"


class ArrowTable(Protocol):
    """A table with Arrow's stream interface: of pyarrow, pandas, polars or DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the capsule of a stream of its rows."""


Given: TypeAlias = ArrowTable | str | Path
"""A table in memory, or the path of a Parquet file."""


def read_given(given: Given, schema: "FeatureSchema") -> "tuple[pa.Array, Features]":
    """Return the users of a table, and their features.

    Parameters
    ----------
    given
        (n_users rows): ``user_id`` and the columns of the schema, in any order, and maybe others.
    schema
        The features wanted.

    Returns
    -------
    pyarrow.Array, Features
        str (n_users,), and their features in the order of the schema.

    Raises
    ------
    DataError
        If it is no table, or columns are missing or not of their type. All are listed.
    """
    table = open_given(given, [USER, *schema.names])
    problems = [
        *_find_missing(table, [USER, *schema.names]),
        *_find_users(table),
        *_find_mistyped(table, schema),
    ]
    if problems:
        raise DataError(
            f"The table cannot be scored: {'; '.join(problems)}. `model.features` lists what the model needs."
        )
    import pyarrow as pa

    return table[USER].cast(pa.string()).combine_chunks(), _take_features(table, schema)


def open_given(given: Given, wanted: Sequence[str] = ()) -> "pa.Table":
    """Return a table; of a file just some columns, where any are named.

    Raises
    ------
    DataError
        If it is none, or cannot be read.
    """
    import pyarrow as pa

    if isinstance(given, str | Path):
        return _open_file(Path(given), wanted)
    try:
        return pa.table(given)
    except (TypeError, ValueError, pa.ArrowException) as error:
        raise DataError(
            f"{type(given).__name__} is no table that can be read: {str(error).splitlines()[0]}. Give a table of "
            "pyarrow, pandas or polars, or the path of a Parquet file."
        ) from error


def _open_file(file: Path, wanted: Sequence[str]) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not file.is_file():
        raise DataError(f"There is no file {file}.")
    try:
        with pq.ParquetFile(file) as opened:
            return opened.read([name for name in opened.schema_arrow.names if not wanted or name in wanted])
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{file} is not Parquet, or damaged: {str(error).splitlines()[0]}") from error


def _find_missing(table: "pa.Table", wanted: Sequence[str]) -> list[str]:
    from yule.core.spelling import suggest

    names: list[str] = table.column_names
    others = [name for name in names if name not in wanted]
    missing = [f"{name} is missing{suggest(name, others)}" for name in wanted if name not in names]
    return missing + [f"{name} is there {names.count(name)} times" for name in wanted if names.count(name) > 1]


def _find_users(table: "pa.Table") -> list[str]:
    import pyarrow as pa

    if table.column_names.count(USER) != 1:
        return []
    column = table[USER]
    if not (_is_text(column.type) or pa.types.is_integer(column.type)):
        return [f"{USER} holds {column.type}, neither texts nor whole numbers"]
    return [f"{column.null_count} rows have no {USER}"] if column.null_count else []


def _find_mistyped(table: "pa.Table", schema: "FeatureSchema") -> list[str]:
    names = table.column_names
    numbers = [name for name in schema.numeric_names if names.count(name) == 1]
    texts = [name for name in schema.categorical_names if names.count(name) == 1]
    return [
        *(f"{name} holds {kind}, not numbers" for name in numbers if not _is_number(kind := table[name].type)),
        *(f"{name} holds {kind}, not texts" for name in texts if not _is_category(kind := table[name].type)),
    ]


def _is_number(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    tests = (pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean, pa.types.is_decimal, pa.types.is_null)
    return any(test(kind) for test in tests)


def _is_category(kind: "pa.DataType") -> bool:
    """Say whether values are spelt as the categories of features are: numbers with a fraction would be 1.0, not 1."""
    import pyarrow as pa

    return _is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or bool(pa.types.is_null(kind))


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))


def _take_features(table: "pa.Table", schema: "FeatureSchema") -> "Features":
    import numpy as np

    from yule.core.dataset import Features

    numbers = [_take_numbers(table[name]) for name in schema.numeric_names]
    codes = [_take_codes(table[name]) for name in schema.categorical_names]
    return Features(
        numeric=np.column_stack(numbers) if numbers else np.empty((table.num_rows, 0), np.float32),
        codes=np.column_stack([of for of, _ in codes]) if codes else np.empty((table.num_rows, 0), np.int32),
        numeric_names=schema.numeric_names,
        categorical_names=schema.categorical_names,
        vocabularies=tuple(vocabulary for _, vocabulary in codes),
    )


def _take_numbers(column: "pa.ChunkedArray") -> "NDArray[np.float32]":
    import numpy as np
    import pyarrow as pa

    values = column.cast(pa.float64()).to_numpy().astype(np.float32)
    return np.where(np.isfinite(values), values, np.float32(np.nan))


def _take_codes(column: "pa.ChunkedArray") -> "tuple[NDArray[np.int32], tuple[str, ...]]":
    import numpy as np
    import pyarrow as pa

    values = column.cast(pa.string()).to_pylist()
    vocabulary = tuple(sorted({value for value in values if value is not None}))
    code_of = {value: code for code, value in enumerate(vocabulary)}
    return np.array([code_of.get(value, -1) for value in values], dtype=np.int32), vocabulary
