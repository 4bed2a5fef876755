"""The tables that statements read."""

from collections.abc import Callable, Collection

from sqlglot import exp, parse_one
from sqlglot.errors import ParseError, TokenError

from yule.core.errors import DataError
from yule.downloads.sources.dialects.parsing import find_start


def list_duckdb_tables(sql: str) -> list[str]:
    """List the tables that a statement written for DuckDB reads.

    >>> list_duckdb_tables('WITH a AS (SELECT 1 AS x) SELECT x FROM a, "web"."views"')
    ['web.views']
    """
    try:
        statement = parse_one(sql, dialect="duckdb")
    except (ParseError, TokenError) as error:
        raise DataError(f"the tables of this SQL cannot be listed: {error}") from error
    ctes = {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
    tables = sorted(statement.find_all(exp.Table), key=find_start)
    names = [".".join(part.name for part in table.parts) for table in tables if isinstance(table.this, exp.Identifier)]
    return list(dict.fromkeys(name for name in names if name.lower() not in ctes))


def replace_tables(sql: str, names: Collection[str], write: Callable[[str], str]) -> str:
    """Put SELECT statements where a statement of BigQuery reads tables.

    Parameters
    ----------
    sql
        The statement.
    names
        The tables, as it writes them, without quotes.
    write
        Returns the statement for a table.

    >>> replace_tables("SELECT a.x FROM `web.views` AS a", ["web.views"], lambda name: "SELECT 1 AS x")
    'SELECT a.x FROM (SELECT 1 AS x) AS a'
    """
    tree = parse_one(sql, dialect="bigquery")
    for table in list(tree.find_all(exp.Table)):
        name = ".".join(part.name for part in table.parts)
        if name in names:
            alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name))
            table.replace(exp.Subquery(this=parse_one(write(name), dialect="bigquery"), alias=alias))
    return tree.sql(dialect="bigquery")
