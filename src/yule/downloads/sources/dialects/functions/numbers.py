"""Functions of numbers."""

import re
from functools import partial

from yule.downloads.sources.dialects.functions.making import written
from yule.downloads.sources.dialects.numerics import as_numeric, guard_numeric, refuse_numeric, write_quotient
from yule.downloads.sources.dialects.pieces import Call, Function, Piece, fail, require_finite


def write_division(left: Piece, right: Piece, *, is_checked: bool) -> Piece | None:
    """Write ``left / right``, which fails where BigQuery's does; without a check if it cannot.

    Returns
    -------
    Piece or None
        None if one is NUMERIC and the other of a type that cannot be divided with it.
    """
    wrong = fail("division by zero, or out of the range: write SAFE_DIVIDE(a, b) for NULL")
    if "NUMERIC" in (left.kind, right.kind):
        return _divide_numeric(left, right, otherwise=wrong)
    quotient = _quotient(left, right)
    if not is_checked:
        return Piece(quotient, "FLOAT64")
    return Piece(f"CASE WHEN NOT isfinite({quotient}) THEN {wrong} ELSE {quotient} END", "FLOAT64")


def _quotient(left: Piece, right: Piece) -> str:
    message = "division of a NUMERIC: write CAST(... AS NUMERIC) / CAST(... AS NUMERIC), or CAST(... AS FLOAT64)"
    a, b = (guard_numeric(piece, message) for piece in (left, right))
    return f"(CAST({a} AS DOUBLE) / {b})"


def _divide_numeric(left: Piece, right: Piece, *, otherwise: str) -> Piece | None:
    a, b = as_numeric(left), as_numeric(right)
    if a is None or b is None:
        return None
    return Piece(f"CASE WHEN {b} = 0 AND {a} IS NOT NULL THEN {otherwise} ELSE {write_quotient(a, b)} END", "NUMERIC")


def _safe_divide(call: Call) -> Piece:
    left, right = (call.write(arg) for arg in call.args)
    if "NUMERIC" in (left.kind, right.kind):
        piece = _divide_numeric(left, right, otherwise="NULL")
        return piece or call.refuse(call.node, SAY_NUMERIC)
    quotient = _quotient(left, right)
    return Piece(f"CASE WHEN isfinite({quotient}) THEN {quotient} END", "FLOAT64")


SAY_NUMERIC = "a NUMERIC and a number of another type: write CAST(... AS NUMERIC) or CAST(... AS FLOAT64)"


def _whole(operator: str, call: Call) -> Piece:
    left, right = (call.write(arg) for arg in call.args)
    if "FLOAT64" in (left.kind, right.kind):
        return call.refuse(call.node, f"{call.name} takes INT64")
    left, right = (Piece(refuse_numeric(call, arg, piece)) for arg, piece in zip(call.args, (left, right), strict=True))
    zero = fail(f"{call.name}: division by zero")
    sql = (
        f"CASE WHEN {right.sql} = 0 AND {left.sql} IS NOT NULL THEN {zero} ELSE ({left.sql} {operator} {right.sql}) END"
    )
    return Piece(sql, "INT64")


def _same_type(sql: str, call: Call) -> Piece:
    piece = call.write(call.args[0])
    return Piece(sql.format(piece.sql), piece.kind)


def _finite(sql: str, call: Call) -> Piece:
    values = [f"CAST({refuse_numeric(call, arg, call.write(arg))} AS DOUBLE)" for arg in call.args]
    return Piece(require_finite(sql.format(*values), call.name), "FLOAT64")


def _log(call: Call) -> Piece:
    if len(call.args) == 1:
        return _finite("ln({0})", call)
    return _finite(
        f"CASE WHEN {{1}} <= 0 THEN {fail('LOG: the base is not positive')} ELSE ln({{0}}) / ln({{1}}) END", call
    )


def _round(call: Call) -> Piece:
    """Write ROUND and TRUNC, CEIL, FLOOR; a half is rounded away from zero."""
    piece = call.write(call.args[0])
    name = {"CEILING": "ceil"}.get(call.name, call.name.lower())
    if len(call.args) == 2:
        return _round_to(call, piece)
    if piece.kind == "NUMERIC":
        return Piece(f"CAST({name}({piece.sql}) AS DECIMAL(38, 9))", "NUMERIC")
    return Piece(f"{name}(CAST({refuse_numeric(call, call.args[0], piece)} AS DOUBLE))", "FLOAT64")


def _round_to(call: Call, piece: Piece) -> Piece:
    """Write ROUND with a number of digits, which must be known: the halves of FLOAT64 are found in whole numbers."""
    found = re.fullmatch(r"\(?(-?)CAST\((\d{1,2}) AS BIGINT\)\)?", call.write(call.args[1]).sql)
    digits = int(f"{found[1]}{found[2]}") if found else None
    least, most = (-28, 9) if piece.kind == "NUMERIC" else (-15, 3)
    if digits is None or not least <= digits <= most:
        advice = "write ROUND(number * 10000) / 10000" if call.name == "ROUND" else "write ROUND or CAST"
        return call.refuse(
            call.args[1], f"{call.name} is translated to a number of digits from {least} to {most}: {advice}"
        )
    if piece.kind == "NUMERIC":
        if digits >= 0:
            return Piece(f"CAST(CAST({piece.sql} AS DECIMAL(38, {digits})) AS DECIMAL(38, 9))", "NUMERIC")
        return Piece(f"CAST(round({piece.sql}, {digits}) AS DECIMAL(38, 9))", "NUMERIC")
    return Piece(_round_float(refuse_numeric(call, call.args[0], piece), digits), "FLOAT64")


def _round_float(value: str, digits: int) -> str:
    """Write a FLOAT64 rounded to digits. It is scaled by a power of two, which is exact, and divided as a whole number.

    With no more than 3 digits no FLOAT64 is closer to a half than BigQuery's own 64 bits of precision can tell.
    """
    up, down = 10 ** max(digits, 0), 10 ** max(-digits, 0)
    rounded = _round_scaled(60, up, down)
    if digits > 0:
        rounded = f"CASE WHEN abs(x) < 0.0078125 THEN {_round_scaled(100, up, down)} ELSE {rounded} END"
    outside = fail("ROUND to digits: a number with more than 15 digits before the last one")
    checked = f"CASE WHEN abs(x) >= {9e15 / up!r} THEN {outside} ELSE ({rounded}) / {up}e0 * sign(x) END"
    return f"list_transform([CAST({value} AS DOUBLE)], lambda x: {checked})[1]"


def _round_scaled(bits: int, up: int, down: int) -> str:
    """Write the rounded multiple of ``down / up`` as a DOUBLE, times ``up``, from ``x`` times a power of two."""
    scaled = f"CAST(abs(x) * {float(2**bits)!r} AS HUGEINT)"
    unit = f"CAST('{2**bits}' AS HUGEINT)"
    return f"CAST((2 * {scaled} * {up} + {down} * {unit}) // (2 * {down} * {unit}) * {down} AS DOUBLE)"


NUMBERS: tuple[Function, ...] = (
    written("ABS(number)", (1, 1), partial(_same_type, "abs({0})")),
    written("SIGN(number)", (1, 1), partial(_same_type, "cast_to_type(sign({0}), {0})")),
    written("ROUND(number[, digits])", (1, 2), _round),
    written("TRUNC(number)", (1, 1), _round),
    written("CEIL(number)", (1, 1), _round),
    written("CEILING(number)", (1, 1), _round),
    written("FLOOR(number)", (1, 1), _round),
    written("SQRT(number)", (1, 1), partial(_finite, "sqrt({0})")),
    written("EXP(number)", (1, 1), partial(_finite, "exp({0})")),
    written("LN(number)", (1, 1), partial(_finite, "ln({0})")),
    written("LOG10(number)", (1, 1), partial(_finite, "log10({0})")),
    written("LOG(number[, base])", (1, 2), _log),
    written("POW(number, power)", (2, 2), partial(_finite, "pow({0}, {1})")),
    written("POWER(number, power)", (2, 2), partial(_finite, "pow({0}, {1})")),
    written("DIV(a, b)", (2, 2), partial(_whole, "//")),
    written("MOD(a, b)", (2, 2), partial(_whole, "%")),
    written("SAFE_DIVIDE(a, b)", (2, 2), _safe_divide),
)
