"""Write the features of a set of events at a cut-off, a range of users at a time."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.tables import write_table
from yule.features.as_of import MEMORY, check_any_before
from yule.features.columns import FEATURES, make_field
from yule.features.events.amounts import amount_families
from yule.features.events.rhythm import rhythm_families
from yule.features.events.table import EventTable, Family, walk_ranges
from yule.features.events.values import share_columns, value_families
from yule.features.settings import EventFeatures, FeatureSpec
from yule.features.vocabulary import Vocabulary
from yule.sql.connecting import connect


def write_event_features(
    spec: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    *,
    vocabulary: Vocabulary,
    cutoff: datetime,
    folder: Path,
    n_threads: int,
) -> None:
    """Write ``features.parquet``: the aggregates and shares of every user with an event before the cut-off.

    Parameters
    ----------
    spec
        A feature set over events.
    tables
        The files of its events, then those of each table that is joined.
    vocabulary
        What was learned for its shares, see :mod:`yule.features.vocabulary`.
    cutoff
        Only events strictly before it count; a window of length w is [cutoff - w, cutoff).
    folder
        Where to write; it exists.
    n_threads
        Threads to use; they change no byte.

    Raises
    ------
    DataError
        If the table has no event before the cut-off, and someone wrote the set.
    """
    assert isinstance(spec.settings, EventFeatures)
    if not spec.settings.proposed:
        check_any_before(spec.table.method, tables[0], cutoff)
    with connect(n_threads=n_threads, scratch=folder.parent, memory=MEMORY) as connection:
        batches = (
            _batch(users, table, vocabulary) for users, table in walk_ranges(connection, spec, tables, cutoff=cutoff)
        )
        first = next(batches)
        write_table(_chain(first, batches), folder / FEATURES, schema=first.schema)


def _chain(first: pa.RecordBatch, others: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from others


def _batch(users: NDArray[np.object_], table: EventTable, vocabulary: Vocabulary) -> pa.RecordBatch:
    """Return the features of a range of users, in the order in which the set names them."""
    fields, arrays = [pa.field("user_id", pa.string())], [pa.array(users, pa.string())]
    families = [*amount_families(table), *rhythm_families(table), *value_families(table)]
    for family in families:
        for column, values in zip(family.columns, _compute(table, family), strict=True):
            fields.append(make_field(column.name, values.type, empty=column.empty, meaning=column.meaning))
            arrays.append(values)
    for share in table.settings.shares:
        for name, meaning, ratios in share_columns(table, share, vocabulary):
            fields.append(make_field(name, pa.float32(), empty="missing", meaning=meaning))
            arrays.append(pa.array(ratios, from_pandas=True))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _compute(table: EventTable, family: Family) -> Iterator[pa.Array]:
    """Run the query of a family; return each column for all users of the range."""
    selected = ", ".join(f"{column.sql} AS v{number}" for number, column in enumerate(family.columns))
    found = table.connection.sql(f"SELECT code, {selected} FROM {family.source} GROUP BY code").to_arrow_table()
    row_of = np.full(table.n_users, -1)
    row_of[found["code"].to_numpy()] = np.arange(len(found))
    rows = pa.array(row_of, mask=row_of < 0)
    for number, column in enumerate(family.columns):
        values = found[f"v{number}"].combine_chunks().take(rows)
        if not pa.types.is_string(values.type):
            values = values.cast(pa.float32(), safe=False)
            values = values.fill_null(0.0) if column.empty == "zero" else values
        yield values
