"""Tables on disk: Parquet, written so that the same table always gives the same bytes."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from yule.core.errors import DELETE_IT, CorruptedOutput

ROWS_PER_GROUP = 131_072


def write_table(batches: pa.Table | Iterable[pa.RecordBatch], path: Path, *, schema: pa.Schema | None = None) -> None:
    """Write rows as zstd Parquet in row groups of a fixed size, whatever the sizes of the batches.

    Parameters
    ----------
    batches
        A table, or record batches that are streamed: at most one row group is held in memory.
    path
        The file to write.
    schema
        Schema of the batches; needed when ``batches`` is not a table.
    """
    if isinstance(batches, pa.Table):
        schema, batches = batches.schema, batches.to_batches()
    assert schema is not None
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        held: list[pa.RecordBatch] = []
        n_held = 0
        for batch in batches:
            held.append(batch)
            n_held += batch.num_rows
            while n_held >= ROWS_PER_GROUP:
                table = pa.Table.from_batches(held, schema)
                writer.write_table(table.slice(0, ROWS_PER_GROUP).combine_chunks())
                held = table.slice(ROWS_PER_GROUP).to_batches()
                n_held -= ROWS_PER_GROUP
        if n_held or not held:
            writer.write_table(pa.Table.from_batches(held, schema).combine_chunks())


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a Parquet file, or some columns of it.

    Raises
    ------
    CorruptedOutput
        If it is none, or not what its footer says.
    """
    try:
        return pq.read_table(path, columns=columns)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise CorruptedOutput(f"{path} is damaged: {str(error).splitlines()[0]}. {DELETE_IT}") from error
