"""Files as SQL to select from, and how large they are."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from yule.downloads.sql import quote_text


def scan_sql(files: Sequence[Path], *, is_typed: bool = False) -> str:
    """Return files as one table to select from; of CSV every value is text, unless types are to be guessed."""
    names = f"[{', '.join(quote_text(str(file)) for file in files)}]"
    if all(file.suffix == ".parquet" for file in files):
        # The statistics in a Parquet file leave NaN out; without this they would be taken to say that there is none.
        return f"read_parquet({names}, can_have_nan = true)"
    # The first line is the header: none is skipped because it looks like a title or a remark.
    if is_typed:
        return f"read_csv({names}, sample_size = -1, header = true, skip = 0, comment = '')"
    # Every value as text, so that one that does not fit is reported with its place, not as a parser's error.
    return f"read_csv({names}, all_varchar = true, header = true, skip = 0, comment = '')"


def count_bytes(file: Path, columns: Sequence[str] | None) -> int:
    """Return the size of a file, or of some columns of one that keeps them apart."""
    if columns is None or file.suffix != ".parquet":
        return file.stat().st_size
    try:
        metadata = pq.read_metadata(file)
    except pa.ArrowInvalid:  # reading it will say so
        return file.stat().st_size
    chunks = (
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    return sum(chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema.split(".")[0] in columns)
