"""Columns of a feature file: their names, what an absent user has in them, how they are written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.meanings import Meaning
from yule.core.settings import from_json, to_json
from yule.core.tables import write_table

FEATURES = "features.parquet"

BATCH_ROWS = 65_536

Empty: TypeAlias = Literal["zero", "missing"]
"""What a user has who is not in the file."""

_EMPTY, _MEANING = b"empty", b"meaning"


@dataclass(frozen=True, kw_only=True)
class FeatureColumn:
    """One column of a feature file.

    Parameters
    ----------
    name
        ``<set>__<what>``.
    sql
        Its value.
    empty
        What a user has who is not in the file.
    meaning
        What it tells.
    """

    name: str
    sql: str
    empty: Empty
    meaning: Meaning


def make_field(name: str, kind: pa.DataType, *, empty: Empty, meaning: Meaning) -> pa.Field:
    """Return the field of a column: beside its name stand what an absent user has, and what it means."""
    return pa.field(name, kind, metadata={_EMPTY: empty.encode(), _MEANING: to_json(meaning).encode()})


def read_empty(column: pa.Field) -> Empty:
    """Return what a user has in a column who is not in its file."""
    return "zero" if column.metadata[_EMPTY] == b"zero" else "missing"


def read_meaning(column: pa.Field) -> Meaning | None:
    """Return what a column means; None if its file is of an earlier version, which did not say."""
    written = column.metadata.get(_MEANING)
    return None if written is None else _parse_meaning(written)


def name_window(window: timedelta | None) -> str:
    """Return the short name of a window.

    >>> name_window(timedelta(days=28)), name_window(timedelta(hours=12)), name_window(None)
    ('28d', '12h', 'all')
    """
    if window is None:
        return "all"
    seconds = int(window.total_seconds())
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds % unit == 0:
            return f"{seconds // unit}{name}"
    return f"{seconds}s"


def write_features(
    connection: duckdb.DuckDBPyConnection, query: str, columns: Sequence[FeatureColumn], folder: Path
) -> None:
    """Write ``features.parquet``, streaming: user_id ascending, then the columns.

    Parameters
    ----------
    connection
        The database.
    query
        Gives user_id, ascending, and the columns in order.
    columns
        The columns, in order.
    folder
        Where to write; it exists.
    """
    reader = connection.sql(query).to_arrow_reader(BATCH_ROWS)
    fields = [
        make_field(column.name, field.type, empty=column.empty, meaning=column.meaning)
        for column, field in zip(columns, list(reader.schema)[1:], strict=True)
    ]
    schema = pa.schema([reader.schema.field(0), *fields])
    batches = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in reader)
    write_table(batches, folder / FEATURES, schema=schema)


def write_numbers(
    blocks: Iterable[tuple[pa.Array, NDArray[np.float32]]], columns: Mapping[str, Meaning], folder: Path
) -> None:
    """Write ``features.parquet``, streaming, from numbers that are missing for a user who is not in the file.

    Parameters
    ----------
    blocks
        Some user_ids, ascending from block to block, and their float32 (n_users, n_columns); NaN is missing.
    columns
        What the columns mean, by name, in their order.
    folder
        Where to write; it exists.
    """
    fields = [make_field(name, pa.float32(), empty="missing", meaning=meaning) for name, meaning in columns.items()]
    schema = pa.schema([pa.field("user_id", pa.string()), *fields])
    batches = (
        pa.RecordBatch.from_arrays(
            [user_ids, *(pa.array(values, pa.float32(), from_pandas=True) for values in numbers.T)], schema=schema
        )
        for user_ids, numbers in blocks
    )
    write_table(batches, folder / FEATURES, schema=schema)


@lru_cache(maxsize=65_536)
def _parse_meaning(written: bytes) -> Meaning:
    return from_json(Meaning, written.decode())
