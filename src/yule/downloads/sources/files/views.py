"""What people's SQL is for DuckDB: its text, its tables, its parameters, and the types of its columns."""

import re

from yule.core.settings import digest
from yule.downloads.keeping.rows.values import cut_sql
from yule.downloads.settings import Engine, Method, ParameterValue
from yule.downloads.specs import Query
from yule.sql.quoting import quote_name, quote_text

BIGQUERY_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "HUGEINT"), "BIGINT"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ_NS"), "TIMESTAMPTZ"),
    "FLOAT": "DOUBLE",
}
"""What columns of files are for SQL of BigQuery; times that do not say their zone are in UTC."""

NUMERIC = "DECIMAL(38, 9)"
_TYPE = re.compile(r"\b(?:(?P<plain>[A-Z_]+)|DECIMAL\((?P<width>\d+),(?P<scale>\d+)\))(?=$|[,)\[])")


def list_sql_tables(method: Method) -> list[str]:
    """Return the tables that the SQL of a method names."""
    from yule.downloads.sources.dialects import find_written_sql, list_tables

    if is_translated(method):
        return list_tables(method.sql["bigquery"])
    return list_tables(find_written_sql(method, "duckdb"), dialect="duckdb")


def duckdb_sql(method: Method) -> str:
    """Return what is written for DuckDB, or a translation of what is written for BigQuery."""
    from yule.downloads.sources.dialects import find_written_sql, replace_parameters, translate

    if is_translated(method):
        return translate(method.sql["bigquery"])
    written = find_written_sql(method, "duckdb")
    return replace_parameters(written, "${}".format, engine="duckdb") + "\n"  # which ends a remark


def is_translated(method: Method) -> bool:
    """Say whether its SQL is translated from BigQuery's."""
    return "bigquery" in method.sql and "duckdb" not in method.sql


def version_with_sql(version: str, method: Method) -> str:
    """Return the version of a source's data, or of what SQL makes of them: a translation may change."""
    return digest(f"{version} {duckdb_sql(method)}") if method.sql else version


def parameter_values(query: Query) -> dict[str, ParameterValue]:
    """Return the values of those parameters that the SQL uses."""
    from yule.downloads.sources.dialects import list_parameters

    engine: Engine = "duckdb" if "duckdb" in query.method.sql else "bigquery"
    used = list_parameters(query.method.sql[engine], engine=engine)
    return {name: value for name, value in query.values().items() if name in used}


def bigquery_sql(name: str, kind: str) -> str:
    """Return a column with a type of BigQuery; NaN, by which pandas writes missing numbers, is missing.

    >>> bigquery_sql("n", "DECIMAL(10,2)")
    'CAST("n" AS DECIMAL(38, 9))'
    """
    quoted, to = quote_name(name), bigquery_type(kind)
    if kind.startswith("DECIMAL") and to != NUMERIC:
        # It fails for any value that is read, with the message as the text that is no number.
        message = quote_text(f"{name} is a BIGNUMERIC, of more digits than NUMERIC has: leave it out of the SQL")
        return f"CASE WHEN {quoted} IS NOT NULL THEN CAST({message} AS {NUMERIC}) END"
    value = f"CAST({cut_sql(quoted, kind)} AS {to})"
    return f"CASE WHEN NOT isnan({value}) THEN {value} END" if kind in ("FLOAT", "DOUBLE") else value


def bigquery_type(kind: str) -> str:
    """Return the type in SQL of BigQuery, as DuckDB calls it, of a type of DuckDB.

    >>> bigquery_type("STRUCT(n INTEGER)[]")
    'STRUCT(n BIGINT)[]'
    """
    return _TYPE.sub(_bigquery_type, kind)


def _bigquery_type(found: re.Match[str]) -> str:
    if found["plain"]:
        return BIGQUERY_TYPES.get(found["plain"], found["plain"])
    width, scale = int(found["width"]), int(found["scale"])
    return NUMERIC if scale <= 9 and width - scale <= 29 else found[0]
