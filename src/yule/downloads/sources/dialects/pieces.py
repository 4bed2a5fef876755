"""Pieces of DuckDB SQL, what is known of their types, and the checks that make a type known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

Kind = Literal[
    "INT64",
    "FLOAT64",
    "NUMERIC",
    "STRING",
    "BOOL",
    "DATE",
    "DATETIME",
    "TIMESTAMP",
    "BYTES",
    "ARRAY",
    "STRUCT",
    "NULL",
    "unknown",
]

Role = Literal["scalar", "aggregate", "window"]

MANY = 1000
"""Stands for any number of arguments."""

DUCKDB_TYPES: dict[str, str] = {
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "NUMERIC": "DECIMAL(38, 9)",
    "STRING": "VARCHAR",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP": "TIMESTAMPTZ",
}

TYPEOF: dict[str, str] = {
    "INT64": "'BIGINT', 'INTEGER', 'SMALLINT', 'TINYINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'HUGEINT'",
    "FLOAT64": "'DOUBLE', 'FLOAT'",
    "NUMERIC": "'DECIMAL(38,9)'",
    "STRING": "'VARCHAR'",
    "BOOL": "'BOOLEAN'",
    "DATE": "'DATE'",
    "DATETIME": "'TIMESTAMP'",
    "TIMESTAMP": "'TIMESTAMP WITH TIME ZONE'",
}
"""What DuckDB's typeof() says of values of each type. A NULL without a type is '"NULL"'."""


@dataclass(frozen=True)
class Piece:
    """An expression in DuckDB's SQL.

    Parameters
    ----------
    sql
        Its text, which can stand wherever an operand can: it is a name, a call, or in parentheses.
    kind
        Its type in BigQuery, "unknown" for a column of a table.
    text
        The value of a literal STRING; None for all others.
    """

    sql: str
    kind: Kind = "unknown"
    text: str | None = None


NOTHING = Piece("NULL", "unknown")
"""Stands for what was refused, so that the rest can still be checked."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a function.

    Parameters
    ----------
    name
        The function's name, in capitals.
    node
        The call in the statement.
    args
        Its arguments, not yet written.
    over
        `` OVER (...)`` for a window function, empty for others.
    is_ordered
        Whether the window has an ORDER BY.
    write
        Writes an argument.
    refuse
        Notes a fault at a part of the statement.
    """

    name: str
    node: exp.Expr
    args: tuple[exp.Expr, ...]
    over: str
    is_ordered: bool
    write: Callable[[exp.Expr], Piece]
    refuse: Callable[[exp.Expr, str], Piece]


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of GoogleSQL that is translated exactly.

    Parameters
    ----------
    usage
        How it is called, e.g. ``STRPOS(text, part)``.
    n_args
        The least and the greatest number of arguments.
    write
        Writes a call of it.
    role
        Whether it looks at one row, at a group (with OVER also at a window), or at a window only.
    """

    usage: str
    n_args: tuple[int, int]
    write: Callable[[Call], Piece]
    role: Role = "scalar"


def quote(name: str) -> str:
    """Quote a name.

    >>> quote("net sales")
    '"net sales"'
    """
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """Write a text.

    >>> text_literal("BEER'S")
    "'BEER''S'"
    """
    return "'" + text.replace("'", "''") + "'"


def fail(message: str) -> str:
    """Write an expression that fails when a row reaches it, with the message as the text that is no number.

    DuckDB's ``error()`` cannot stand in PARTITION BY, as it counts as one that changes.

    >>> fail("division by zero")
    "[NULL][CAST('division by zero' AS INTEGER)]"
    """
    return f"[NULL][CAST({text_literal(message)} AS INTEGER)]"


def join_kinds(pieces: list[Piece]) -> Kind:
    """Say the common type of alternatives, such as the branches of a CASE.

    >>> join_kinds([Piece("1", "INT64"), Piece("NULL", "NULL")])
    'INT64'
    """
    kinds = {piece.kind for piece in pieces} - {"NULL"}
    if len(kinds) > 1 and kinds <= {"INT64", "FLOAT64", "NUMERIC"}:
        return "FLOAT64" if "FLOAT64" in kinds else "NUMERIC"
    return kinds.pop() if len(kinds) == 1 else "unknown"


def guard(sql: str, kinds: tuple[Kind, ...], *, then: str, message: str) -> str:
    """Write an expression that fails unless a value of unknown type has one of some types; DuckDB knows when it binds.

    >>> print(guard('"x"', ("DATE",), then='"x"', message="no date"))
    CASE WHEN typeof("x") IN ('DATE', '"NULL"') THEN "x" ELSE [NULL][CAST('no date' AS INTEGER)] END
    """
    types = ", ".join(TYPEOF[kind] for kind in kinds)
    return f"CASE WHEN typeof({sql}) IN ({types}, '\"NULL\"') THEN {then} ELSE {fail(message)} END"


def require_finite(sql: str, name: str) -> str:
    """Write an expression that fails where BigQuery does: when a number has left the range of FLOAT64."""
    message = f"{name}: out of the range of FLOAT64"
    return f"CASE WHEN NOT isfinite(CAST({sql} AS DOUBLE)) THEN {fail(message)} ELSE {sql} END"
