"""Write a download: the typed, sorted copy of a table in the workspace."""

from pathlib import Path

import duckdb
import pyarrow as pa

from yule.core.errors import DataError
from yule.core.tables import write_table
from yule.downloads.keeping.rows.streams import stream_into
from yule.downloads.settings import Method
from yule.sql.connecting import connect
from yule.sql.quoting import quote_name, quote_table

TABLE = "table.parquet"

BATCH_ROWS = 131_072

MEMORY = "2GB"
"""What sorting a download may take; the rest goes through the disk."""


def write_download(method: Method, reader: pa.RecordBatchReader, folder: Path, *, n_threads: int) -> int:
    """Write rows into ``table.parquet``, sorted by user, time and then all other columns; return their number.

    The same rows give the same bytes, in whatever order they come.

    Parameters
    ----------
    method
        The table.
    reader
        Its rows.
    folder
        Where to write; it exists.
    n_threads
        Threads to use.

    Raises
    ------
    DataError
        If the data are not what the method declares, or, without a time, a user has several rows.
    """
    with connect(n_threads=n_threads, scratch=folder.parent, memory=MEMORY) as connection:
        with stream_into(connection, "fetched", reader):
            rows = connection.sql(f"SELECT * FROM fetched ORDER BY {sort_sql(method)}").to_arrow_reader(BATCH_ROWS)
            write_table(rows, folder / TABLE, schema=rows.schema)
        if method.time is None:
            _check_one_row_per_user(connection, method, folder / TABLE)
        ((n_rows,),) = connection.execute(f"SELECT count(*) FROM {quote_table([folder / TABLE])}").fetchall()
    return int(n_rows)


def sort_sql(method: Method) -> str:
    """Return the order of rows: text is compared byte by byte, as Python and Arrow do; missing values come last.

    Without a time there is one row per user, so that no other column can decide: to sort by all took most of a fetch.
    """
    keys = [name for name in (method.user, method.time) if name is not None]
    others = [column.name for column in method.columns if column.name not in keys]
    order = keys if method.time is None else [*keys, *others]
    return ", ".join(f"{quote_name(name)} NULLS LAST" for name in order)


_ONE_ROW = {
    "users": "Without a `time` there is one row per user: remove the others, or declare which column is the time.",
    "items": "A table of items has one row per item: remove the others.",
}


def _check_one_row_per_user(connection: duckdb.DuckDBPyConnection, method: Method, table: Path) -> None:
    user = quote_name(method.user)
    sql = f"SELECT {user}, count(*) FROM {quote_table([table])} GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, 1"
    rows = connection.execute(sql).fetchall()
    if rows:
        examples = ", ".join(f"{name} ({count} rows)" for name, count in rows[:3])
        raise DataError(
            f"downloads/{method.name}.yaml: {method.table} has several rows for {len(rows)} {method.about}, "
            f"for example {examples}. {_ONE_ROW[method.about]}"
        )
