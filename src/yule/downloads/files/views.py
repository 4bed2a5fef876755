"""The tables that SQL names, as views over files."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from yule.core.errors import DataError
from yule.downloads.files.scanning import scan_sql
from yule.downloads.settings import Method, Query
from yule.downloads.sql import quote_name, quote_text

BIGQUERY_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "HUGEINT"), "BIGINT"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "TIMESTAMPTZ"),
    "FLOAT": "DOUBLE",
}
"""What columns of files are for SQL of BigQuery; times that do not say their zone are in UTC."""

NUMERIC = "DECIMAL(38, 9)"
_TYPE = re.compile(r"\b(?:(?P<plain>[A-Z_]+)|DECIMAL\((?P<width>\d+),(?P<scale>\d+)\))(?=$|[,)\[])")


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
    """Give files the name of a table, ``project.dataset.table``, and their columns the types of BigQuery.

    Of a name that ends with ``*`` each file, or each folder, is a table; the rest of its name is in ``_TABLE_SUFFIX``.
    """
    names = [quote_name(part) for part in table.split(".")]
    if len(names) > 2:
        connection.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {names[0]}")
    if len(names) > 1:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {'.'.join(names[:-1])}")
    if table.endswith("*"):
        sql = _select_all(connection, table, files)
    else:
        sql = f"SELECT {_columns(_describe(connection, files))} FROM {scan_sql(files, is_typed=True)}"
    connection.execute(f"CREATE VIEW {'.'.join(names)} AS {sql}")


def bigquery_sql(name: str, kind: str) -> str:
    """Return a column with a type of BigQuery; NaN, by which pandas writes missing numbers, is missing.

    >>> bigquery_sql("n", "DECIMAL(10,2)")
    'CAST("n" AS DECIMAL(38, 9))'
    """
    quoted, to = quote_name(name), _TYPE.sub(_bigquery_type, kind)
    if kind.startswith("DECIMAL") and to != NUMERIC:
        # It fails for any value that is read, with the message as the text that is no number.
        message = quote_text(f"{name} is a BIGNUMERIC, of more digits than NUMERIC has: leave it out of the SQL")
        return f"CASE WHEN {quoted} IS NOT NULL THEN CAST({message} AS {NUMERIC}) END"
    value = f"CAST({quoted} AS {to})"
    return f"CASE WHEN NOT isnan({value}) THEN {value} END" if kind in ("FLOAT", "DOUBLE") else value


def _bigquery_type(found: re.Match[str]) -> str:
    if found["plain"]:
        return BIGQUERY_TYPES.get(found["plain"], found["plain"])
    width, scale = int(found["width"]), int(found["scale"])
    return NUMERIC if scale <= 9 and width - scale <= 29 else found[0]


def _describe(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[str, str]:
    scan = scan_sql(files, is_typed=True)
    return {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()}


def _columns(described: Mapping[str, str]) -> str:
    return ", ".join(f"{bigquery_sql(name, kind)} AS {quote_name(name)}" for name, kind in described.items())


def _select_all(connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path]) -> str:
    """Select from all tables of a name with ``*``; a column that one lacks is missing there."""
    prefix = table.rsplit(".", 1)[-1][:-1]
    tables: dict[str, list[Path]] = {}
    for file in files:
        tables.setdefault(_suffix(file, prefix), []).append(file)
    parts: list[str] = []
    kinds: dict[str, tuple[str, str]] = {}
    for suffix, found in sorted(tables.items()):
        described = _describe(connection, found)
        for name, kind in described.items():
            first, other = kinds.setdefault(name.lower(), (kind, suffix))
            if _TYPE.sub(_bigquery_type, first) != _TYPE.sub(_bigquery_type, kind):
                raise DataError(
                    f"the tables {table} do not fit together: the column {name} is {first} in {prefix}{other} and "
                    f"{kind} in {prefix}{suffix}. Write the files with the same type, or name each table in the SQL."
                )
        scan = scan_sql(found, is_typed=True)
        parts.append(f'SELECT {_columns(described)}, {quote_text(suffix)} AS "_TABLE_SUFFIX" FROM {scan}')
    return " UNION ALL BY NAME ".join(parts)


def _suffix(file: Path, prefix: str) -> str:
    """Return what follows the prefix in the name of a file, or of the folder that it lies in.

    >>> _suffix(Path("shop/events_20260101/part-0.parquet"), "events_")
    '20260101'
    """
    folders = [folder.name for folder in file.parents if folder.name.startswith(prefix)]
    is_part = file.parent.name.startswith(prefix) or not file.name.startswith(prefix)
    return (folders[0] if is_part else file.stem)[len(prefix) :]
