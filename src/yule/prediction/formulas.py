"""Ids that a spreadsheet would compute: lists keep them as they are, and say so."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yule.prediction.csv_files import ROWS_AT_ONCE

_FORMULA = r"^[=+@\-\t\r\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"  # the wide forms, too
_NEGATIVE = r"^-[0-9]+(\.[0-9]+)?$"


def find_formulas(table: pa.Table) -> pa.ChunkedArray:
    """Say of each row whether a spreadsheet would take one of its texts for a formula; a negative number is none.

    >>> find_formulas(pa.table({"user_id": ["=1+1", "-5", "@x", "7"]})).to_pylist()
    [True, False, True, False]
    """
    found = pa.chunked_array([pa.repeat(pa.scalar(False), len(table))])
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            is_formula = pc.match_substring_regex(column, _FORMULA)
            is_formula = pc.and_(is_formula, pc.invert(pc.match_substring_regex(column, _NEGATIVE)))
            found = pc.or_(found, pc.fill_null(is_formula, False))
    return found


def describe_formulas(file: Path) -> str:
    """Say what a person should know before the CSV file beside a list is opened in a spreadsheet; empty for nothing.

    Parameters
    ----------
    file
        A list as a Parquet file; see :func:`yule.prediction.ranking.write_list`.
    """
    n_rows = 0
    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(batch_size=ROWS_AT_ONCE):
            n_rows += pc.sum(find_formulas(pa.Table.from_batches([batch]))).as_py() or 0
    if not n_rows:
        return ""
    return (
        f"{n_rows:,} rows of {file.with_suffix('.csv').name} have a text that begins with =, +, -, @ or a tab. They "
        "are written exactly, and a spreadsheet would compute them: import such columns as text."
    )
