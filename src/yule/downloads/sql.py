"""DuckDB: connections that give the same answer everywhere, and the few literals that generated SQL needs."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from yule.downloads.settings import ColumnType, Method
from yule.storage.owners import temporary_folder

SQL_TYPES: dict[ColumnType, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "date": "DATE",
}

MILLIONTHS = "1e6"
"""Numbers are added as whole millionths: sums of floating-point numbers depend on the order of the rows."""


@contextmanager
def connect(
    *, n_threads: int, scratch: Path | None = None, time_zone: str = "UTC", memory: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory database.

    Parameters
    ----------
    n_threads
        Threads it may use.
    scratch
        Folder of this process in which a folder is made, for as long as the database is open, for what does not fit
        into memory; None: one where the system keeps what is temporary.
    time_zone
        That of times which do not say theirs.
    memory
        What it may take before it goes through the disk, as ``2GB``; None for most of what the machine has.
    """
    # A folder of its own: the database deletes what it finds there when it closes, of other processes too.
    with (
        TemporaryDirectory(dir=scratch) if scratch else temporary_folder() as spill,
        closing(duckdb.connect()) as connection,
    ):
        connection.execute(f"SET TimeZone = {quote_text(time_zone)}")
        connection.execute(f"SET threads = {n_threads}")
        # It has the reader of CSV files do a TRY_CAST that is asked of it, but raise where that gives NULL.
        # And a list of values for each of many columns is made a join for each, which takes minutes.
        connection.execute("SET disabled_optimizers = 'type_pushdown,in_clause'")
        connection.execute(f"SET temp_directory = {quote_text(str(spill))}")
        if memory is not None:
            connection.execute(f"SET memory_limit = {quote_text(memory)}")
        yield connection


def lock(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """Let a database read some files and nothing else from now on, whatever SQL it is given; it cannot be undone.

    It still spills to its own folder.
    """
    paths = ", ".join(quote_text(str(file)) for file in files)
    connection.execute(f"SET allowed_paths = [{paths}]")
    for name in ("autoinstall_known_extensions", "autoload_known_extensions", "python_enable_replacements"):
        connection.execute(f"SET {name} = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def millionths(column: str) -> str:
    """Return a column in whole millionths as SQL.

    >>> millionths("price")
    'CAST(round(price * 1e6) AS HUGEINT)'
    """
    return f"CAST(round({column} * {MILLIONTHS}) AS HUGEINT)"


def local_time(method: Method) -> str:
    """Return what the clock said where and when something happened, as SQL; of a date, midnight."""
    time = quote_name(method.time or "")
    if method.tells_days:
        return f"CAST({time} AS TIMESTAMP)"
    return f"({time} AT TIME ZONE {quote_text(method.time_zone)})"


def quote_name(name: str) -> str:
    """Quote the name of a column.

    >>> quote_name("net sales")
    '"net sales"'
    """
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Quote a text.

    >>> quote_text("BEER'S")
    "'BEER''S'"
    """
    return "'" + text.replace("'", "''") + "'"


def quote_instant(instant: datetime) -> str:
    """Write an instant.

    >>> quote_instant(datetime(2017, 12, 3, tzinfo=UTC))
    "TIMESTAMPTZ '2017-12-03 00:00:00.000000+00'"
    """
    return f"TIMESTAMPTZ '{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"


def quote_table(files: Sequence[Path]) -> str:
    """Write Parquet files as one table to select from."""
    return f"read_parquet([{', '.join(quote_text(str(file)) for file in files)}])"
