"""Write a download: the typed, sorted copy of a table in the workspace."""

from pathlib import Path

import duckdb

from yule.core.errors import DataError
from yule.core.tables import write_table
from yule.downloads.protocol import Source
from yule.downloads.settings import Method
from yule.downloads.sql import connect, quote_name

TABLE = "table.parquet"

BATCH_ROWS = 131_072


def write_download(source: Source, method: Method, folder: Path, *, n_threads: int) -> None:
    """Fetch a method's table into ``table.parquet``, sorted by user, time and then all other columns.

    The same rows give the same bytes, in whatever order the source has them.

    Parameters
    ----------
    source
        Where the table comes from.
    method
        The table.
    folder
        Where to write; it exists.
    n_threads
        Threads to use.

    Raises
    ------
    DataError
        If the data are not what the method declares, or, without a time, a user has several rows.
    """
    keys = [name for name in (method.user, method.time) if name is not None]
    order = [*keys, *(column.name for column in method.columns if column.name not in keys)]
    with connect(n_threads=n_threads, scratch=folder.parent) as connection:
        connection.register("fetched", source.read(method, n_threads=n_threads))
        # Text is compared byte by byte, as Python and Arrow do; missing values come last.
        by = ", ".join(f"{quote_name(name)} NULLS LAST" for name in order)
        connection.execute("CREATE TABLE copied AS SELECT * FROM fetched")
        if method.time is None:
            _check_one_row_per_user(connection, method)
        reader = connection.sql(f"SELECT * FROM copied ORDER BY {by}").to_arrow_reader(BATCH_ROWS)
        write_table(reader, folder / TABLE, schema=reader.schema)


def _check_one_row_per_user(connection: duckdb.DuckDBPyConnection, method: Method) -> None:
    user = quote_name(method.user)
    sql = f"SELECT {user}, count(*) FROM copied GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, 1"
    rows = connection.execute(sql).fetchall()
    if rows:
        examples = ", ".join(f"{name} ({count} rows)" for name, count in rows[:3])
        raise DataError(
            f"downloads/{method.name}.yaml: {method.table} has several rows for {len(rows)} users, "
            f"for example {examples}. Without a `time` there is one row per user: remove the others, or declare which "
            "column is the time."
        )
