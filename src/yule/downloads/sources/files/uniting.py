"""The tables that SQL names, as views over files: all files of one are put together, or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from yule.core.errors import DataError
from yule.downloads.keeping.rows.values import EXACT, NULL, Kinds
from yule.downloads.sources.files.guessing import guess_kinds
from yule.downloads.sources.files.parts import FILE, Part
from yule.downloads.sources.files.views import bigquery_sql, bigquery_type
from yule.sql.quoting import quote_name, quote_text


def split_tables(table: str, parts: Sequence[Part]) -> Mapping[str, list[Part]]:
    """Return the parts of each table of a name: of one that ends with ``*``, by what follows in the place of that.

    Of such a name each file, or each folder, is a table.
    """
    if not table.endswith("*"):
        return {"": list(parts)}
    prefix = table.rsplit(".", 1)[-1][:-1]
    tables: dict[str, list[Part]] = {}
    for part in parts:
        numbers: dict[str, list[int]] = {}
        for number, shown in enumerate(part.shown):
            numbers.setdefault(_suffix(Path(shown), prefix), []).append(number)
        for suffix, own in numbers.items():
            files = tuple(part.files[number] for number in own)
            shown_files = tuple(part.shown[number] for number in own)
            tables.setdefault(suffix, []).append(replace(part, files=files, shown=shown_files))
    return dict(sorted(tables.items()))


def create_view(connection: duckdb.DuckDBPyConnection, table: str, tables: Mapping[str, Sequence[Part]]) -> None:
    """Give files the name of a table, ``project.dataset.table``, and their columns the types of BigQuery.

    Parameters
    ----------
    connection
        The database.
    table
        The name; one that ends with ``*`` is that of several, and has a column ``_TABLE_SUFFIX``.
    tables
        Their parts, by what follows the name.

    Raises
    ------
    DataError
        If files of a table have other columns, or columns of other types.
    """
    names = [quote_name(part) for part in table.split(".")]
    if len(names) > 2:
        connection.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {names[0]}")
    if len(names) > 1:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {'.'.join(names[:-1])}")
    if table.endswith("*"):
        sql = _unite_tables(connection, table, tables)
    else:
        sql = unite_parts(connection, table, tables[""])
    connection.execute(f"CREATE VIEW {'.'.join(names)} AS {sql}")


def unite_parts(connection: duckdb.DuckDBPyConnection, table: str, parts: Sequence[Part]) -> str:
    """Return the query for all rows of a table, its columns in the types of BigQuery.

    Raises
    ------
    DataError
        If its files have other columns, or columns of other types.
    """
    kinds = [find_kinds(connection, part) for part in parts]
    united = _unite_kinds(table, parts, kinds)
    return " UNION ALL ".join(
        f"SELECT {', '.join(_value_sql(name, own[name], kind) for name, kind in united.items())} FROM ({part.sql})"
        for part, own in zip(parts, kinds, strict=True)
    )


def find_kinds(connection: duckdb.DuckDBPyConnection, part: Part) -> Kinds:
    """Return the type of each column; those of CSV files are those that every value is written in."""
    return part.kinds if part.form is None else guess_kinds(connection, part.sql, list(part.kinds))


def _unite_tables(connection: duckdb.DuckDBPyConnection, table: str, tables: Mapping[str, Sequence[Part]]) -> str:
    """Select from all tables of a name with ``*``; a column that one lacks is missing there."""
    prefix = table.rsplit(".", 1)[-1][:-1]
    selects: list[str] = []
    alike: dict[tuple[object, ...], list[tuple[str, Part]]] = {}
    known: dict[str, tuple[str, str]] = {}
    for suffix, parts in tables.items():
        kinds = _unite_kinds(table, parts, [find_kinds(connection, part) for part in parts])
        for name, kind in kinds.items():
            first, other = known.setdefault(name.lower(), (kind, suffix))
            if first != kind and NULL not in (first, kind):
                raise DataError(
                    f"the tables {table} do not fit together: the column {name} is {first} in {prefix}{other} and "
                    f"{kind} in {prefix}{suffix}. Write the files with the same type, or name each table in the SQL"
                )
        if len(parts) == 1 and parts[0].form is None:
            key = (tuple(parts[0].kinds.items()), parts[0].scan, parts[0].select)
            alike.setdefault(key, []).append((suffix, parts[0]))
            continue
        selects.append(
            f'SELECT *, {quote_text(suffix)} AS "_TABLE_SUFFIX" FROM ({unite_parts(connection, table, parts)})'
        )
    return " UNION ALL BY NAME ".join([*selects, *(_read_alike(tables) for tables in alike.values())])


def _read_alike(tables: Sequence[tuple[str, Part]]) -> str:
    """Select from Parquet files of many tables at once, and tell the table by the file: for each its own is slow."""
    files = {str(file): suffix for suffix, part in tables for file in part.files}
    part = replace(tables[0][1], files=tuple(Path(file) for file in files))
    names = ", ".join(f"{quote_text(file)}: {quote_text(suffix)}" for file, suffix in files.items())
    columns = ", ".join(_value_sql(name, kind, _large(kind)) for name, kind in part.kinds.items())
    suffix = f"map_extract(MAP {{{names}}}, {quote_name(FILE)})[1]"
    rows = f"SELECT {part.select}, {quote_name(FILE)} FROM {part.read}"
    return f'SELECT {columns}, {suffix} AS "_TABLE_SUFFIX" FROM ({rows})'


def _unite_kinds(table: str, parts: Sequence[Part], kinds: Sequence[Kinds]) -> dict[str, str]:
    """Return types, of BigQuery, that hold the columns of all parts."""
    united = {name: _large(kind) for name, kind in kinds[0].items()}
    problems = []
    for part, found in zip(parts[1:], kinds[1:], strict=True):
        if found.keys() != united.keys():
            names = ", ".join(sorted(found.keys() ^ united.keys()))
            problems.append(f"{parts[0].shown[0]} and {part.shown[0]} differ in their columns: {names}")
            continue
        for name, kind in found.items():
            both = _unite(united[name], _large(kind))
            if both is None:
                first, other = united[name].lower(), _large(kind).lower()
                problems.append(f"{name} is {first} in {parts[0].shown[0]}, {other} in {part.shown[0]}")
            else:
                united[name] = both
    if problems:
        raise DataError(f"the files of {table} do not fit together: {'; '.join(problems)}")
    return united


def _large(kind: str) -> str:
    return NULL if kind == NULL else bigquery_type(kind)


def _unite(one: str, other: str) -> str | None:
    """Return a type that holds the values of two; None when there is none."""
    kinds = {one, other} - {NULL}
    if len(kinds) < 2:
        return kinds.pop() if kinds else NULL
    return "DOUBLE" if kinds == {"BIGINT", "DOUBLE"} else None


def _value_sql(name: str, own: str, kind: str) -> str:
    """Return a column in the type that holds those of all files."""
    quoted = quote_name(name)
    value = bigquery_sql(name, own) if own != NULL else f"CAST(NULL AS {'VARCHAR' if kind == NULL else kind})"
    if kind == "DOUBLE" and _large(own) == "BIGINT":
        message = quote_text(f"{name} has whole numbers beyond 2^53 in one file and floating-point numbers in another")
        value = f"CASE WHEN abs({quoted}) > {EXACT} THEN error({message}) ELSE CAST({quoted} AS DOUBLE) END"
    return f"{value} AS {quoted}"


def _suffix(file: Path, prefix: str) -> str:
    """Return what follows the prefix in the name of a file, or of the folder that it lies in.

    >>> _suffix(Path("shop/events_20260101/part-0.parquet"), "events_")
    '20260101'
    """
    folders = [folder.name for folder in file.parents if folder.name.startswith(prefix)]
    is_part = file.parent.name.startswith(prefix) or not file.name.startswith(prefix)
    return (folders[0] if is_part else file.stem)[len(prefix) :]
