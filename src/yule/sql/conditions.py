"""Conditions: the ``where`` of a rule or a feature set, one boolean SQL expression over a table's columns.

A timestamp is in it what the clock showed in the ``time_zone`` of its table: what people mean by ``hour(t)``, or by
``t >= '2024-01-01'``. Where that is UTC, instants with an offset may be written as well.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import duckdb

from yule.core.errors import DataError
from yule.core.settings import Json
from yule.core.spelling import suggest
from yule.sql.columns import SQL_TYPES, ColumnType, Table
from yule.sql.quoting import quote_name, quote_text
from yule.sql.trees import column_of, find_foreign, parse, parser, rewrite, walk, wrap

_SAMPLES: dict[ColumnType, str] = {
    "string": "",
    "integer": "1",
    "number": "1",
    "boolean": "true",
    "timestamp": "2024-01-01",
    "date": "2024-01-01",
}

_WITH_OFFSET = re.compile(
    r"\s*\d{4,}-\d{1,2}-\d{1,2}(.*\d)?\s*(Z|UTC|[+-]\d{1,2}(:?\d{2}){0,2}|[A-Za-z_]+/[A-Za-z_/]+)\s*", re.I
)
"""A text that is an instant: a date, perhaps a time, and an offset or a zone."""


def condition_problems(condition: str, tables: Sequence[Table]) -> list[str]:
    """Say what is wrong with a condition.

    Parameters
    ----------
    condition
        The condition, in SQL.
    tables
        The tables whose columns it may use.

    Returns
    -------
    list of str
        One sentence for each problem; empty when it is sound.

    >>> from types import SimpleNamespace
    >>> sales = SimpleNamespace(columns=[SimpleNamespace(name="product", type="string")], time_zone="UTC")
    >>> condition_problems("product = 'BEER'", [sales])
    []
    >>> condition_problems("prodct = 'BEER'", [sales])
    ["there is no column 'prodct' (did you mean 'product'?)"]
    """
    parsed = parse(condition)
    names = [column.name for table in tables for column in table.columns]
    if isinstance(parsed, str):
        return [f"it is not a condition in SQL: {parsed}{_suggest_quotes(condition, names)}"]
    problems = list(dict.fromkeys((*_find_problems(parsed, names), *_find_instants(parsed, _find_zones(tables)))))
    problems = problems or _bind(condition, tables)
    return problems or (_bind(condition_sql(condition, tables), tables) if is_local(condition, tables) else [])


def condition_sql(condition: str | None, tables: Sequence[Table]) -> str:
    """Return a condition for use inside generated SQL, written anew from what was parsed.

    Parameters
    ----------
    condition
        A sound condition; None is true of every row. It is checked again, apart from its columns: it may come from a
        record, which anybody may have written.
    tables
        The tables whose columns it uses: their time zones say what its times are.

    Raises
    ------
    DataError
        If it looks at more than one row.

    >>> condition_sql("a = 1 or b = 2 -- either", []), condition_sql(None, [])
    ('(((a = 1) OR (b = 2)))', 'true')
    """
    if condition is None:
        return "true"
    _refuse_foreign(condition)
    zones = _find_zones(tables)
    return rewrite(condition, lambda tree: _localise(tree, zones))


def is_local(condition: str | None, tables: Sequence[Table]) -> bool:
    """Say whether a condition looks at a time in another zone than UTC."""
    zones = _find_zones(tables)
    return any(name.lower() in zones for name in find_columns(condition))


def find_columns(condition: str | None) -> list[str]:
    """Return the columns a sound condition uses."""
    if condition is None:
        return []
    parsed = parse(condition)
    nodes = [] if isinstance(parsed, str) else list(walk(parsed))
    return list(dict.fromkeys(column_of(node) for node in nodes if node.get("class") == "COLUMN_REF"))


@lru_cache(maxsize=1024)
def _refuse_foreign(condition: str) -> None:
    """Refuse what is no condition on one row."""
    parsed = parse(condition)
    problems = [parsed] if isinstance(parsed, str) else list(dict.fromkeys(find_foreign(parsed)))
    if problems:
        raise DataError(
            f"The condition {condition!r} cannot be used: {'; '.join(problems)}. Correct it, or, if no file of the "
            "project has it, look who can write the workspace."
        )


def _find_zones(tables: Sequence[Table]) -> dict[str, str]:
    """Return the zones other than UTC of timestamps, by their names in lower case."""
    return {
        column.name.lower(): table.time_zone
        for table in tables
        for column in table.columns
        if column.type == "timestamp" and table.time_zone != "UTC"
    }


def _localise(node: Json, zones: Mapping[str, str]) -> Json:
    """Return the tree of a condition with what the clock showed in place of timestamps."""
    if isinstance(node, list):
        return [_localise(child, zones) for child in node]
    if not isinstance(node, dict):
        return node
    zone = zones.get(column_of(node).lower()) if node.get("class") == "COLUMN_REF" else None
    if zone is None:
        return {key: _localise(child, zones) for key, child in node.items()}
    local = parse(f"timezone({quote_text(zone)}, {quote_name(column_of(node))})")
    assert not isinstance(local, str)
    return local


def _find_instants(tree: dict[str, Json], zones: Mapping[str, str]) -> Iterator[str]:
    """Find instants beside what a clock showed: compared with each other they would be hours apart."""
    for node in walk(tree):
        inside = list(walk(node)) if node.get("class") not in (None, "CONJUNCTION") else []
        local = [
            zones[column_of(part).lower()]
            for part in inside
            if part.get("class") == "COLUMN_REF" and column_of(part).lower() in zones
        ]
        if local and any(_is_instant(part) for part in inside):
            yield (
                f"times are here what the clock shows in {local[0]}, the time_zone of the download: write them so, "
                "as '2024-01-31 18:00:00', without an offset or a zone, and not as TIMESTAMPTZ"
            )


def _is_instant(node: dict[str, Json]) -> bool:
    """Say whether a part of a condition is a time that says where it is, or becomes one."""
    if node.get("class") == "CAST":
        kind = node["type_expr"]
        assert isinstance(kind, dict)
        return "TZ" in str(kind["type_name"]).upper() or "ZONE" in str(kind["type_name"]).upper()
    literal = node.get("literal")
    return isinstance(literal, dict) and bool(_WITH_OFFSET.fullmatch(str(literal.get("text", ""))))


def _find_problems(tree: dict[str, Json], names: Sequence[str]) -> Iterator[str]:
    lowered = {name.lower() for name in names}
    for node in walk(tree):
        if node.get("class") == "COLUMN_REF" and column_of(node).lower() not in lowered:
            yield f"there is no column {column_of(node)!r}{_suggest_column(column_of(node), names)}"
    yield from find_foreign(tree)


def _suggest_column(name: str, names: Sequence[str]) -> str:
    return suggest(name, names, otherwise=f"; there are {', '.join(names)}. A text stands in single quotes")


def _suggest_quotes(condition: str, names: Sequence[str]) -> str:
    """Name the columns in a condition that SQL takes for something else."""
    bare = [name for name in names if re.search(rf"(?<!['\"\w]){re.escape(name)}(?!['\"\w])", condition)]
    strange = [quote_name(name) for name in bare if isinstance(parse(f"{name} IS NULL"), str)]
    return f"; write {', '.join(strange)} in double quotes" if strange else ""


def _bind(condition: str, tables: Sequence[Table]) -> list[str]:
    """Let DuckDB check the types, and try the condition on a row."""
    columns = [column for table in tables for column in table.columns]
    declared = ", ".join(f"{quote_name(column.name)} {SQL_TYPES[column.type]}" for column in columns)
    connection = parser()
    connection.execute(f"CREATE TEMPORARY TABLE t ({declared})")
    try:
        connection.execute(wrap(condition)).fetchall()
        value = f"({condition}\n)"
        row = ", ".join(f"CAST('{_SAMPLES[column.type]}' AS {SQL_TYPES[column.type]})" for column in columns)
        connection.execute(f"INSERT INTO t VALUES ({row})")
        found = connection.execute(f"SELECT typeof({value}), {value} FROM t").fetchall()[0][0]
    except duckdb.Error as error:
        return [str(error).splitlines()[0]]
    return [] if found == "BOOLEAN" else [f"it gives {found.lower()}, not true or false"]
