"""Say what is wrong with the data of files before they are read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from yule.core.errors import DataError
from yule.downloads.files.scanning import scan_sql
from yule.downloads.limits import find_missing
from yule.downloads.settings import Query
from yule.downloads.sql import quote_name
from yule.downloads.values import Misfit, find_misfits, text_sql


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


def check(connection: duckdb.DuckDBPyConnection, query: Query, relation: Relation) -> None:
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
    places = {f" of {file.name}": f"SELECT * FROM {scan_sql([file])}" for file in relation.files}
    for place, sql in places.items() if not relation.is_sql else [("", relation.sql)]:
        numbered = f"SELECT {quote_name(misfit.column)}, row_number() OVER () AS row FROM ({sql})"
        first = f"SELECT {text_sql(misfit.column)}, row FROM ({numbered}) WHERE {misfit.condition} ORDER BY row LIMIT 1"
        for value, row in connection.sql(first, params=dict(relation.values)).fetchall():
            example = ", the first" if value is None else f", for example {value!r}"
            return f"{example} in row {row}{place}"
    return ""


def explain(error: duckdb.Error) -> str:
    """Return what DuckDB says, in one line and without its advice on options of its own."""
    return " ".join(re.split(r"\n\n|\nPotential Fixes|\nIf you", str(error))[0].split())
