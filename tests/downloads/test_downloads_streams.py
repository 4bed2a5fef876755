"""Rows that a database reads as a stream."""

import pyarrow as pa
import pytest

from yule.downloads.keeping.rows.streams import stream_into
from yule.sql.connecting import connect


def fail_before_the_end(reader: pa.RecordBatchReader) -> None:
    """Read some rows, and fail while others are still to be read."""
    with connect(n_threads=1) as connection, stream_into(connection, "rows", reader):
        rows = connection.sql("SELECT * FROM rows").to_arrow_reader(10)
        rows.read_next_batch()
        raise OSError(28, "No space left on device")


def test_a_fault_while_rows_are_still_to_be_read_is_raised_as_it_is() -> None:
    batches = pa.table({"n": list(range(10_000))}).to_batches(max_chunksize=100)
    with pytest.raises(OSError, match="No space left"):
        fail_before_the_end(pa.RecordBatchReader.from_batches(batches[0].schema, batches))
