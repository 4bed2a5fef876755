"""Streams of rows that a database reads."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb
import pyarrow as pa

from yule.core.errors import YuleError


@contextmanager
def stream_into(connection: duckdb.DuckDBPyConnection, name: str, reader: pa.RecordBatchReader) -> Iterator[None]:
    """Give a database rows to read once, as a table of some name. What goes wrong in reading them is raised as it is.

    Left to itself the database would raise an error of its own that only quotes the other.
    """
    failures: list[YuleError] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from reader
        except YuleError as error:
            failures.append(error)
            raise

    connection.register(name, pa.RecordBatchReader.from_batches(reader.schema, batches()))
    try:
        yield
    except Exception:
        with suppress(duckdb.Error):  # rows that nobody read to the end are in its way; what went wrong says more
            connection.unregister(name)
        if failures:
            raise failures[0] from failures[0].__cause__  # not from what the database made of it
        raise
    connection.unregister(name)


def to_reader(batches: Iterator[pa.Schema | pa.RecordBatch]) -> pa.RecordBatchReader:
    """Return a stream of batches as a reader; the first that it gives is their schema."""
    schema = next(batches)
    assert isinstance(schema, pa.Schema)
    return pa.RecordBatchReader.from_batches(schema, batches)
