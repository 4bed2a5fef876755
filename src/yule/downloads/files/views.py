"""The tables that SQL names, as views over files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from yule.core.errors import DataError
from yule.downloads.files.scanning import scan_sql
from yule.downloads.settings import Method, Query
from yule.downloads.sql import quote_name

BIGQUERY_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "HUGEINT"), "BIGINT"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "TIMESTAMPTZ"),
    "FLOAT": "DOUBLE",
}
"""What columns of files are for SQL of BigQuery; times that do not say their zone are in UTC."""


def list_sql_tables(method: Method) -> list[str]:
    """Return the tables that the SQL of a method names."""
    from yule.downloads.dialects import list_tables

    if "duckdb" in method.sql:
        return list_tables(_read_sql(method), dialect="duckdb")
    return list_tables(_read_bigquery_sql(method))


def duckdb_sql(method: Method) -> str:
    """Return what is written for DuckDB, or a translation of what is written for BigQuery."""
    from yule.downloads.dialects import replace_parameters, translate

    if "duckdb" not in method.sql:
        return translate(_read_bigquery_sql(method))
    return replace_parameters(_read_sql(method), lambda name: f"${name}") + "\n"  # which ends a remark


def _read_bigquery_sql(method: Method) -> str:
    if "bigquery" not in method.sql:
        written = ", ".join(f"downloads/{method.name}.{engine}.sql" for engine in sorted(method.sql))
        raise DataError(
            f"{written} is for another engine, and nothing is written that DuckDB takes. "
            f"Write downloads/{method.name}.sql or downloads/{method.name}.duckdb.sql beside it."
        )
    return method.sql["bigquery"]


def _read_sql(method: Method) -> str:
    """Return what is written for DuckDB if it is one SELECT."""
    from yule.downloads.dialects import check_statement

    written = method.sql["duckdb"]
    if problems := check_statement(written, engine="duckdb"):
        raise DataError("\n".join(f"downloads/{method.name}.duckdb.sql: {problem}" for problem in problems))
    return written


def parameter_values(query: Query) -> dict[str, object]:
    """Return the values of those parameters that the SQL uses."""
    from yule.downloads.dialects import list_parameters

    used = list_parameters(query.method.sql.get("duckdb") or query.method.sql["bigquery"])
    values = {
        "since": query.since or datetime(1, 1, 1, tzinfo=UTC),
        "until": query.until or datetime(9999, 12, 31, tzinfo=UTC),
        **{name: parameter.parse() for name, parameter in query.method.parameters.items()},
    }
    return {name: value for name, value in values.items() if name in used}


def create_view(connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path]) -> None:
    """Give files the name of a table, ``project.dataset.table``, and their columns the types of BigQuery."""
    names = [quote_name(part) for part in table.split(".")]
    if len(names) > 2:
        connection.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {names[0]}")
    if len(names) > 1:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {'.'.join(names[:-1])}")
    scan = scan_sql(files, is_typed=True)
    described = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    columns = ", ".join(f"{_bigquery_sql(name, kind)} AS {quote_name(name)}" for name, kind, *_ in described)
    connection.execute(f"CREATE VIEW {'.'.join(names)} AS SELECT {columns} FROM {scan}")


def _bigquery_sql(name: str, kind: str) -> str:
    """Return a column with a type of BigQuery; NaN, by which pandas writes missing numbers, is missing."""
    value = f"CAST({quote_name(name)} AS {BIGQUERY_TYPES.get(kind, kind)})"
    return f"CASE WHEN NOT isnan({value}) THEN {value} END" if kind in ("FLOAT", "DOUBLE") else value
