"""Conditions as trees: parsed and written by DuckDB, and looked through for what a condition may not have."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypedDict

import duckdb

from yule.core.settings import Json
from yule.sql.connecting import lock

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

_OF_ROWS = frozenset(("count", "count_star", "sum", "avg", "mean", "median", "min", "max"))
"""Functions of several rows, which people write in hope."""

_NODES = frozenset(
    (
        *("COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "BETWEEN"),
        *("OPERATOR", "FUNCTION", "CASE", "CAST", "TYPE", "COLLATE"),
    )
)
"""Parts of a condition, as DuckDB calls them. All others look beyond the row, or at columns by their place."""

_PREFIX = "SELECT 1 FROM t WHERE "


class _Statement(TypedDict):
    node: dict[str, Json]


class _Document(TypedDict):
    """What DuckDB makes of SQL."""

    error: bool
    error_message: str
    statements: list[_Statement]


def parser() -> duckdb.DuckDBPyConnection:
    """Open a connection that parses conditions, for one thread; its temporary tables are its own."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Return the database of this process that parses conditions: opening one costs more than the parsing."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")
    lock(connection, [])
    return connection


def wrap(condition: str) -> str:
    """Return the plainest query that has a condition."""
    return f"{_PREFIX}(\n{condition}\n)"


def parse(condition: str) -> dict[str, Json] | str:
    """Return the tree of a condition, or why it has none."""
    document = _serialise(condition)
    if document["error"]:
        return str(document["error_message"])
    if len(document["statements"]) != 1:
        return "more than one statement"
    node = document["statements"][0]["node"]
    tree = node.get("where_clause")
    # Anything but the condition that differs from the plainest query came in by way of a bracket.
    if not isinstance(tree, dict) or node | {"where_clause": None} != _plain_query():
        return "it goes on behind its end"
    return "it is empty" if tree.get("function_name") == "row" and not tree["arguments"] else tree


def rewrite(condition: str, change: Callable[[Json], Json]) -> str:
    """Return a condition that parses, written anew from its changed tree."""
    document = _serialise(condition)
    for statement in document["statements"]:
        statement["node"]["where_clause"] = change(statement["node"]["where_clause"])
    written: str = parser().execute("SELECT json_deserialize_sql(?)", [json.dumps(document)]).fetchall()[0][0]
    return f"({written.removeprefix(_PREFIX)})"


def _plain_query() -> dict[str, Json]:
    return _serialise("true")["statements"][0]["node"] | {"where_clause": None}


def _serialise(condition: str) -> _Document:
    document: _Document = json.loads(
        parser().execute("SELECT json_serialize_sql(?)", [wrap(condition)]).fetchall()[0][0]
    )
    return document


def walk(node: Json) -> Iterator[dict[str, Json]]:
    """Yield the parts of a tree, from the top."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from walk(child)


def column_of(node: dict[str, Json]) -> str:
    """Return the name that a part of the class ``COLUMN_REF`` names."""
    names = node["column_names"]
    assert isinstance(names, list)
    return ".".join(str(name) for name in names)


def find_foreign(tree: dict[str, Json]) -> Iterator[str]:
    """Find parts that look beyond the row, or may fail at some row."""
    for node in walk(tree):
        match node.get("class"):
            case "FUNCTION" if node["function_name"] in _OF_ROWS:
                yield "a condition looks at one row, so it cannot count or add up several"
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
