"""Parquet and CSV files in a folder, read by DuckDB."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import duckdb
import pyarrow as pa

from yule.core.errors import DataError
from yule.downloads.fingerprints import fingerprint_files
from yule.downloads.settings import Column, FilesSource, Method
from yule.downloads.sql import SQL_TYPES, connect, quote_name, quote_text

BATCH_ROWS = 131_072

LARGEST = "1e24"
"""The largest number a column may hold: sums of millionths must fit into 128 bits, features into 32-bit floats."""


class FilesInFolder:
    """A source of files; see :class:`~yule.downloads.protocol.Source`.

    Parameters
    ----------
    settings
        Where the files are.
    cache_folder
        Where fingerprints are remembered; None: nowhere.
    """

    def __init__(self, settings: FilesSource, *, cache_folder: Path | None) -> None:
        self._folder = Path(settings.path)
        self._cache_folder = cache_folder

    def data_version(self, method: Method) -> str:
        """See :class:`~yule.downloads.protocol.Source`."""
        files = self._find_files(method)
        names = [str(file.relative_to(self._folder)) for file in files]
        return fingerprint_files(files, names=names, cache_folder=self._cache_folder)

    def read(self, method: Method, *, n_threads: int) -> pa.RecordBatchReader:
        """See :class:`~yule.downloads.protocol.Source`."""
        batches = self._read_batches(method, n_threads)
        schema = next(batches)
        assert isinstance(schema, pa.Schema)
        return pa.RecordBatchReader.from_batches(schema, batches)

    def _read_batches(self, method: Method, n_threads: int) -> Iterator[pa.Schema | pa.RecordBatch]:
        """Give the schema, then the batches; the database is open as long as they are read."""
        with connect(n_threads=n_threads) as connection:
            _check_columns(connection, method, _scan(self._find_files(method)))
            _check_values(connection, method)
            columns = ", ".join(f"{_cast(method, column)} AS {quote_name(column.name)}" for column in method.columns)
            reader = connection.sql(f"SELECT {columns} FROM source").to_arrow_reader(BATCH_ROWS)
            yield reader.schema
            yield from reader

    def _find_files(self, method: Method) -> list[Path]:
        files = sorted(file for file in self._folder.glob(method.table) if file.is_file())
        if not files:
            raise DataError(
                f"downloads/{method.name}.yaml: there is no file {method.table} in {self._folder}. "
                "Put it there, or correct `table` here or the source's `path` in project.yaml."
            )
        empty = [str(file) for file in files if not file.stat().st_size]
        if empty:
            raise DataError(f"downloads/{method.name}.yaml: {', '.join(empty)} is empty. Fetch it again.")
        return files


def _scan(files: Sequence[Path]) -> str:
    names = f"[{', '.join(quote_text(str(file)) for file in files)}]"
    if all(file.suffix == ".parquet" for file in files):
        return f"read_parquet({names})"
    # Every value as text, so that one that does not fit is reported with its place, not as a parser's error.
    return f"read_csv({names}, all_varchar = true, header = true)"


def _cast(method: Method, column: Column) -> str:
    name = quote_name(column.name)
    if column.name == method.user:
        return f"CAST({name} AS VARCHAR)"
    value = f"TRY_CAST({name} AS {SQL_TYPES[column.type]})"
    # -0.0 becomes 0.0: they sort as equal, and the order of equal rows would show in the bytes.
    return f"CASE WHEN NOT isnan({value}) THEN {value} + 0.0 END" if column.type == "number" else value


def _check_columns(connection: duckdb.DuckDBPyConnection, method: Method, scan: str) -> None:
    """Name the files ``source``, if they can be read and have the columns."""
    try:
        connection.execute(f"CREATE VIEW source AS SELECT * FROM {scan}")
        found = [row[0] for row in connection.execute("DESCRIBE source").fetchall()]
    except duckdb.Error as error:
        raise DataError(f"downloads/{method.name}.yaml: {method.table} cannot be read: {_first_line(error)}") from error
    missing = [column.name for column in method.columns if column.name not in found]
    if missing:
        hints = [f"{name!r}{_suggest(name, found)}" for name in missing]
        raise DataError(
            f"downloads/{method.name}.yaml: {method.table} has no column {', '.join(hints)}. It has {', '.join(found)}."
        )


def _check_values(connection: duckdb.DuckDBPyConnection, method: Method) -> None:
    """Count, in one pass, the values that do not fit what is declared."""
    checks = [check for column in method.columns for check in _checks(method, column)]
    counts = ", ".join(
        f"count(*) FILTER (WHERE {wrong}), any_value({value}) FILTER (WHERE {wrong})" for wrong, value, _ in checks
    )
    try:
        (row,) = connection.execute(f"SELECT count(*), {counts} FROM source").fetchall()
    except duckdb.Error as error:
        raise DataError(f"downloads/{method.name}.yaml: {method.table} cannot be read: {_first_line(error)}") from error
    problems = [
        f"{n_wrong} rows {text}{f', for example {example!r}' if example is not None else ''}"
        for (_, _, text), n_wrong, example in zip(checks, row[1::2], row[2::2], strict=True)
        if n_wrong
    ]
    if not row[0]:
        problems = ["there are no rows"]
    if problems:
        raise DataError(
            f"downloads/{method.name}.yaml: {method.table} does not fit its columns: {'; '.join(problems)}. "
            "Correct the data, or the column's type."
        )


def _checks(method: Method, column: Column) -> Iterator[tuple[str, str, str]]:
    """Give what is wrong as SQL, the value to show, and how to say it."""
    name, value = quote_name(column.name), f"CAST({quote_name(column.name)} AS VARCHAR)"
    if column.name != method.user and column.type != "string":
        typed = f"TRY_CAST({name} AS {SQL_TYPES[column.type]})"
        wrong = f"{name} IS NOT NULL AND {typed} IS NULL"
        if column.type == "integer":  # 1.5 is not one, but pandas writes missing integers as NaN among 1.0, 2.0
            double = f"TRY_CAST({name} AS DOUBLE)"
            wrong = f"({wrong} OR {typed} <> {double}) AND NOT coalesce(isnan({double}), false)"
        yield wrong, value, f"have no {column.type} in {column.name}"
        if column.type in ("timestamp", "date"):
            yield f"isinf({typed})", value, f"are infinite in {column.name}"
        if column.type == "number":
            yield f"NOT isnan({typed}) AND abs({typed}) > {LARGEST}", value, f"are beyond {LARGEST} in {column.name}"
    if column.name in (method.user, method.time):
        what = "user" if column.name == method.user else "time"
        yield f"{name} IS NULL OR {value} = ''", value, f"have no {what} in {column.name}"


def _suggest(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name, names, n=1, cutoff=0.7)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
