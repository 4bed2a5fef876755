"""Functions of numbers."""

from functools import partial

from yule.downloads.dialects.functions.making import plain, written
from yule.downloads.dialects.pieces import Call, Function, Piece, fail, require_finite


def write_division(left: str, right: str, *, is_checked: bool) -> str:
    """Write ``left / right``, which fails where BigQuery's does; without a check if it cannot."""
    quotient = f"(CAST({left} AS DOUBLE) / {right})"
    if not is_checked:
        return quotient
    wrong = fail("division by zero, or out of the range of FLOAT64: write SAFE_DIVIDE(a, b) for NULL")
    return f"CASE WHEN NOT isfinite({quotient}) THEN {wrong} ELSE {quotient} END"


def _safe_divide(call: Call) -> Piece:
    left, right = (call.write(arg).sql for arg in call.args)
    quotient = f"(CAST({left} AS DOUBLE) / {right})"
    return Piece(f"CASE WHEN isfinite({quotient}) THEN {quotient} END", "FLOAT64")


def _whole(operator: str, call: Call) -> Piece:
    left, right = (call.write(arg) for arg in call.args)
    if "FLOAT64" in (left.kind, right.kind):
        return call.refuse(call.node, f"{call.name} takes INT64")
    zero = fail(f"{call.name}: division by zero")
    sql = (
        f"CASE WHEN {right.sql} = 0 AND {left.sql} IS NOT NULL THEN {zero} ELSE ({left.sql} {operator} {right.sql}) END"
    )
    return Piece(sql, "INT64")


def _same_type(sql: str, call: Call) -> Piece:
    piece = call.write(call.args[0])
    return Piece(sql.format(piece.sql), piece.kind)


def _finite(sql: str, call: Call) -> Piece:
    values = [f"CAST({call.write(arg).sql} AS DOUBLE)" for arg in call.args]
    return Piece(require_finite(sql.format(*values), call.name), "FLOAT64")


def _log(call: Call) -> Piece:
    if len(call.args) == 1:
        return _finite("ln({0})", call)
    return _finite("(ln({0}) / ln({1}))", call)


NUMBERS: tuple[Function, ...] = (
    written("ABS(number)", (1, 1), partial(_same_type, "abs({0})")),
    written("SIGN(number)", (1, 1), partial(_same_type, "cast_to_type(sign({0}), {0})")),
    plain("ROUND(number)", "round(CAST({0} AS DOUBLE))", "FLOAT64"),
    plain("TRUNC(number)", "trunc(CAST({0} AS DOUBLE))", "FLOAT64"),
    plain("CEIL(number)", "ceil(CAST({0} AS DOUBLE))", "FLOAT64"),
    plain("CEILING(number)", "ceil(CAST({0} AS DOUBLE))", "FLOAT64"),
    plain("FLOOR(number)", "floor(CAST({0} AS DOUBLE))", "FLOAT64"),
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
