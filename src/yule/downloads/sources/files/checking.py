"""Say what is wrong with the data of files before they are read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from yule.core.errors import DataError
from yule.downloads.costs.limits import find_missing
from yule.downloads.keeping.rows.oddities import describe_oddity
from yule.downloads.keeping.rows.values import Misfit, find_family, find_misfits, text_sql, typed_sql
from yule.downloads.settings import Column, Method
from yule.downloads.sources.files.parts import FILE, Part, second_header_sql
from yule.downloads.sources.files.texts import tell_second_header
from yule.downloads.specs import Query
from yule.sql.quoting import quote_instant, quote_name

_ROW = '"yule: row"'


@dataclass(frozen=True, kw_only=True)
class Relation:
    """What a method reads, for DuckDB.

    Parameters
    ----------
    name
        What people know it as.
    parts
        What it consists of.
    values
        The values of the parameters of people's SQL.
    is_sql
        Whether people wrote the query.
    """

    name: str
    parts: tuple[Part, ...]
    values: Mapping[str, object]
    is_sql: bool


def check(connection: duckdb.DuckDBPyConnection, query: Query, relation: Relation) -> Relation:
    """Say all that is wrong with the data, if anything is.

    Returns
    -------
    Relation
        The same, with the columns that files may lack.
    """
    problems: list[str] = []
    filled = tuple(_fill(part, query, problems, is_one=len(relation.parts) == 1) for part in relation.parts)
    complete = replace(relation, parts=filled)
    problems += _find_problems(connection, query, complete, before=relation.parts)
    if problems:
        raise DataError(
            f"downloads/{query.method.name}.yaml: {relation.name} does not fit its columns: {'; '.join(problems)}. "
            "Correct the data, or what is declared of them."
        )
    return complete


def find_second_header(connection: duckdb.DuckDBPyConnection, part: Part) -> str | None:
    """Say where names of columns stand again among the rows of CSV files; None when they do not."""
    header = second_header_sql(part)
    ((n_headers,),) = connection.execute(f"SELECT count(*) FILTER (WHERE {header}) FROM ({part.sql})").fetchall()
    return _tell_header(connection, part, header) if n_headers else None


def explain(error: duckdb.Error, *, is_shown: bool = True) -> str:
    """Return what DuckDB says, in one line and without its advice on options of its own.

    Parameters
    ----------
    error
        What it says.
    is_shown
        Whether values of the data may be told.
    """
    said = re.split(r"\n\n|\nPotential Fixes|\nPossible [Ff]ixes|\nIf you", str(error))[0]
    if not is_shown:
        said = re.split(r"\nOriginal Line", said)[0]
        if isinstance(error, duckdb.ConversionException | duckdb.InvalidInputException | duckdb.OutOfRangeException):
            said = re.sub(r"""'[^\n]*'|"[^\n]*\"""", "…", said)
    return " ".join(said.split())


def _fill(part: Part, query: Query, problems: list[str], *, is_one: bool) -> Part:
    """Return a part with the columns that it may lack; note those that it may not."""
    method = query.method
    absent = [name for name in query.columns if name not in part.kinds and method.column(name).is_dated]
    wanted = replace(query, columns=tuple(name for name in query.columns if name not in absent))
    missing = find_missing(wanted, list(part.kinds))
    problems += missing if is_one else [f"{text} ({_list_files(part)})" for text in missing]
    return part.with_missing(absent)


def _find_problems(
    connection: duckdb.DuckDBPyConnection, query: Query, relation: Relation, *, before: Sequence[Part]
) -> list[str]:
    """Count, in one pass over each part, the values that do not fit what is declared."""
    n_rows, found = 0, dict[tuple[str, str], list[tuple[Part, Misfit, int]]]()
    for part, written in zip(relation.parts, before, strict=True):
        misfits = [*_list_misfits(query, part, relation.parts, absent=part.kinds.keys() - written.kinds.keys())]
        header = second_header_sql(part)
        counts = "".join(f", count(*) FILTER (WHERE {misfit.condition})" for misfit in misfits)
        sql = f"SELECT count(*), count(*) FILTER (WHERE {header}){counts} FROM ({part.sql})"
        ((n_found, n_headers, *n_wrong),) = connection.sql(sql, params=dict(relation.values)).fetchall()
        if n_headers:
            return [_tell_header(connection, part, header)]
        n_rows += n_found
        for misfit, count in zip(misfits, n_wrong, strict=True):
            if count:
                found.setdefault((misfit.column, misfit.text), []).append((part, misfit, count))
    if not n_rows:
        return [] if relation.is_sql else ["there are no rows"]
    hidden = query.method.personal
    return [
        f"{sum(count for _, _, count in places)} rows {text}"
        f"{_find_example(connection, relation, *places[0][:2], is_shown=column not in hidden)}"
        for (column, text), places in found.items()
    ]


def _list_misfits(query: Query, part: Part, parts: Sequence[Part], *, absent: set[str]) -> Iterator[Misfit]:
    method = query.method
    for name in query.columns:
        if name not in part.kinds:
            continue
        column, kind = method.column(name), part.kinds[name]
        yield from find_misfits(method, column, kind)
        if name in absent and method.time is not None and method.time in part.kinds:
            yield _absent_misfit(method, column, part.kinds[method.time])
        if column.type == "string" and find_family(kind) == "text":
            yield from _find_clash(column, parts)


def _absent_misfit(method: Method, column: Column, time_kind: str) -> Misfit:
    """Return what is wrong with rows of a file that lacks a column when it should be there."""
    assert method.time is not None
    time = f"CAST({typed_sql(method.column(method.time), time_kind)} AS TIMESTAMPTZ)"
    since = f"{time} >= {quote_instant(column.since)}" if column.since else "true"
    until = f"{time} < {quote_instant(column.until)}" if column.until else "true"
    period = " ".join(
        text
        for text in (
            f"since {column.since:%Y-%m-%d}" if column.since else "",
            f"until {column.until:%Y-%m-%d}" if column.until else "",
        )
        if text
    )
    text = f"lack {column.name}, which is there {period} as it is declared"
    return Misfit(column=column.name, condition=f"{since} AND {until}", text=text)


def _find_clash(column: Column, parts: Sequence[Part]) -> Iterator[Misfit]:
    """Find what one file writes as 007 where another holds numbers, and has lost the zeros."""
    numbers = [
        part for part in parts if find_family(part.kinds.get(column.name, "")) in ("integer", "decimal", "float")
    ]
    if numbers:
        name = quote_name(column.name)
        whole = f"TRY_CAST({name} AS HUGEINT)"
        text = f"are no plain numbers in {column.name}, whose zeros are lost as numbers in {_list_files(numbers[0])}"
        yield Misfit(
            column=column.name, condition=f"{whole} IS NOT NULL AND CAST({whole} AS VARCHAR) <> {name}", text=text
        )


def _find_example(
    connection: duckdb.DuckDBPyConnection, relation: Relation, part: Part, misfit: Misfit, *, is_shown: bool
) -> str:
    """Say what the first value at fault is, and where: rows of files count from 1, without the header."""
    place, sql = "", part.sql
    if part.files:
        number = _find_file(connection, part, misfit.condition)
        place, sql = f" of {part.shown[number]}", part.one(number)
    rows = f"{_number_rows(sql)}) WHERE {misfit.condition}"
    first = f"SELECT {text_sql(misfit.column)}, {_ROW} FROM ({rows} ORDER BY 2 LIMIT 1"
    for value, row in connection.sql(first, params=dict(relation.values)).fetchall():
        reason = "" if value is None else explain_text(value, misfit)
        example = f", for example {value!r}{reason}" if is_shown and value is not None else f", the first{reason}"
        return f"{example} in row {row}{place}"
    return ""


def explain_text(value: str, misfit: Misfit) -> str:
    """Say in brackets why what people take for a number or a date is none; empty when there is no telling."""
    reason = describe_oddity(value) if misfit.text.startswith("have no ") else ""
    return f" ({reason})" if reason else ""


def _find_file(connection: duckdb.DuckDBPyConnection, part: Part, condition: str) -> int:
    """Return the number of the first file of a part in which a condition is true."""
    if len(part.files) == 1:
        return 0
    with_names = replace(part, select=f"{part.select}, {quote_name(FILE)}").sql
    rows = connection.sql(f"SELECT DISTINCT {quote_name(FILE)} FROM ({with_names}) WHERE {condition}").fetchall()
    names = {str(row[0]) for row in rows}
    return next(number for number, file in enumerate(part.files) if str(file) in names)


def _number_rows(sql: str) -> str:
    return f"SELECT *, row_number() OVER () AS {_ROW} FROM ({sql})"


def _tell_header(connection: duckdb.DuckDBPyConnection, part: Part, condition: str) -> str:
    assert part.form is not None
    number = _find_file(connection, part, condition)
    sql = f"SELECT min({_ROW}) FROM ({_number_rows(part.one(number))}) WHERE {condition}"
    ((row,),) = connection.execute(sql).fetchall()
    return tell_second_header(part.shown[number], row + part.form.n_skipped)


def _list_files(part: Part) -> str:
    more = f" and {len(part.shown) - 1} more" if len(part.shown) > 1 else ""
    return f"{part.shown[0]}{more}" if part.shown else "the query"
