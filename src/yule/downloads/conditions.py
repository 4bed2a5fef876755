"""Conditions: the ``where`` of a rule or a feature set, one boolean SQL expression over a table's columns.

A timestamp is in it what the clock showed in the ``time_zone`` of its method: what people mean by ``hour(t)``, or by
``t >= '2024-01-01'``. Where that is UTC, instants with an offset may be written as well.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

import duckdb

from yule.core.errors import DataError
from yule.core.settings import Json
from yule.core.spelling import suggest
from yule.downloads.settings import ColumnType, Method
from yule.downloads.sql import SQL_TYPES, lock, quote_name, quote_text

FUNCTIONS = frozenset(
    (
        *("~~", "!~~", "~~*", "!~~*", "||", "+", "-", "*", "/", "%", "abs", "round", "floor", "ceil"),
        *("lower", "upper", "trim", "length", "contains", "starts_with", "ends_with", "suffix", "prefix"),
        *("regexp_matches", "substring", "substr", "left", "right"),
        *("coalesce", "ifnull", "nullif", "greatest", "least"),
        *("date_part", "year", "month", "day", "hour", "dayofweek", "isodow", "date_trunc"),
    )
)
"""Functions and operators a condition may use: they look at one row, and every engine has them."""

_NODES = frozenset(
    (
        *("COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "BETWEEN"),
        *("OPERATOR", "FUNCTION", "CASE", "CAST", "TYPE", "COLLATE"),
    )
)
"""Parts of a condition, as DuckDB calls them. All others look beyond the row, or at columns by their place."""

_SAMPLES: dict[ColumnType, str] = {
    "string": "",
    "integer": "1",
    "number": "1",
    "boolean": "true",
    "timestamp": "2024-01-01",
    "date": "2024-01-01",
}

_PREFIX = "SELECT 1 FROM t WHERE "

_WITH_OFFSET = re.compile(
    r"\s*\d{4,}-\d{1,2}-\d{1,2}(.*\d)?\s*(Z|UTC|[+-]\d{1,2}(:?\d{2}){0,2}|[A-Za-z_]+/[A-Za-z_/]+)\s*", re.I
)
"""A text that is an instant: a date, perhaps a time, and an offset or a zone."""


def condition_problems(condition: str, methods: Sequence[Method]) -> list[str]:
    """Say what is wrong with a condition.

    Parameters
    ----------
    condition
        The condition, in SQL.
    methods
        The methods whose columns it may use.

    Returns
    -------
    list of str
        One sentence for each problem; empty when it is sound.

    >>> from yule.downloads.settings import Column
    >>> sales = Method(name="sales", source="s", user="u", columns=(Column(name="product", type="string"),))
    >>> condition_problems("product = 'BEER'", [sales])
    []
    >>> condition_problems("prodct = 'BEER'", [sales])
    ["there is no column 'prodct' (did you mean 'product'?)"]
    """
    connection = _parser()
    parsed = _parse(connection, condition)
    names = [column.name for method in methods for column in method.columns]
    if isinstance(parsed, str):
        return [f"it is not a condition in SQL: {parsed}{_suggest_quotes(connection, condition, names)}"]
    problems = list(dict.fromkeys((*_find_problems(parsed, names), *_find_instants(parsed, _find_zones(methods)))))
    problems = problems or _bind(connection, condition, methods)
    return problems or (
        _bind(connection, condition_sql(condition, methods), methods) if is_local(condition, methods) else []
    )


def condition_sql(condition: str | None, methods: Sequence[Method]) -> str:
    """Return a condition for use inside generated SQL, written anew from what was parsed.

    Parameters
    ----------
    condition
        A sound condition; None is true of every row. It is checked again, apart from its columns: it may come from a
        record, which anybody may have written.
    methods
        The methods whose columns it uses: their time zones say what its times are.

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
    text = _parser().execute("SELECT json_serialize_sql(?)", [_wrap(condition)]).fetchall()[0][0]
    document = json.loads(text)
    zones = _find_zones(methods)
    for statement in document["statements"]:
        statement["node"]["where_clause"] = _localise(statement["node"]["where_clause"], zones)
    written: str = _parser().execute("SELECT json_deserialize_sql(?)", [json.dumps(document)]).fetchall()[0][0]
    return f"({written.removeprefix(_PREFIX)})"


def is_local(condition: str | None, methods: Sequence[Method]) -> bool:
    """Say whether a condition looks at a time in another zone than UTC."""
    zones = _find_zones(methods)
    return any(name.lower() in zones for name in find_columns(condition))


def find_columns(condition: str | None) -> list[str]:
    """Return the columns a sound condition uses."""
    if condition is None:
        return []
    parsed = _parse(_parser(), condition)
    nodes = [] if isinstance(parsed, str) else list(_walk(parsed))
    return list(dict.fromkeys(_column_of(node) for node in nodes if node.get("class") == "COLUMN_REF"))


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """Return the database of this process that parses conditions: opening one costs more than the parsing."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")
    lock(connection, [])
    return connection


def _wrap(condition: str) -> str:
    return f"{_PREFIX}(\n{condition}\n)"


def _parse(connection: duckdb.DuckDBPyConnection, condition: str) -> dict[str, Json] | str:
    """Return the tree of a condition, or why it has none."""
    text = connection.execute("SELECT json_serialize_sql(?)", [_wrap(condition)]).fetchall()[0][0]
    document = json.loads(text)
    if document["error"]:
        return str(document["error_message"])
    if len(document["statements"]) != 1:
        return "more than one statement"
    node: dict[str, Json] = document["statements"][0]["node"]
    tree = node.get("where_clause")
    # Anything but the condition that differs from the plainest query came in by way of a bracket.
    if not isinstance(tree, dict) or node | {"where_clause": None} != _plain_query(connection):
        return "it goes on behind its end"
    return "it is empty" if tree.get("function_name") == "row" and not tree["arguments"] else tree


def _plain_query(connection: duckdb.DuckDBPyConnection) -> dict[str, Json]:
    text = connection.execute("SELECT json_serialize_sql(?)", [_wrap("true")]).fetchall()[0][0]
    node: dict[str, Json] = json.loads(text)["statements"][0]["node"]
    return node | {"where_clause": None}


def _walk(node: Json) -> Iterator[dict[str, Json]]:
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _walk(child)


def _column_of(node: dict[str, Json]) -> str:
    names = node["column_names"]
    assert isinstance(names, list)
    return ".".join(str(name) for name in names)


@lru_cache(maxsize=1024)
def _refuse_foreign(condition: str) -> None:
    """Refuse what is no condition on one row."""
    parsed = _parse(_parser(), condition)
    problems = [parsed] if isinstance(parsed, str) else list(dict.fromkeys(_find_foreign(parsed)))
    if problems:
        raise DataError(
            f"The condition {condition!r} cannot be used: {'; '.join(problems)}. Correct it, or, if no file of the "
            "project has it, look who can write the workspace."
        )


def _find_zones(methods: Sequence[Method]) -> dict[str, str]:
    """Return the zones other than UTC of timestamps, by their names in lower case."""
    return {
        column.name.lower(): method.time_zone
        for method in methods
        for column in method.columns
        if column.type == "timestamp" and method.time_zone != "UTC"
    }


def _localise(node: Json, zones: Mapping[str, str]) -> Json:
    """Return the tree of a condition with what the clock showed in place of timestamps."""
    if isinstance(node, list):
        return [_localise(child, zones) for child in node]
    if not isinstance(node, dict):
        return node
    zone = zones.get(_column_of(node).lower()) if node.get("class") == "COLUMN_REF" else None
    if zone is None:
        return {key: _localise(child, zones) for key, child in node.items()}
    local = _parse(_parser(), f"timezone({quote_text(zone)}, {quote_name(_column_of(node))})")
    assert not isinstance(local, str)
    return local


def _find_instants(tree: dict[str, Json], zones: Mapping[str, str]) -> Iterator[str]:
    """Find instants beside what a clock showed: compared with each other they would be hours apart."""
    for node in _walk(tree):
        inside = list(_walk(node)) if node.get("class") not in (None, "CONJUNCTION") else []
        local = [
            zones[_column_of(part).lower()]
            for part in inside
            if part.get("class") == "COLUMN_REF" and _column_of(part).lower() in zones
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
    for node in _walk(tree):
        if node.get("class") == "COLUMN_REF" and _column_of(node).lower() not in lowered:
            yield f"there is no column {_column_of(node)!r}{_suggest_column(_column_of(node), names)}"
    yield from _find_foreign(tree)


def _find_foreign(tree: dict[str, Json]) -> Iterator[str]:
    """Find parts that look beyond the row, or may fail at some row."""
    for node in _walk(tree):
        match node.get("class"):
            case "FUNCTION" if node["function_name"] not in FUNCTIONS:
                yield f"the function {node['function_name']} is not available in a condition"
            case "CAST" if not _is_safe(node):
                yield "a CAST fails at the first value that does not fit: write TRY_CAST"
            case str(kind) if kind not in _NODES:
                yield f"a condition looks at one row and has no {kind.lower().replace('_', ' ')}"


def _is_safe(cast: dict[str, Json]) -> bool:
    """Say whether a cast fails at no row that a table can have; what ``IS TRUE`` casts is tried on a row later."""
    child, kind = cast["child"], cast["type_expr"]
    assert isinstance(child, dict)
    assert isinstance(kind, dict)
    is_kind = str(kind["type_name"]).lower() in ("varchar", "text", "boolean")
    return bool(cast["try_cast"]) or child["class"] == "CONSTANT" or is_kind


def _suggest_column(name: str, names: Sequence[str]) -> str:
    return suggest(name, names, otherwise=f"; there are {', '.join(names)}. A text stands in single quotes")


def _suggest_quotes(connection: duckdb.DuckDBPyConnection, condition: str, names: Sequence[str]) -> str:
    """Name the columns in a condition that SQL takes for something else."""
    bare = [name for name in names if re.search(rf"(?<!['\"\w]){re.escape(name)}(?!['\"\w])", condition)]
    strange = [quote_name(name) for name in bare if isinstance(_parse(connection, f"{name} IS NULL"), str)]
    return f"; write {', '.join(strange)} in double quotes" if strange else ""


def _bind(connection: duckdb.DuckDBPyConnection, condition: str, methods: Sequence[Method]) -> list[str]:
    """Let DuckDB check the types, and try the condition on a row."""
    columns = [column for method in methods for column in method.columns]
    declared = ", ".join(f"{quote_name(column.name)} {SQL_TYPES[column.type]}" for column in columns)
    connection.execute(f"CREATE OR REPLACE TABLE t ({declared})")
    try:
        connection.execute(_wrap(condition)).fetchall()
        value = f"({condition}\n)"
        row = ", ".join(f"CAST('{_SAMPLES[column.type]}' AS {SQL_TYPES[column.type]})" for column in columns)
        connection.execute(f"INSERT INTO t VALUES ({row})")
        found = connection.execute(f"SELECT typeof({value}), {value} FROM t").fetchall()[0][0]
    except duckdb.Error as error:
        return [str(error).splitlines()[0]]
    return [] if found == "BOOLEAN" else [f"it gives {found.lower()}, not true or false"]
