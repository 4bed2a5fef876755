"""Translates SELECT statements written for BigQuery (GoogleSQL) to DuckDB: exactly, or not at all.

sqlglot is used for the grammar only. Every function, operator and clause has a writer of our own here, and what has
none is refused, with its place and, where there is one, what to write instead. Nothing here reads data or runs SQL.

The translation is exact on a connection whose time zone is UTC, for tables whose FLOAT64 columns hold no NaN and no
infinity.
"""

from collections.abc import Collection
from contextlib import suppress
from typing import Literal

from sqlglot.errors import TokenError

from yule.core.errors import DataError
from yule.downloads.settings import Engine
from yule.downloads.sources.dialects.parameters import find_parameters, find_unknown, replace_parameters
from yule.downloads.sources.dialects.parsing import Fault, parse, say_faults
from yule.downloads.sources.dialects.statements import check_statement
from yule.downloads.sources.dialects.tables import list_duckdb_tables, replace_tables
from yule.downloads.sources.dialects.writing import Writer, write_statement
from yule.downloads.sources.dialects.written import find_written_sql

__all__ = [
    "check_sql",
    "check_statement",
    "find_written_sql",
    "list_parameters",
    "list_tables",
    "replace_parameters",
    "replace_tables",
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
    with suppress(TokenError):  # which is among the faults
        faults += find_unknown(sql, engine="bigquery", parameters=parameters)
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


def list_parameters(sql: str, *, engine: Engine = "bigquery") -> list[str]:
    """List the parameters of a statement, without ``@``, in the order of the text; none where it cannot be read.

    >>> list_parameters("SELECT user_id FROM views WHERE at >= @since AND at < @until")
    ['since', 'until']
    """
    with suppress(TokenError):
        return list(dict.fromkeys(parameter.name for parameter in find_parameters(sql, engine=engine)))
    return []


def _write(sql: str) -> tuple[str, list[Fault], Writer]:
    statement, faults = parse(sql)
    text, writer = write_statement(statement)
    return text, [*faults, *writer.faults], writer
