"""Translates SELECT statements written for BigQuery (GoogleSQL) to DuckDB: exactly, or not at all.

sqlglot is used for the grammar only. Every function, operator and clause has a writer of our own here, and what has
none is refused, with its place and, where there is one, what to write instead. Nothing here reads data or runs SQL.

The translation is exact on a connection whose time zone is UTC, for tables whose FLOAT64 columns hold no NaN and no
infinity.
"""

from collections.abc import Collection
from typing import Literal

from yule.core.errors import DataError
from yule.downloads.sources.dialects.parsing import Fault, find_parameters, list_duckdb_tables, parse, say_faults
from yule.downloads.sources.dialects.statements import (
    GIVEN_PARAMETERS,
    check_statement,
    replace_parameters,
    say_unknown,
)
from yule.downloads.sources.dialects.writing import Writer, write_statement
from yule.downloads.sources.dialects.written import find_written_sql

__all__ = [
    "check_sql",
    "check_statement",
    "find_written_sql",
    "list_parameters",
    "list_tables",
    "replace_parameters",
    "translate",
]


def check_sql(sql: str, *, parameters: Collection[str]) -> list[str]:
    """Say what is wrong with a statement.

    Parameters
    ----------
    sql
        The statement, in GoogleSQL.
    parameters
        Names of the parameters it may use, besides ``since`` and ``until``.

    Returns
    -------
    list of str
        One sentence per problem, which begins with its place; empty when the statement can be translated exactly.

    >>> check_sql("SELECT user_id FROM views WHERE at < @until", parameters=[])
    []
    >>> check_sql("SELECT RAND() AS x", parameters=[])
    ['line 1, column 8: RAND is not translated: it is another at every run']
    """
    _, faults, _ = _write(sql)
    known = [*parameters, *GIVEN_PARAMETERS]
    for name, start in find_parameters(sql).items():
        if name not in known:
            faults.append(Fault(start, say_unknown(name, known)))
    return say_faults(sql, faults)


def translate(sql: str) -> str:
    """Translate a statement to DuckDB's SQL.

    Parameters
    ----------
    sql
        The statement, in GoogleSQL.

    Returns
    -------
    str
        The statement in DuckDB's SQL, to be run with the time zone UTC. Parameters ``@name`` are ``$name``.

    Raises
    ------
    DataError
        If it cannot be translated exactly; the message lists all problems with line and column.

    >>> translate("SELECT COUNT(*) AS n FROM views WHERE user_id = @id")
    'SELECT count(*) AS "n" FROM "views" AS "views" WHERE ("user_id" = $id)'
    """
    text, faults, _ = _write(sql)
    if faults:
        problems = "\n".join(say_faults(sql, faults))
        raise DataError(f"this SQL cannot be translated to duckdb exactly:\n{problems}")
    return text


def list_tables(sql: str, *, dialect: Literal["bigquery", "duckdb"] = "bigquery") -> list[str]:
    """List the tables that a statement reads, as written, without quotes, in the order of the text.

    Parameters
    ----------
    sql
        The statement.
    dialect
        What it is written for.

    Raises
    ------
    DataError
        If it cannot be read.

    >>> list_tables("WITH a AS (SELECT 1 AS x) SELECT x FROM a CROSS JOIN `web.views`")
    ['web.views']
    """
    if dialect == "duckdb":
        return list_duckdb_tables(sql)
    statement, faults = parse(sql)
    if statement is None:
        raise DataError("the tables of this SQL cannot be listed:\n" + "\n".join(say_faults(sql, faults)))
    return write_statement(statement)[1].tables


def list_parameters(sql: str) -> list[str]:
    """List the parameters of a statement, without ``@``, in the order of the text.

    >>> list_parameters("SELECT user_id FROM views WHERE at >= @since AND at < @until")
    ['since', 'until']
    """
    return list(find_parameters(sql))


def _write(sql: str) -> tuple[str, list[Fault], Writer]:
    statement, faults = parse(sql)
    text, writer = write_statement(statement)
    return text, [*faults, *writer.faults], writer
