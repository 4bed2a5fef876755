"""NUMERIC: decimals of 38 digits, 9 of them behind the point, halves away from zero; DuckDB's DECIMAL(38, 9).

The types of columns are not known when a statement is written. An operation that gives another type for NUMERIC than
for FLOAT64 is exact where the statement says the type, as ``CAST(price AS NUMERIC)``, and fails where a column turns
out to be NUMERIC.
"""

import re
from decimal import Decimal

from sqlglot import exp

from yule.downloads.sources.dialects.pieces import Call, Piece, fail

_SCALE = 1_000_000_000
_PLAIN = re.compile(r"(\d{1,29})(?:\.(\d{1,9}))?(?:e0)?")


def numeric_literal(text: str) -> str | None:
    """Write a literal; None if it is none, or has more digits than NUMERIC.

    >>> numeric_literal("1.5")
    "CAST('1.5' AS DECIMAL(38, 9))"
    """
    found = re.fullmatch(r"\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE][+-]?\d{1,2})?\s*", text)
    if found is None or not (found[2] or found[3]):
        return None
    whole, _, fraction = f"{Decimal(text.strip()):f}".partition(".")
    if len(whole.lstrip("+-0")) > 29 or len(fraction.rstrip("0")) > 9:
        return None
    return f"CAST('{whole}.{fraction[:9] or 0}' AS DECIMAL(38, 9))"


def as_numeric(piece: Piece) -> str | None:
    """Write a NUMERIC, an INT64 or a literal of a FLOAT64 as NUMERIC; None for others."""
    if piece.kind == "NUMERIC":
        return piece.sql
    if piece.kind in ("INT64", "NULL"):
        return f"CAST({piece.sql} AS DECIMAL(38, 9))"
    found = _PLAIN.fullmatch(piece.sql) if piece.kind == "FLOAT64" else None
    return f"CAST('{found[1]}.{found[2] or 0}' AS DECIMAL(38, 9))" if found else None


def write_quotient(left: str, right: str) -> str:
    """Write the quotient of two NUMERIC, which fails when it leaves the range; NULL and 0 are for the caller."""
    a, b = (f"CAST({side} * CAST({_SCALE} AS BIGINT) AS HUGEINT)" for side in (left, right))
    whole = f"((2 * abs({a}) * {_SCALE} + abs({b})) // (2 * abs({b})))"
    signed = f"({whole} * CAST(sign({a}) * sign({b}) AS BIGINT))"
    return f"CAST(CAST({signed} AS DECIMAL(38, 0)) * CAST(0.000000001 AS DECIMAL(10, 9)) AS DECIMAL(38, 9))"


def refuse_numeric(call: Call, node: exp.Expr, piece: Piece) -> str:
    """Return an argument that may have any type of number but NUMERIC, for which the answer would be another."""
    advice = f"{call.name} of a NUMERIC is not translated: write {call.name}(CAST(... AS FLOAT64))"
    if piece.kind == "NUMERIC":
        return call.refuse(node, advice).sql
    return guard_numeric(piece, advice)


def guard_numeric(piece: Piece, message: str) -> str:
    """Write an expression that fails if a value of unknown type turns out to be NUMERIC.

    >>> guard_numeric(Piece("1", "INT64"), "no NUMERIC")
    '1'
    """
    if piece.kind != "unknown":
        return piece.sql
    return f"CASE WHEN starts_with(typeof({piece.sql}), 'DECIMAL') THEN {fail(message)} ELSE {piece.sql} END"
