"""Divide rows into days: one sorted table for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa

from yule.core.tables import write_table
from yule.downloads.keeping.rows.streams import stream_into
from yule.downloads.keeping.rows.tables import MEMORY, TABLE, sort_sql
from yule.downloads.settings import DAY
from yule.downloads.specs import Query
from yule.sql.connecting import connect
from yule.sql.quoting import quote_name

BATCH_ROWS = 131_072


@dataclass(frozen=True, kw_only=True)
class WrittenDay:
    """A day that is written and not yet published.

    Parameters
    ----------
    day
        The day.
    folder
        Where its table is.
    n_rows
        How many rows it has.
    """

    day: date
    folder: Path
    n_rows: int


def split_days(query: Query, reader: pa.RecordBatchReader, folder: Path, *, n_threads: int) -> Iterator[WrittenDay]:
    """Write one sorted table for each day of a query, also for days without rows.

    Parameters
    ----------
    query
        The period, from midnight to midnight in UTC, and what was asked for.
    reader
        Its rows, in any order.
    folder
        Where to write; it exists.
    n_threads
        Threads to use.
    """
    assert query.since is not None
    assert query.until is not None
    method = query.method
    time = quote_name(method.time or "")
    with (
        connect(n_threads=n_threads, scratch=folder.parent, memory=MEMORY) as connection,
        stream_into(connection, "fetched", reader),
    ):
        day = f"CAST(timezone('UTC', CAST({time} AS TIMESTAMPTZ)) AS DATE)"
        sql = f"SELECT *, {day} AS _day FROM fetched ORDER BY _day, {sort_sql(method)}"
        batches = connection.sql(sql).to_arrow_reader(BATCH_ROWS)
        expected = query.since.date()
        for found, slices in groupby(_cut(batches), key=lambda item: item[0]):
            while expected < found:
                yield _write_day(folder, expected, [], reader.schema)
                expected += DAY
            yield _write_day(folder, found, (rows for _, rows in slices), reader.schema)
            expected = found + DAY
    while expected < query.until.date():
        yield _write_day(folder, expected, [], reader.schema)
        expected += DAY


def _cut(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[date, pa.RecordBatch]]:
    """Cut sorted batches where the day changes."""
    for batch in batches:
        days = batch["_day"]
        rows = batch.drop_columns(["_day"])
        starts = np.flatnonzero(np.diff(days.cast(pa.int32()).to_numpy(), prepend=-(2**31)))
        for start, end in zip(starts, [*starts[1:], len(days)], strict=True):
            yield days[int(start)].as_py(), rows.slice(start, end - start)


def _write_day(folder: Path, day: date, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> WrittenDay:
    place = folder / day.isoformat()
    place.mkdir()
    n_rows = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal n_rows
        for batch in batches:
            n_rows += batch.num_rows
            yield batch.cast(schema)

    write_table(counted(), place / TABLE, schema=schema)
    return WrittenDay(day=day, folder=place, n_rows=n_rows)
