"""Columns of a feature file: their names, what an absent user has in them, how they are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.tables import write_table

FEATURES = "features.parquet"

BATCH_ROWS = 65_536


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
        What a user has who is not in the file: ``zero`` or ``missing``.
    """

    name: str
    sql: str
    empty: Literal["zero", "missing"]


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
        pa.field(column.name, field.type, metadata={b"empty": column.empty.encode()})
        for column, field in zip(columns, list(reader.schema)[1:], strict=True)
    ]
    schema = pa.schema([reader.schema.field(0), *fields])
    batches = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in reader)
    write_table(batches, folder / FEATURES, schema=schema)


def write_numbers(blocks: Iterable[tuple[pa.Array, NDArray[np.float32]]], columns: Sequence[str], folder: Path) -> None:
    """Write ``features.parquet``, streaming, from numbers that are missing for a user who is not in the file.

    Parameters
    ----------
    blocks
        Some user_ids, ascending from block to block, and their float32 (n_users, n_columns); NaN is missing.
    columns
        Names of the columns.
    folder
        Where to write; it exists.
    """
    fields = [pa.field(name, pa.float32(), metadata={b"empty": b"missing"}) for name in columns]
    schema = pa.schema([pa.field("user_id", pa.string()), *fields])
    batches = (
        pa.RecordBatch.from_arrays(
            [user_ids, *(pa.array(values, pa.float32(), from_pandas=True) for values in numbers.T)], schema=schema
        )
        for user_ids, numbers in blocks
    )
    write_table(batches, folder / FEATURES, schema=schema)
