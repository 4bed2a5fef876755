"""Parquet and CSV files in a folder, read by DuckDB; SQL over them is translated."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from yule.core.errors import DataError
from yule.downloads.fingerprints import fingerprint_files
from yule.downloads.limits import check_size, find_missing
from yule.downloads.normalise import output_schema, query_values, read_batches, select_sql
from yule.downloads.protocol import TableState
from yule.downloads.settings import Engine, FilesSource, Method, Query
from yule.downloads.sql import connect, quote_name, quote_text
from yule.downloads.values import Misfit, find_misfits, text_sql

BIGQUERY_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "HUGEINT"), "BIGINT"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "TIMESTAMPTZ"),
    "FLOAT": "DOUBLE",
}
"""What columns of files are for SQL of BigQuery; times that do not say their zone are in UTC."""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """What a method reads, for DuckDB.

    Parameters
    ----------
    name
        What people know it as.
    sql
        The query.
    values
        The values of its parameters.
    files
        The files that it reads.
    is_sql
        Whether people wrote the query.
    """

    name: str
    sql: str
    values: Mapping[str, object]
    files: Sequence[Path]
    is_sql: bool


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

    def __init__(self, settings: FilesSource, *, cache_folder: Path | None) -> None:
        self._folder = Path(settings.path)
        self._cache_folder = cache_folder

    def data_version(self, method: Method) -> str:
        """See :class:`~yule.downloads.protocol.Source`."""
        files = self._find_files(method)
        names = [str(file.relative_to(self._folder)) for file in files]
        return fingerprint_files(files, names=names, cache_folder=self._cache_folder)

    def estimate(self, query: Query) -> int:
        """See :class:`~yule.downloads.protocol.Source`: of Parquet files the columns, of others the whole files."""
        columns = None if query.method.sql else query.columns
        return sum(_count_bytes(file, columns) for file in self._find_files(query.method))

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
        times = [file.stat().st_mtime for file in self._find_files(method)]
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def read_table(self, method: Method, table: str) -> pa.Table:
        """Return a table that SQL names, with the types of BigQuery, in the order of the file."""
        with connect(n_threads=1) as connection:
            _create_view(connection, table, self._find_table(method, table))
            name = ".".join(quote_name(part) for part in table.split("."))
            return connection.sql(f"SELECT * FROM {name}").to_arrow_table()

    def _read_batches(self, query: Query, n_threads: int) -> Iterator[pa.RecordBatch]:
        """Give the batches; the database is open as long as they are read."""
        with self._connect(query, n_threads=n_threads) as (connection, relation):
            _check(connection, query, relation)
            sql = f"WITH source AS ({relation.sql}) {select_sql(query, is_checked=True)}"
            yield from read_batches(connection, query, sql, {**relation.values, **query_values(query)})

    @contextmanager
    def _connect(
        self, query: Query, *, n_threads: int, is_typed: bool = False
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, Relation]]:
        """Open a database in which the method's query can be asked, and give the query."""
        method = query.method
        name = f"downloads/{method.name}.sql" if method.sql else method.table
        files = self._find_files(method)
        with connect(n_threads=n_threads, time_zone=method.time_zone) as connection:
            try:
                if not method.sql:
                    sql = f"SELECT * FROM {_scan(files, is_typed=is_typed)}"
                    yield connection, Relation(name=name, sql=sql, values={}, files=files, is_sql=False)
                    return
                for table in _list_tables(method):
                    _create_view(connection, table, self._find_table(method, table))
                yield (
                    connection,
                    Relation(
                        name=name, sql=_duckdb_sql(method), values=_parameter_values(query), files=files, is_sql=True
                    ),
                )
            except duckdb.Error as error:
                raise DataError(f"downloads/{method.name}.yaml: {name} cannot be read: {_explain(error)}") from error

    def _find_files(self, method: Method) -> list[Path]:
        if method.sql:
            return sorted({file for name in _list_tables(method) for file in self._find_table(method, name)})
        if Path(method.table).is_absolute() or not Path(method.table).name:
            raise DataError(
                f"downloads/{method.name}.yaml: `table` is {method.table!r}; write the name of a file, or a pattern, "
                f"below {self._folder}."
            )
        files = sorted(file for file in self._folder.glob(method.table) if file.is_file())
        files = files or self._find_named(method.table)
        if not files:
            raise DataError(
                f"downloads/{method.name}.yaml: there is no file {method.table} in {self._folder}. "
                "Put it there, or correct `table` here or the source's `path` in project.yaml."
            )
        return _refuse_empty(method, files)

    def _find_named(self, table: str) -> list[Path]:
        """Return the files of a table by its name: of ``web.views`` those of ``web/views``, else of ``views``."""
        *folders, name = table.split(".")
        for end in range(len(folders), -1, -1):
            place = "/".join([*folders[len(folders) - end :], name])
            for pattern in (f"{place}.parquet", f"{place}.csv", f"{place}/**/*.parquet", f"{place}/**/*.csv"):
                files = sorted(file for file in self._folder.glob(pattern) if file.is_file())
                if files:
                    return files
        return []

    def _find_table(self, method: Method, table: str) -> list[Path]:
        """Return the files of a table that SQL names."""
        files = self._find_named(table)
        if files:
            return _refuse_empty(method, files)
        name = table.rsplit(".", maxsplit=1)[-1]
        raise DataError(
            f"downloads/{method.name}.sql: there is no table {table} in {self._folder}: neither {name}.parquet nor "
            f"{name}.csv nor a folder {name} with such files. Put it there, or correct the SQL."
        )


def _list_tables(method: Method) -> list[str]:
    from yule.downloads.dialects import list_tables

    if "duckdb" in method.sql:
        return list_tables(method.sql["duckdb"], dialect="duckdb")
    return list_tables(method.sql["bigquery"])


def _duckdb_sql(method: Method) -> str:
    """Return what is written for DuckDB, or a translation of what is written for BigQuery."""
    from yule.downloads.dialects import translate

    written = method.sql.get("duckdb")
    return translate(method.sql["bigquery"]) if written is None else re.sub(r"@(\w+)", r"$\1", written)


def _parameter_values(query: Query) -> dict[str, object]:
    """Return the values of those parameters that the SQL uses."""
    from yule.downloads.dialects import list_parameters

    used = list_parameters(query.method.sql.get("duckdb") or query.method.sql["bigquery"])
    values = {
        "since": query.since or datetime(1, 1, 1, tzinfo=UTC),
        "until": query.until or datetime(9999, 12, 31, tzinfo=UTC),
        **{name: parameter.parse() for name, parameter in query.method.parameters.items()},
    }
    return {name: value for name, value in values.items() if name in used}


def _create_view(connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path]) -> None:
    """Give files the name of a table, ``project.dataset.table``, and their columns the types of BigQuery."""
    names = [quote_name(part) for part in table.split(".")]
    if len(names) > 2:
        connection.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {names[0]}")
    if len(names) > 1:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {'.'.join(names[:-1])}")
    scan = _scan(files, is_typed=True)
    described = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    columns = ", ".join(f"{_bigquery_sql(name, kind)} AS {quote_name(name)}" for name, kind, *_ in described)
    connection.execute(f"CREATE VIEW {'.'.join(names)} AS SELECT {columns} FROM {scan}")


def _bigquery_sql(name: str, kind: str) -> str:
    """Return a column with a type of BigQuery; NaN, by which pandas writes missing numbers, is missing."""
    value = f"CAST({quote_name(name)} AS {BIGQUERY_TYPES.get(kind, kind)})"
    return f"CASE WHEN NOT isnan({value}) THEN {value} END" if kind in ("FLOAT", "DOUBLE") else value


def _refuse_empty(method: Method, files: list[Path]) -> list[Path]:
    empty = [str(file) for file in files if not file.stat().st_size]
    if empty:
        raise DataError(f"downloads/{method.name}.yaml: {', '.join(empty)} is empty. Fetch it again.")
    return files


def _count_bytes(file: Path, columns: Sequence[str] | None) -> int:
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


def _scan(files: Sequence[Path], *, is_typed: bool = False) -> str:
    names = f"[{', '.join(quote_text(str(file)) for file in files)}]"
    if all(file.suffix == ".parquet" for file in files):
        # The statistics in a Parquet file leave NaN out; without this they would be taken to say that there is none.
        return f"read_parquet({names}, can_have_nan = true)"
    # The first line is the header: none is skipped because it looks like a title or a remark.
    if is_typed:
        return f"read_csv({names}, sample_size = -1, header = true, skip = 0, comment = '')"
    # Every value as text, so that one that does not fit is reported with its place, not as a parser's error.
    return f"read_csv({names}, all_varchar = true, header = true, skip = 0, comment = '')"


def _check(connection: duckdb.DuckDBPyConnection, query: Query, relation: Relation) -> None:
    """Say all that is wrong with the data, if anything is."""
    method = query.method
    described = connection.sql(f"DESCRIBE {relation.sql}", params=dict(relation.values)).fetchall()
    names = [row[0] for row in described]
    problems = [*find_missing(query, names), *_find_misfits(connection, query, relation, names)]
    if problems:
        raise DataError(
            f"downloads/{method.name}.yaml: {relation.name} does not fit its columns: {'; '.join(problems)}. "
            "Correct the data, or what is declared of them."
        )


def _find_misfits(
    connection: duckdb.DuckDBPyConnection, query: Query, relation: Relation, names: Sequence[str]
) -> list[str]:
    """Count, in one pass, the values that do not fit what is declared."""
    columns = [query.method.column(name) for name in query.columns if name in names]
    misfits = [misfit for column in columns for misfit in find_misfits(query.method, column)]
    counts = "".join(f", count(*) FILTER (WHERE {misfit.condition})" for misfit in misfits)
    rows = connection.sql(f"SELECT count(*){counts} FROM ({relation.sql})", params=dict(relation.values)).fetchall()
    ((n_rows, *n_wrong),) = rows
    if not n_rows:
        return [] if relation.is_sql else ["there are no rows"]
    return [
        f"{count} rows {misfit.text}{_find_example(connection, relation, misfit)}"
        for misfit, count in zip(misfits, n_wrong, strict=True)
        if count
    ]


def _find_example(connection: duckdb.DuckDBPyConnection, relation: Relation, misfit: Misfit) -> str:
    """Say what the first value at fault is, and where: rows of files count from 1, without the header."""
    places = {f" of {file.name}": f"SELECT * FROM {_scan([file])}" for file in relation.files}
    for place, sql in places.items() if not relation.is_sql else [("", relation.sql)]:
        numbered = f"SELECT {quote_name(misfit.column)}, row_number() OVER () AS row FROM ({sql})"
        first = f"SELECT {text_sql(misfit.column)}, row FROM ({numbered}) WHERE {misfit.condition} ORDER BY row LIMIT 1"
        for value, row in connection.sql(first, params=dict(relation.values)).fetchall():
            example = ", the first" if value is None else f", for example {value!r}"
            return f"{example} in row {row}{place}"
    return ""


def _explain(error: duckdb.Error) -> str:
    """Return what DuckDB says, in one line and without its advice on options of its own."""
    return " ".join(re.split(r"\n\n|\nPotential Fixes|\nIf you", str(error))[0].split())
