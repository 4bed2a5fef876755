"""Files of one table, in parts that are read alike: each file by its own names, in its own types, as it is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from yule.core.errors import DataError
from yule.downloads.keeping.rows.values import NULL, Kinds
from yule.downloads.sources.files.encodings import decode, find_encoding, is_utf8, refuse_utf8, write_utf8
from yule.downloads.sources.files.suffixes import find_form, find_packing
from yule.downloads.sources.files.texts import (
    TextForm,
    check_text,
    explain_rows,
    flatten_header,
    read_form,
    tell_repeated,
)
from yule.sql.quoting import quote_name, quote_text

FILE = "yule: file"
"""The column with the file of a row: by a name that no file has for one of its own, as ``filename`` may well be."""

EMPTY_PARTITION = "__HIVE_DEFAULT_PARTITION__"
"""The folder of rows without a value, as Hive and Spark call it."""

LINE_BYTES = 1 << 24
"""The longest line of a CSV file."""

_ALL = f"* EXCLUDE ({quote_name(FILE)})"


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Where files lie, and how they are read.

    Parameters
    ----------
    root
        The source's folder: files are called by their way from it; folders below it named ``key=value`` are columns.
    encoding
        Of text files that have no mark; empty for UTF-8.
    remedy
        How people say another, with ``{}`` in its place.
    scratch
        Where files may be written anew in UTF-8, as long as they are read.
    """

    root: Path
    encoding: str = ""
    remedy: str
    scratch: Path


@dataclass(frozen=True, kw_only=True)
class Part:
    """Files that are read alike, or what SQL gives.

    Parameters
    ----------
    kinds
        The type of each column in DuckDB.
    files
        Files as they are read, which may be copies in UTF-8.
    shown
        What people call them.
    scan
        What reads them in SQL, with ``{files}`` in the place of their list.
    select
        What is selected of that.
    form
        How CSV files are written; None for others.
    """

    kinds: Kinds
    files: tuple[Path, ...] = ()
    shown: tuple[str, ...] = ()
    scan: str
    select: str = "*"
    form: TextForm | None = None

    @property
    def read(self) -> str:
        """What reads all its files, to be selected from."""
        return self._read(self.files)

    @property
    def sql(self) -> str:
        """The query for all its rows."""
        return f"SELECT {self.select} FROM {self._read(self.files)}"

    def one(self, number: int) -> str:
        """Return the query for the rows of one of its files, in their order."""
        return f"SELECT {self.select} FROM {self._read(self.files[number : number + 1])}"

    def count_sql(self) -> str:
        """Return the query for the number of rows by file."""
        return f"SELECT {quote_name(FILE)}, count(*) FROM {self._read(self.files)} GROUP BY ALL"

    def with_missing(self, names: Sequence[str]) -> "Part":
        """Return the part with more columns in which every value is missing."""
        added = "".join(f", NULL AS {quote_name(name)}" for name in names)
        return replace(self, kinds={**self.kinds, **dict.fromkeys(names, NULL)}, select=self.select + added)

    def _read(self, files: Sequence[Path]) -> str:
        listed = ", ".join(quote_text(str(file)) for file in files)
        return self.scan.replace("{files}", f"[{listed}]", 1)


def open_parts(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], folder: Folder) -> tuple[Part, ...]:
    """Look at how each file is written, and put those that are alike together.

    Raises
    ------
    DataError
        If files cannot be read; says of each why.
    """
    groups: dict[tuple[object, ...], Part] = {}
    problems = []
    for file in files:
        shown = str(file.relative_to(folder.root))
        try:
            key, part = _open_file(connection, file, shown, folder, known=groups)
        except DataError as error:
            problems.append(str(error))
            continue
        before = groups.get(key)
        groups[key] = (
            part
            if before is None
            else replace(before, files=before.files + part.files, shown=before.shown + part.shown)
        )
    if problems:
        more = f"; and {len(problems) - 5} more files" if len(problems) > 5 else ""
        raise DataError("; ".join(problems[:5]) + more)
    return tuple(groups.values())


def find_text_problem(part: Part, *, is_shown: bool = True) -> str | None:
    """Say which line of which CSV file cannot be read, and show it if it may be; None when that is not why."""
    if part.form is None:
        return None
    for file, shown in zip(part.files, part.shown, strict=True):
        encoding = find_encoding(file, "")
        problem = explain_rows(file, part.form, encoding, shown=shown, is_shown=is_shown)
        if problem:
            return problem
    return None


def second_header_sql(part: Part) -> str:
    """Return the condition for a line that holds the names of columns again, as SQL; false for other files.

    The names may stand in another order, or some be other ones. A few columns tell.
    """
    if part.form is None:
        return "false"
    # Names that are numbers, as of years, may well be values too.
    names = [name for name in part.form.names if name and not re.fullmatch(r"[\d.,+-]+", name)]
    if not names:
        return "false"
    spelled = sorted({spelling for name in names for spelling in (name, name.lower(), name.upper(), name.title())})
    listed = ", ".join(quote_text(name) for name in spelled)
    all_named = " AND ".join(
        [
            *(f"{quote_name(name)} IN ({listed})" for name in names[:3]),
            *(f"{quote_name(name)} <> {quote_name(other)}" for name, other in combinations(names[:3], 2)),
        ]
    )
    own = [f"coalesce({quote_name(name)} = {quote_text(name)}, false)" for name in names[:8]]
    most_own = " + ".join(f"CAST({is_own} AS INTEGER)" for is_own in own) + f" > {max(len(own) / 2, 1)}"
    # Of a line with most of its own names, one is among the first: that is quick to ask, and CASE asks no more then.
    may_be = " OR ".join([f"{quote_name(names[0])} IN ({listed})", *own[: len(own) // 2 + 1]])
    return f"CASE WHEN {may_be} THEN ({all_named}) OR {most_own} ELSE false END"


def _open_file(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    shown: str,
    folder: Folder,
    *,
    known: dict[tuple[object, ...], Part],
) -> tuple[tuple[object, ...], Part]:
    partitions = _list_partitions(shown)
    if find_form(file) == "parquet":
        schema = _read_schema(file, shown)
        key: tuple[object, ...] = (partitions, *((field.name, str(field.type)) for field in schema))
        part = known.get(key) or _parquet_part(connection, file, schema)
    else:
        file, form = _open_text(file, shown, folder)
        packing = find_packing(file)
        key = (partitions, form, packing)
        part = known.get(key) or _text_part(form, packing)
    return key, _with_partitions(replace(part, files=(file,), shown=(shown,)), () if key in known else partitions)


def _read_schema(file: Path, shown: str) -> pa.Schema:
    try:
        schema = pq.read_schema(file)
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{shown} is no whole Parquet file: {str(error).splitlines()[0].rstrip('.')}. Fetch it again"
        ) from error
    problem = tell_repeated(schema.names)
    if problem:
        raise DataError(f"{shown} {problem}")
    return schema


def _parquet_part(connection: duckdb.DuckDBPyConnection, file: Path, schema: pa.Schema) -> Part:
    # The statistics in a Parquet file leave NaN out; without can_have_nan they would be taken to say there is none.
    scan = f"read_parquet({{files}}, can_have_nan = true, hive_partitioning = false, filename = {quote_text(FILE)})"
    part = Part(kinds={}, files=(file,), scan=scan, select=_ALL)
    described = connection.execute(f"DESCRIBE {part.sql}").fetchall()
    # By place: a column without a name is called otherwise by DuckDB, and nobody can ask for it.
    both = zip(described, schema, strict=True)
    kinds = {field.name: _kind(kind, field.type) for (_, kind, *_), field in both if field.name}
    return replace(part, kinds=kinds, files=())


def _kind(kind: str, arrow: pa.DataType) -> str:
    """Return the type of a column; where DuckDB takes it for one that loses something, that of Arrow."""
    is_lossy = pa.types.is_duration(arrow) or pa.types.is_decimal256(arrow) or pa.types.is_interval(arrow)
    return str(arrow) if is_lossy else kind


def _open_text(file: Path, shown: str, folder: Folder) -> tuple[Path, TextForm]:
    """Return a file in UTF-8, and how it is written."""
    encoding = find_encoding(file, folder.encoding)
    refuse_utf8(file, encoding, shown=shown)
    form = read_form(file, encoding, shown=shown, remedy=folder.remedy)
    if not is_utf8(encoding) or form.n_header_lines:
        copy = folder.scratch / f"{shown}.csv"
        pieces = decode(file, encoding, shown=shown, remedy=folder.remedy)
        write_utf8(flatten_header(pieces, form), copy)
        file = copy
        encoding = "utf-8"
    check_text(file, form.quote, encoding, shown=shown, remedy=folder.remedy)
    return file, form


def _text_part(form: TextForm, packing: str | None) -> Part:
    """Return what reads CSV files: every value as text, so that one that does not fit is told with its place."""
    names = [name or f"column {number}" for number, name in enumerate(form.names, start=1)]
    columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in names)
    quote = quote_text(form.quote)
    scan = (
        f"read_csv({{files}}, auto_detect = false, columns = {{{columns}}}, delim = {quote_text(form.delimiter)}, "
        f"quote = {quote}, escape = {quote}, header = false, skip = {form.n_skipped}, comment = '', nullstr = '', "
        f"strict_mode = true, null_padding = false, compression = {quote_text(packing or 'none')}, "
        f"hive_partitioning = false, filename = {quote_text(FILE)}, max_line_size = {LINE_BYTES})"
    )
    kinds = dict.fromkeys((name for name in form.names if name), "VARCHAR")
    return Part(kinds=kinds, scan=scan, select=_ALL, form=form)


def _list_partitions(shown: str) -> tuple[str, ...]:
    """Return the columns that the names of folders hold, as ``day`` in ``day=2024-01-01/part-0.parquet``."""
    return tuple(folder.split("=", 1)[0] for folder in shown.split("/")[:-1] if re.match("[^=]+=", folder))


def _with_partitions(part: Part, keys: Sequence[str]) -> Part:
    """Return the part with the columns of its folders; what a file holds itself goes before."""
    there = {name.casefold() for name in part.kinds}
    added = [key for key in dict.fromkeys(keys) if key.casefold() not in there]
    values = "".join(f", {_partition_sql(key)} AS {quote_name(key)}" for key in added)
    return replace(part, kinds={**part.kinds, **dict.fromkeys(added, "VARCHAR")}, select=part.select + values)


def _partition_sql(key: str) -> str:
    value = f"url_decode(regexp_extract({quote_name(FILE)}, {quote_text(f'/{re.escape(key)}=([^/]*)/')}, 1))"
    return f"nullif(nullif({value}, {quote_text(EMPTY_PARTITION)}), '')"
