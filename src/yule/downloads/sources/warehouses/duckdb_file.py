"""Tables and views of a DuckDB database in one file, which is only ever read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow as pa

from yule.core.errors import DataError
from yule.core.spelling import suggest
from yule.downloads.costs.limits import check_columns, check_size
from yule.downloads.keeping.fingerprints import fingerprint_files
from yule.downloads.keeping.rows.normalise import normalise
from yule.downloads.keeping.rows.streams import to_reader
from yule.downloads.settings import DuckDBSource, Engine, Method
from yule.downloads.sources.files.checking import explain
from yule.downloads.sources.files.views import (
    bigquery_sql,
    duckdb_sql,
    is_translated,
    list_sql_tables,
    parameter_values,
    version_with_sql,
)
from yule.downloads.sources.files.writing import find_written
from yule.downloads.sources.protocol import TableState
from yule.downloads.specs import Query
from yule.sql.connecting import connect, lock
from yule.sql.quoting import quote_instant, quote_name, quote_text

BATCH_ROWS = 131_072

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")
_TIMES = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "DATE")
_FILE = "source file"
"""The database's name in SQL: none that a schema or a project of BigQuery has."""


class DuckDBFile:
    """A source of tables in a database file; see :class:`~yule.downloads.sources.protocol.Source`.

    Parameters
    ----------
    settings
        Where the file is.
    cache_folder
        Where fingerprints are remembered; None: nowhere.
    """

    engine: ClassVar[Engine] = "duckdb"
    is_free: ClassVar[bool] = True

    def __init__(self, settings: DuckDBSource, *, cache_folder: Path | None) -> None:
        self._file = Path(settings.path)
        self._cache_folder = cache_folder

    def data_version(self, method: Method) -> str:
        """See :class:`.Source`: of the whole file, and of what waits to be written into it."""
        files = self._find_files(method)
        names = ["database", "log"][: len(files)]
        return version_with_sql(fingerprint_files(files, names=names, cache_folder=self._cache_folder), method)

    def estimate(self, query: Query) -> int:
        """See :class:`.Source`: of a table the blocks of its columns, else the whole file."""
        with self._connect(query, n_threads=1) as (connection, source):
            self._check_columns(connection, query, source)
            return self._count_bytes(connection, query.method, query.columns)

    def read(
        self,
        query: Query,
        *,
        n_threads: int,
        max_bytes: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """See :class:`~yule.downloads.sources.protocol.Source`; nobody bills for a file, so labels are not used."""
        del labels
        if max_bytes is not None:
            check_size(query, self.estimate(query), max_bytes)
        return normalise(to_reader(self._read_batches(query, n_threads)), query, n_threads=n_threads)

    def describe(self, method: Method) -> TableState:
        """See :class:`~yule.downloads.sources.protocol.Source`; of views and SQL it knows the columns."""
        query = Query(method=method, columns=())
        with self._connect(query, n_threads=1) as (connection, source):
            kinds = _list_kinds(connection, source, query)
            columns = {name: kind.lower() for name, kind in kinds.items()}
            n_rows = None if method.sql else _count_rows(connection, *self._find_table(connection, method))
            n_bytes = None if n_rows is None else self._count_bytes(connection, method, tuple(columns))
        return TableState(columns=columns, n_rows=n_rows, n_bytes=n_bytes)

    def changed_at(self, method: Method) -> datetime | None:
        """See :class:`~yule.downloads.sources.protocol.Source`."""
        return datetime.fromtimestamp(max(file.stat().st_mtime for file in self._find_files(method)), UTC)

    def written_at(self, method: Method, days: Sequence[date]) -> Mapping[date, datetime]:
        """See :class:`~yule.downloads.sources.protocol.Source`: the time of the file is that of all days."""
        return find_written(self._find_files(method), None, days)

    def _read_batches(self, query: Query, n_threads: int) -> Iterator[pa.Schema | pa.RecordBatch]:
        """Give the schema, then the batches; the database is open as long as they are read."""
        with self._connect(query, n_threads=n_threads) as (connection, source):
            kinds = self._check_columns(connection, query, source)
            columns = ", ".join(_column_sql(query.method, name, kinds[name]) for name in query.needed_columns)
            sql = f"SELECT {columns} FROM {source} WHERE {' AND '.join(_conditions(query, kinds))}"
            values = dict(_values(query)) | ({"users": list(query.users)} if "$users" in sql and query.users else {})
            reader = connection.sql(sql, params=values).to_arrow_reader(BATCH_ROWS)
            yield reader.schema
            yield from reader

    @contextmanager
    def _connect(self, query: Query, *, n_threads: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """Open the file for reading, with nothing else in reach; give what is selected from."""
        method = query.method
        files = self._find_files(method)
        with connect(n_threads=n_threads, time_zone=method.time_zone) as connection:
            try:
                connection.execute(f"ATTACH {quote_text(str(files[0]))} AS {quote_name(_FILE)} (READ_ONLY)")
                tables = list_sql_tables(method) if is_translated(method) else []
                for project in {name.split(".")[0] for name in tables if name.count(".") > 1}:
                    connection.execute(f"ATTACH ':memory:' AS {quote_name(project)}")
                lock(connection, files)
                for table in tables:
                    self._create_view(connection, method, table)
                yield connection, self._source_sql(connection, method)
            except duckdb.Error as error:
                raise DataError(f"downloads/{method.name}.yaml: {self._explain(error, method)}") from error

    def _source_sql(self, connection: duckdb.DuckDBPyConnection, method: Method) -> str:
        if not method.sql:
            return _quote(*self._find_table(connection, method))
        if "duckdb" in method.sql:
            connection.execute(f"USE {quote_name(_FILE)}")
        return f"(\n{duckdb_sql(method)}\n) AS source"

    def _create_view(self, connection: duckdb.DuckDBPyConnection, method: Method, table: str) -> None:
        """Give a table the name that SQL of BigQuery has for it, and its columns the types of BigQuery."""
        names = [quote_name(part) for part in table.split(".")]
        if len(names) > 1:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {'.'.join(names[:-1])}")
        found = _quote(*self._find_table(connection, method, table))
        described = connection.execute(f"DESCRIBE SELECT * FROM {found}").fetchall()
        columns = ", ".join(f"{bigquery_sql(name, kind)} AS {quote_name(name)}" for name, kind, *_ in described)
        connection.execute(f"CREATE VIEW {'.'.join(names)} AS SELECT {columns} FROM {found}")

    def _find_table(
        self, connection: duckdb.DuckDBPyConnection, method: Method, table: str | None = None
    ) -> tuple[str, str]:
        """Return schema and name of a table or view: of ``web.views`` that of the schema, else the only ``views``."""
        wanted = (table or method.table).lower()
        sql = "SELECT schema_name, {}_name FROM duckdb_{}s() WHERE database_name = $name AND NOT internal"
        both = f"{sql.format('table', 'table')} UNION ALL {sql.format('view', 'view')} ORDER BY ALL"
        there = [(str(row[0]), str(row[1])) for row in connection.execute(both, {"name": _FILE}).fetchall()]
        last, place = wanted.rsplit(".", 1)[-1], ".".join(wanted.split(".")[-2:])
        for found in (
            [(schema, name) for schema, name in there if f"{schema}.{name}".lower() in (wanted, place)],
            [(schema, name) for schema, name in there if schema == "main" and name.lower() in (wanted, last)],
            [(schema, name) for schema, name in there if name.lower() in (wanted, last)],
        ):
            if len(found) == 1:
                return found[0]
        names = [name if schema == "main" else f"{schema}.{name}" for schema, name in there]
        raise DataError(
            f"downloads/{method.name}.yaml: there is no one table {table or method.table!r}{suggest(wanted, names)} in "
            f"{self._file}; there are {', '.join(names) or 'none'}."
        )

    def _check_columns(self, connection: duckdb.DuckDBPyConnection, query: Query, source: str) -> dict[str, str]:
        kinds = _list_kinds(connection, source, query)
        check_columns(query, list(kinds))
        return kinds

    def _count_bytes(self, connection: duckdb.DuckDBPyConnection, method: Method, columns: tuple[str, ...]) -> int:
        whole = sum(file.stat().st_size for file in self._find_files(method))
        if method.sql:
            return whole
        schema, name = self._find_table(connection, method)
        if _count_rows(connection, schema, name) is None:  # a view
            return whole
        sql = (
            "SELECT count(DISTINCT block_id) FROM pragma_storage_info($table) "
            "WHERE persistent AND column_name IN (SELECT unnest($columns))"
        )
        values = {"table": _quote(schema, name), "columns": list(columns)}
        ((n_blocks,),) = connection.execute(sql, values).fetchall()
        ((size,),) = connection.execute(
            "SELECT block_size FROM pragma_database_size() WHERE database_name = $name", {"name": _FILE}
        ).fetchall()
        return min(whole, int(n_blocks) * int(size)) or whole

    def _find_files(self, method: Method) -> list[Path]:
        """Return the file, and the one in which DuckDB keeps what it has not yet written into it."""
        if not self._file.is_file():
            raise DataError(
                f"downloads/{method.name}.yaml: there is no file {self._file}. Put it there, or correct the `path` of "
                f"the source {method.source} in project.yaml."
            )
        log = self._file.with_name(f"{self._file.name}.wal")
        return [self._file, *([log] if log.is_file() else [])]

    def _explain(self, error: duckdb.Error, method: Method) -> str:
        text = explain(error)
        if holder := re.search(r"Conflicting lock is held in (.*?\(PID \d+\))", text):
            return (
                f"another program has {self._file} open for writing: {holder[1]}. "
                "Close it there and try again, or let the source be a copy."
            )
        if "already attached" in text or "different configuration" in text:
            return f"this program has {self._file} open for writing itself. Close it first."
        if isinstance(error, duckdb.PermissionException):
            what = method.table or "the SQL"
            return (
                f"{what} reads something outside of {self._file}, which is refused: {text}. "
                "Make it a table of the database: CREATE TABLE ... AS SELECT * FROM ..."
            )
        return f"{self._file} cannot be read: {text} This is DuckDB {duckdb.__version__}."


def _quote(schema: str, name: str) -> str:
    return f"{quote_name(_FILE)}.{quote_name(schema)}.{quote_name(name)}"


def _count_rows(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> int | None:
    """Return about how many rows a table has; None of a view."""
    sql = "SELECT estimated_size FROM duckdb_tables() WHERE schema_name = $schema AND table_name = $name"
    rows = connection.execute(sql, {"schema": schema, "name": name}).fetchall()
    return int(rows[0][0]) if rows else None


def _list_kinds(connection: duckdb.DuckDBPyConnection, source: str, query: Query) -> dict[str, str]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}", dict(_values(query))).fetchall()
    return {str(name): str(kind) for name, kind, *_ in described}


def _column_sql(method: Method, name: str, kind: str) -> str:
    """Return a column in a type that Arrow has without loss."""
    quoted = quote_name(name)
    is_text = name == method.user or method.column(name).type == "string" or kind in ("HUGEINT", "UHUGEINT", "BIGNUM")
    return f"CAST({quoted} AS VARCHAR) AS {quoted}" if is_text else quoted


def _conditions(query: Query, kinds: Mapping[str, str]) -> Iterator[str]:
    """Give conditions that never leave out a row that is wanted; others are dropped where the rows arrive."""
    method = query.method
    yield "true"
    if method.time is not None and kinds[method.time] in _TIMES:
        for sign, instant in ((">=", query.since), ("<", query.until)):
            if instant is not None:
                yield f"{quote_name(method.time)} {sign} {quote_instant(instant)}"
    if query.users is not None:
        is_same = {"string": True, "integer": kinds[method.user] in _INTEGERS}
        if not query.users:
            yield "false"
        elif is_same.get(method.column(method.user).type, False):
            yield f"CAST({quote_name(method.user)} AS VARCHAR) IN (SELECT unnest($users))"


def _values(query: Query) -> Mapping[str, object]:
    return parameter_values(query) if query.method.sql else {}
