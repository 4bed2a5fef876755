"""Parquet and CSV files in a folder, read by DuckDB; SQL over them is translated."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow as pa

from yule.core.errors import DataError
from yule.downloads.files.checking import Relation, check, explain
from yule.downloads.files.finding import find_files, find_table
from yule.downloads.files.scanning import count_bytes, scan_sql
from yule.downloads.files.views import create_view, duckdb_sql, list_sql_tables, parameter_values
from yule.downloads.files.writing import find_written
from yule.downloads.fingerprints import fingerprint_files
from yule.downloads.limits import check_size
from yule.downloads.normalise import output_schema, query_values, read_batches, select_sql
from yule.downloads.protocol import TableState
from yule.downloads.settings import Engine, FilesSource, Method, Query
from yule.downloads.sql import connect, lock, quote_name


class FilesInFolder:
    """A source of files; see :class:`~yule.downloads.protocol.Source`.

    Parameters
    ----------
    settings
        Where the files are.
    cache_folder
        Where fingerprints are remembered; None: nowhere.
    """

    engine: ClassVar[Engine] = "duckdb"
    is_free: ClassVar[bool] = True

    def __init__(self, settings: FilesSource, *, cache_folder: Path | None) -> None:
        self._folder = Path(settings.path)
        self._cache_folder = cache_folder

    def data_version(self, method: Method) -> str:
        """See :class:`~yule.downloads.protocol.Source`."""
        files = find_files(self._folder, method)
        names = [str(file.relative_to(self._folder)) for file in files]
        return fingerprint_files(files, names=names, cache_folder=self._cache_folder)

    def estimate(self, query: Query) -> int:
        """See :class:`~yule.downloads.protocol.Source`: of Parquet files the columns, of others the whole files."""
        columns = None if query.method.sql else query.columns
        return sum(count_bytes(file, columns) for file in find_files(self._folder, query.method))

    def read(
        self,
        query: Query,
        *,
        n_threads: int,
        max_bytes: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """See :class:`~yule.downloads.protocol.Source`; nobody bills for files, so labels are not used."""
        del labels
        check_size(query, self.estimate(query), max_bytes)
        batches = self._read_batches(query, n_threads)
        return pa.RecordBatchReader.from_batches(output_schema(query), batches)

    def describe(self, method: Method) -> TableState:
        """See :class:`~yule.downloads.protocol.Source`."""
        with self._connect(Query(method=method, columns=()), n_threads=1, is_typed=True) as (connection, relation):
            described = connection.sql(f"DESCRIBE {relation.sql}", params=relation.values).fetchall()
            ((n_rows,),) = connection.sql(f"SELECT count(*) FROM ({relation.sql})", params=relation.values).fetchall()
        return TableState(
            columns={str(row[0]): str(row[1]).lower() for row in described},
            n_rows=n_rows,
            n_bytes=sum(file.stat().st_size for file in relation.files),
        )

    def changed_at(self, method: Method) -> datetime | None:
        """See :class:`~yule.downloads.protocol.Source`."""
        times = [file.stat().st_mtime for file in find_files(self._folder, method)]
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def written_at(self, method: Method, days: Sequence[date]) -> Mapping[date, datetime]:
        """See :class:`~yule.downloads.protocol.Source`: by the times of files; Parquet says of which days they are."""
        return find_written(find_files(self._folder, method), None if method.sql else method.time, days)

    def read_table(self, method: Method, table: str) -> pa.Table:
        """Return a table that SQL names, with the types of BigQuery, in the order of the file."""
        with connect(n_threads=1) as connection:
            create_view(connection, table, find_table(self._folder, method, table))
            name = ".".join(quote_name(part) for part in table.split("."))
            return connection.sql(f"SELECT * FROM {name}").to_arrow_table()

    def _read_batches(self, query: Query, n_threads: int) -> Iterator[pa.RecordBatch]:
        """Give the batches; the database is open as long as they are read."""
        with self._connect(query, n_threads=n_threads) as (connection, relation):
            check(connection, query, relation)
            sql = f"WITH source AS ({relation.sql}) {select_sql(query, is_checked=True)}"
            yield from read_batches(connection, query, sql, {**relation.values, **query_values(query)})

    @contextmanager
    def _connect(
        self, query: Query, *, n_threads: int, is_typed: bool = False
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, Relation]]:
        """Open a database in which the method's query can be asked, and give the query."""
        method = query.method
        name = f"downloads/{method.name}.sql" if method.sql else method.table
        files = find_files(self._folder, method)
        with connect(n_threads=n_threads, time_zone=method.time_zone) as connection:
            try:
                if not method.sql:
                    lock(connection, files)
                    sql = f"SELECT * FROM {scan_sql(files, is_typed=is_typed)}"
                    yield connection, Relation(name=name, sql=sql, values={}, files=files, is_sql=False)
                    return
                for table in list_sql_tables(method):
                    create_view(connection, table, find_table(self._folder, method, table))
                lock(connection, files)
                yield (
                    connection,
                    Relation(
                        name=name, sql=duckdb_sql(method), values=parameter_values(query), files=files, is_sql=True
                    ),
                )
            except duckdb.Error as error:
                raise DataError(f"downloads/{method.name}.yaml: {name} cannot be read: {explain(error)}") from error
