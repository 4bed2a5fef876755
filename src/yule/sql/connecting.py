"""Connections to DuckDB that give the same answer everywhere."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from yule.sql.quoting import quote_text
from yule.storage.owners import temporary_folder


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
