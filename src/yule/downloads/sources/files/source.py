"""Parquet and CSV files in a folder, read by DuckDB; SQL over them is translated."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from yule.core.errors import DataError
from yule.downloads.costs.limits import check_size
from yule.downloads.keeping.fingerprints import fingerprint_files
from yule.downloads.keeping.rows.normalise import output_schema, query_values, read_batches, select_sql
from yule.downloads.settings import DAY, Engine, FilesSource, Method
from yule.downloads.sources.files.checking import Relation, check, explain
from yule.downloads.sources.files.finding import find_copies, find_files, find_table
from yule.downloads.sources.files.parts import Folder, Part, find_text_problem, open_parts
from yule.downloads.sources.files.suffixes import name_form
from yule.downloads.sources.files.uniting import create_view, find_kinds, split_tables
from yule.downloads.sources.files.views import duckdb_sql, list_sql_tables, parameter_values, version_with_sql
from yule.downloads.sources.files.writing import find_disturbed, find_written, note_states
from yule.downloads.sources.protocol import TableState
from yule.downloads.specs import Query
from yule.sql.connecting import connect, lock
from yule.sql.quoting import quote_name
from yule.storage.owners import temporary_folder


class FilesInFolder:
    """A source of files; see :class:`~yule.downloads.sources.protocol.Source`.

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
        """See :class:`~yule.downloads.sources.protocol.Source`."""
        files = find_files(self._folder, method)
        names = [str(file.relative_to(self._folder)) for file in files]
        return version_with_sql(fingerprint_files(files, names=names, cache_folder=self._cache_folder), method)

    def estimate(self, query: Query) -> int:
        """See :class:`.Source`: of Parquet files the columns, of others the whole files."""
        columns = None if query.method.sql else query.columns
        return sum(_count_bytes(file, columns) for file in find_files(self._folder, query.method))

    def read(
        self,
        query: Query,
        *,
        n_threads: int,
        max_bytes: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """See :class:`~yule.downloads.sources.protocol.Source`; nobody bills for files, so labels are not used."""
        del labels
        check_size(query, self.estimate(query), max_bytes)
        batches = self._read_batches(query, n_threads)
        return pa.RecordBatchReader.from_batches(output_schema(query), batches)

    def describe(self, method: Method) -> TableState:
        """See :class:`~yule.downloads.sources.protocol.Source`; of text the types that every value is written in."""
        files = find_files(self._folder, method)
        with self._connect(Query(method=method, columns=()), n_threads=1) as (connection, relation):
            kinds: dict[str, str] = {}
            for part in relation.parts:
                found = part.kinds if relation.is_sql else find_kinds(connection, part)
                for name, kind in found.items():
                    kinds.setdefault(name, kind.lower())
            counts = [
                connection.sql(f"SELECT count(*) FROM ({part.sql})", params=dict(relation.values)).fetchall()
                for part in relation.parts
            ]
        return TableState(
            columns=kinds,
            n_rows=sum(count for ((count,),) in counts),
            n_bytes=sum(file.stat().st_size for file in files),
        )

    def changed_at(self, method: Method) -> datetime | None:
        """See :class:`~yule.downloads.sources.protocol.Source`."""
        times = [file.stat().st_mtime for file in find_files(self._folder, method)]
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def written_at(self, method: Method, days: Sequence[date]) -> Mapping[date, datetime]:
        """See :class:`.Source`: by the times of files; Parquet says of which days they are."""
        return find_written(find_files(self._folder, method), None if method.sql else method.time, days)

    def read_table(self, method: Method, table: str) -> pa.Table:
        """Return a table that SQL names, with the types of BigQuery, in the order of the file."""
        with self._open(method, n_threads=1) as (connection, folder):
            self._create_view(connection, folder, method, table)
            name = ".".join(quote_name(part) for part in table.split("."))
            return connection.sql(f"SELECT * FROM {name}").to_arrow_table()

    def count_rows(self, method: Method) -> dict[str, int]:
        """Return how many rows each file has, by its way from the source's folder."""
        with self._open(method, n_threads=2) as (connection, folder):
            counts: dict[str, int] = {}
            for part in _open_parts(connection, find_files(self._folder, method), folder, method):
                found = dict(connection.execute(part.count_sql()).fetchall())
                counts |= {shown: found.get(str(file), 0) for file, shown in zip(part.files, part.shown, strict=True)}
            return dict(sorted(counts.items()))

    def find_copies(self, method: Method) -> list[tuple[str, str]]:
        """Return files of a table that hold the same, byte for byte, by their ways from the source's folder."""
        copies = find_copies(find_files(self._folder, method))
        return [(str(file.relative_to(self._folder)), str(copy.relative_to(self._folder))) for file, copy in copies]

    def _read_batches(self, query: Query, n_threads: int) -> Iterator[pa.RecordBatch]:
        """Give the batches; the database is open as long as they are read."""
        before = note_states(find_files(self._folder, query.method))
        with self._connect(query, n_threads=n_threads) as (connection, relation):
            complete = check(connection, query, relation)
            sql = " UNION ALL ".join(
                select_sql(query, part.kinds, source=f"({part.sql})", is_checked=True) for part in complete.parts
            )
            yield from read_batches(connection, query, sql, {**relation.values, **query_values(query)})
        time = None if query.method.sql else query.method.time
        self._refuse_disturbed(query.method, find_disturbed(before, time, _list_days(query)))

    def _refuse_disturbed(self, method: Method, files: Sequence[Path]) -> None:
        if files:
            others = f" and {len(files) - 1} others were" if len(files) > 1 else " was"
            raise DataError(
                f"downloads/{method.name}.yaml: {files[0].relative_to(self._folder)}{others} written to, replaced or "
                "deleted while it was read. Nothing is kept of what was read: run again when that has ended."
            )

    @contextmanager
    def _connect(self, query: Query, *, n_threads: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, Relation]]:
        """Open a database in which the method's query can be asked, and give the query."""
        method = query.method
        name = f"downloads/{method.name}.sql" if method.sql else method.table
        with self._open(method, n_threads=n_threads) as (connection, folder):
            parts: tuple[Part, ...] = ()
            try:
                if not method.sql:
                    parts = _open_parts(connection, find_files(self._folder, method), folder, method)
                    lock(connection, [file for part in parts for file in part.files])
                    yield connection, Relation(name=name, parts=parts, values={}, is_sql=False)
                    return
                for table in list_sql_tables(method):
                    parts += self._create_view(connection, folder, method, table)
                lock(connection, [file for part in parts for file in part.files])
                values = parameter_values(query)
                result = _describe(connection, duckdb_sql(method), values)
                yield connection, Relation(name=name, parts=(result,), values=values, is_sql=True)
            except duckdb.Error as error:
                reason = _find_reason(parts, method) or explain(error, is_shown=not method.personal)
                raise DataError(f"downloads/{method.name}.yaml: {name} cannot be read: {reason}.") from error

    def _create_view(
        self, connection: duckdb.DuckDBPyConnection, folder: Folder, method: Method, table: str
    ) -> tuple[Part, ...]:
        """Give files the name that SQL has for their table; return how they are read."""
        parts = _open_parts(connection, find_table(self._folder, method, table), folder, method)
        try:
            create_view(connection, table, split_tables(table, parts))
        except DataError as error:
            raise DataError(f"downloads/{method.name}.sql: {error}.") from error
        return parts

    @contextmanager
    def _open(self, method: Method, *, n_threads: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, Folder]]:
        remedy = f"`encoding: {{}}` into downloads/{method.name}.yaml"
        with (
            connect(n_threads=n_threads, time_zone=method.time_zone) as connection,
            temporary_folder() as scratch,
        ):
            yield connection, Folder(root=self._folder, encoding=method.encoding, remedy=remedy, scratch=scratch)


def _open_parts(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], folder: Folder, method: Method
) -> tuple[Part, ...]:
    try:
        return open_parts(connection, files, folder)
    except DataError as error:
        raise DataError(f"downloads/{method.name}.yaml: {error}.") from error


def _list_days(query: Query) -> list[date] | None:
    """Return the days that are asked for; None without bounds."""
    if query.since is None or query.until is None:
        return None
    n_days = -((query.since - query.until) // DAY)  # rounded up
    return [query.since.date() + number * DAY for number in range(n_days)]


def _describe(connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object]) -> Part:
    """Return what people's SQL gives."""
    described = connection.sql(f"DESCRIBE {sql}", params=dict(values)).fetchall()
    return Part(kinds={str(name): str(kind) for name, kind, *_ in described}, scan=f"({sql})")


def _find_reason(parts: Sequence[Part], method: Method) -> str:
    """Say which line of which CSV file cannot be read; empty when that is not why."""
    found = (find_text_problem(part, is_shown=not method.personal) for part in parts)
    return next((problem for problem in found if problem), "")


def _count_bytes(file: Path, columns: Sequence[str] | None) -> int:
    """Return the size of a file, or of some columns of one that keeps them apart."""
    if columns is None or name_form(file) != "parquet":
        return file.stat().st_size
    try:
        metadata = pq.read_metadata(file)
    except (pa.ArrowException, OSError):  # reading it will say so
        return file.stat().st_size
    chunks = (
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    return sum(chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema.split(".")[0] in columns)
