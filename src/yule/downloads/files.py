"""Parquet and CSV files in a folder, read by DuckDB."""

import re
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
            _check(connection, method, self._find_files(method))
            columns = ", ".join(f"{_cast(method, column)} AS {quote_name(column.name)}" for column in method.columns)
            reader = connection.sql(f"SELECT {columns} FROM source").to_arrow_reader(BATCH_ROWS)
            yield reader.schema
            yield from reader

    def _find_files(self, method: Method) -> list[Path]:
        if Path(method.table).is_absolute() or not Path(method.table).name:
            raise DataError(
                f"downloads/{method.name}.yaml: `table` is {method.table!r}; write the name of a file, or a pattern, "
                f"below {self._folder}."
            )
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
        # The statistics in a Parquet file leave NaN out; without this they would be taken to say that there is none.
        return f"read_parquet({names}, can_have_nan = true)"
    # Every value as text, so that one that does not fit is reported with its place, not as a parser's error. The first
    # line is the header: none is skipped because it looks like a title or a remark.
    return f"read_csv({names}, all_varchar = true, header = true, skip = 0, comment = '')"


def _cast(method: Method, column: Column) -> str:
    value = _typed(column)
    if column.name == method.user:
        return f"CAST({value} AS VARCHAR)"
    # -0.0 becomes 0.0: they sort as equal, and the order of equal rows would show in the bytes.
    return f"CASE WHEN NOT isnan({value}) THEN {value} + 0.0 END" if column.type == "number" else value


def _typed(column: Column) -> str:
    return f"TRY_CAST({quote_name(column.name)} AS {SQL_TYPES[column.type]})"


def _check(connection: duckdb.DuckDBPyConnection, method: Method, files: Sequence[Path]) -> None:
    """Name the files ``source``, if they hold what the method declares; else say all that is wrong with them."""
    try:
        connection.execute(f"CREATE VIEW source AS SELECT * FROM {_scan(files)}")
        names = [row[0] for row in connection.execute("DESCRIBE source").fetchall()]
        problems = [*_find_missing(method, names), *_find_misfits(connection, method, files, names)]
    except duckdb.Error as error:
        raise DataError(f"downloads/{method.name}.yaml: {method.table} cannot be read: {_explain(error)}") from error
    if problems:
        raise DataError(
            f"downloads/{method.name}.yaml: {method.table} does not fit its columns: {'; '.join(problems)}. "
            "Correct the data, or what is declared of them."
        )


def _find_missing(method: Method, names: Sequence[str]) -> list[str]:
    missing = [column.name for column in method.columns if column.name not in names]
    if not missing:
        return []
    hints = ", ".join(f"{name!r}{_suggest(name, names)}" for name in missing)
    # DuckDB does not take a CSV file apart whose rows differ in length.
    is_whole = len(names) == 1 and any(mark in names[0] for mark in ",;|\t")
    reason = "; not all its rows have as many values as the first" if is_whole else ""
    return [f"there is no column {hints}, only {', '.join(names)}{reason}"]


def _find_misfits(
    connection: duckdb.DuckDBPyConnection, method: Method, files: Sequence[Path], names: Sequence[str]
) -> list[str]:
    """Count, in one pass, the values that do not fit what is declared."""
    checks = [check for column in method.columns if column.name in names for check in _checks(method, column)]
    counts = "".join(f", count(*) FILTER (WHERE {wrong})" for _, wrong, _ in checks)
    ((n_rows, *n_wrong),) = connection.execute(f"SELECT count(*){counts} FROM source").fetchall()
    if not n_rows:
        return ["there are no rows"]
    return [
        f"{count} rows {text}{_find_example(connection, files, name, wrong)}"
        for (name, wrong, text), count in zip(checks, n_wrong, strict=True)
        if count
    ]


def _checks(method: Method, column: Column) -> Iterator[tuple[str, str, str]]:
    """Give the column, what is wrong as SQL, and how to say it."""
    name, typed = quote_name(column.name), _typed(column)
    if column.type != "string":
        wrong = f"{name} IS NOT NULL AND {typed} IS NULL"
        if column.type == "integer":
            double = f"TRY_CAST({name} AS DOUBLE)"
            wrong = f"({wrong} OR {typed} <> {double})"
            if column.name != method.user:  # pandas writes missing integers as NaN among 1.0, 2.0
                wrong += f" AND NOT coalesce(isnan({double}), false)"
        yield column.name, wrong, f"have no {column.type} in {column.name}"
    if column.type in ("timestamp", "date"):
        yield column.name, f"isinf({typed})", f"are infinite in {column.name}"
    if column.type == "number":
        too_large = f"NOT isnan({typed}) AND abs({typed}) > {LARGEST}"
        yield column.name, too_large, f"are beyond {LARGEST} in {column.name}"
    if column.name in (method.user, method.time):
        what = "user" if column.name == method.user else "time"
        yield column.name, f"coalesce({_text(column.name)}, '') = ''", f"have no {what} in {column.name}"


def _find_example(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str, wrong: str) -> str:
    """Say what the first value at fault is, and where: rows count from 1, without the header."""
    for file in files:
        numbered = f"SELECT {quote_name(name)}, row_number() OVER () AS row FROM {_scan([file])}"
        first = f"SELECT {_text(name)}, row FROM ({numbered}) WHERE {wrong} ORDER BY row LIMIT 1"
        for value, row in connection.execute(first).fetchall():
            example = ", the first" if value is None else f", for example {value!r}"
            return f"{example} in row {row} of {file.name}"
    return ""


def _text(name: str) -> str:
    return f"CAST({quote_name(name)} AS VARCHAR)"


def _suggest(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name, names, n=1, cutoff=0.7)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _explain(error: duckdb.Error) -> str:
    """Return what DuckDB says, in one line and without its advice on options of its own."""
    return " ".join(re.split(r"\n\n|\nPotential Fixes|\nIf you", str(error))[0].split())
