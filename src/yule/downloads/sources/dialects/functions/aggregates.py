"""Functions of groups and windows."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from yule.downloads.sources.dialects.functions.making import literal_text
from yule.downloads.sources.dialects.numerics import guard_numeric, refuse_numeric, write_quotient
from yule.downloads.sources.dialects.pieces import (
    NOTHING,
    Call,
    Function,
    Kind,
    Piece,
    Role,
    fail,
    require_finite,
    text_literal,
)


@dataclass(frozen=True)
class _Values:
    """What an aggregate reads: ``DISTINCT node IGNORE NULLS ORDER BY order LIMIT limit``."""

    node: exp.Expr
    is_distinct: bool = False
    skips_nulls: bool | None = None
    order: exp.Expr | None = None
    limit: exp.Expr | None = None


def _read(call: Call, *allowed: str) -> _Values:
    """Take an argument apart; what is not allowed here is refused."""
    values = _unwrap(call.args[-1] if call.args else call.node)
    if len(call.args) > 1:
        first = _unwrap(call.args[0])
        values = replace(first, order=values.order, limit=values.limit, skips_nulls=values.skips_nulls)
    found = {
        "DISTINCT": values.is_distinct,
        "IGNORE NULLS": values.skips_nulls is not None,
        "ORDER BY": values.order is not None,
        "LIMIT": values.limit is not None,
    }
    for word, is_there in found.items():
        if is_there and word not in allowed:
            call.refuse(call.node, f"{word} in {call.name} is not translated")
    return values


def _unwrap(node: exp.Expr) -> _Values:
    if isinstance(node, exp.Limit):
        return replace(_unwrap(node.this), limit=node.expression)
    if isinstance(node, exp.Order):
        return replace(_unwrap(node.this), order=node)
    if isinstance(node, exp.IgnoreNulls | exp.RespectNulls):
        return replace(_unwrap(node.this), skips_nulls=isinstance(node, exp.IgnoreNulls))
    if isinstance(node, exp.Distinct) and len(node.expressions) == 1:
        return replace(_unwrap(node.expressions[0]), is_distinct=True)
    return _Values(node)


def _count(call: Call) -> Piece:
    if isinstance(call.args[0], exp.Star):
        return Piece(f"count(*){call.over}", "INT64")
    values = _read(call, "DISTINCT")
    return Piece(f"count({_distinct(values)}{call.write(values.node).sql}){call.over}", "INT64")


def _count_if(call: Call) -> Piece:
    return Piece(f"count(CASE WHEN {call.write(_read(call).node).sql} THEN 1 END){call.over}", "INT64")


def _sum(call: Call) -> Piece:
    values = _read(call, "DISTINCT")
    piece = call.write(values.node)
    total = f"sum({_distinct(values)}{piece.sql}){call.over}"
    if piece.kind == "FLOAT64":
        return Piece(require_finite(total, "SUM"), "FLOAT64")
    if piece.kind == "INT64":
        return Piece(f"CAST({total} AS BIGINT)", "INT64")
    if piece.kind == "NUMERIC":
        return Piece(total, "NUMERIC")
    # DuckDB's sum of BIGINT is a HUGEINT. The second argument gives the type only: BIGINT, or DOUBLE of a DOUBLE.
    sample = piece.sql if call.over else f"any_value({piece.sql})"
    return Piece(require_finite(f"cast_to_type({total}, ({sample} + CAST(0 AS BIGINT)))", "SUM"), piece.kind)


def _average(call: Call) -> Piece:
    values = _read(call, "DISTINCT")
    piece = call.write(values.node)
    if piece.kind != "NUMERIC":
        advice = "AVG of a NUMERIC: write AVG(CAST(... AS NUMERIC)), or AVG(CAST(... AS FLOAT64))"
        average = f"avg({_distinct(values)}{guard_numeric(piece, advice)}){call.over}"
        return Piece(require_finite(average, "AVG"), "FLOAT64")
    total, n = (f"{name}({_distinct(values)}{piece.sql}){call.over}" for name in ("sum", "count"))
    return Piece(f"CASE WHEN {n} > 0 THEN {write_quotient(total, f'CAST({n} AS DECIMAL(38, 9))')} END", "NUMERIC")


def _same(name: str, kind: Kind | None = None) -> Function:
    def write(call: Call) -> Piece:
        piece = call.write(_read(call, "DISTINCT").node)
        return Piece(f"{name}({piece.sql}){call.over}", kind or piece.kind)

    return _function(f"{_GOOGLE_NAMES.get(name, name.upper())}(value)", (1, 1), write)


_GOOGLE_NAMES = {"bool_and": "LOGICAL_AND", "bool_or": "LOGICAL_OR"}


def _spread(name: str) -> Function:
    def write(call: Call) -> Piece:
        node = _read(call).node
        spread = f"{name}(CAST({refuse_numeric(call, node, call.write(node))} AS DOUBLE)){call.over}"
        return Piece(require_finite(spread, call.name), "FLOAT64")

    return _function(f"{name.upper()}(number)", (1, 1), write)


def _bits(name: str) -> Function:
    def write(call: Call) -> Piece:
        piece = call.write(_read(call).node)
        if piece.kind not in ("INT64", "NULL", "unknown"):
            return call.refuse(call.node, f"{name} is translated for INT64")
        return Piece(f"{name.lower()}(CAST({piece.sql} AS BIGINT)){call.over}", "INT64")

    return _function(f"{name}(number)", (1, 1), write)


def _by(name: str, duckdb: str) -> Function:
    def write(call: Call) -> Piece:
        if call.over:
            return call.refuse(call.node, f"{name} with OVER is not translated: write FIRST_VALUE(value) OVER (...)")
        value, order = (call.write(arg) for arg in call.args)
        return Piece(f"{duckdb}({value.sql}, {order.sql})", value.kind)

    return _function(f"{name}(value, order)", (2, 2), write)


def _array_agg(call: Call) -> Piece:
    values = _read(call, "DISTINCT", "IGNORE NULLS", "ORDER BY", "LIMIT")
    if not _has_order(call, values):
        return NOTHING
    value = call.write(values.node).sql
    listed = _listed(call, values, value)
    if not values.skips_nulls:
        message = fail("ARRAY_AGG: there is a NULL, which an array cannot hold: write IGNORE NULLS")
        listed = f"CASE WHEN count(*) > count({value}) THEN {message} ELSE {listed} END"
    return Piece(listed, "ARRAY")


def _string_agg(call: Call) -> Piece:
    values = _read(call, "DISTINCT", "ORDER BY", "LIMIT")
    if not _has_order(call, values):
        return NOTHING
    plain = replace(call, args=tuple(_unwrap(arg).node for arg in call.args))
    separator = literal_text(plain, 1, "the separator") if len(call.args) == 2 else ","
    if separator is None:
        return NOTHING
    listed = _listed(call, values, call.write(values.node).sql)
    return Piece(f"array_to_string({listed}, {text_literal(separator)})", "STRING")


def _has_order(call: Call, values: _Values) -> bool:
    if call.over:
        call.refuse(call.node, f"{call.name} with OVER is not translated")
    if values.order is None:
        call.refuse(call.node, f"the order of {call.name} is not defined: write {call.name}(value ORDER BY ...)")
    return values.order is not None and not call.over


def _listed(call: Call, values: _Values, value: str) -> str:
    order = f" {call.write(values.order).sql}" if values.order else ""
    listed = f"list({_distinct(values)}{value}{order}) FILTER (WHERE {value} IS NOT NULL)"
    return f"list_slice({listed}, 1, {call.write(values.limit).sql})" if values.limit else listed


def _rank(name: str, kind: Kind) -> Function:
    def write(call: Call) -> Piece:
        return Piece(f"{name}(){call.over}", kind) if _is_ordered(call) else NOTHING

    return _function(f"{name.upper()}()", (0, 0), write, "window")


def _ntile(call: Call) -> Piece:
    return Piece(f"ntile({call.write(call.args[0]).sql}){call.over}", "INT64") if _is_ordered(call) else NOTHING


def _neighbour(call: Call) -> Piece:
    if not _is_ordered(call):
        return NOTHING
    _read(replace(call, args=call.args[:1]))
    if len(call.args) == 3 and call.args[2].find(exp.Column):
        return call.refuse(call.args[2], f"the default of {call.name} must be a constant")
    pieces = [call.write(arg) for arg in call.args]
    return Piece(f"{call.name.lower()}({', '.join(piece.sql for piece in pieces)}){call.over}", pieces[0].kind)


def _edge(call: Call) -> Piece:
    if not _is_ordered(call):
        return NOTHING
    values = _read(replace(call, args=call.args[:1]), "IGNORE NULLS")
    piece = call.write(values.node)
    others = "".join(f", {call.write(arg).sql}" for arg in call.args[1:])
    nulls = " IGNORE NULLS" if values.skips_nulls else ""
    return Piece(f"{call.name.lower()}({piece.sql}{others}{nulls}){call.over}", piece.kind)


def _is_ordered(call: Call) -> bool:
    if not call.is_ordered:
        call.refuse(
            call.node, f"the order of {call.name} is not defined: write {call.name}(...) OVER (... ORDER BY ...)"
        )
    return call.is_ordered


def _distinct(values: _Values) -> str:
    return "DISTINCT " if values.is_distinct else ""


def _function(
    usage: str, n_args: tuple[int, int], write: Callable[[Call], Piece], role: Role = "aggregate"
) -> Function:
    return Function(usage=usage, n_args=n_args, write=write, role=role)


AGGREGATES: tuple[Function, ...] = (
    _function("COUNT(* | [DISTINCT] value)", (1, 1), _count),
    _function("COUNTIF(condition)", (1, 1), _count_if),
    _function("SUM([DISTINCT] number)", (1, 1), _sum),
    _function("AVG([DISTINCT] number)", (1, 1), _average),
    _same("min"),
    _same("max"),
    _same("bool_and", "BOOL"),
    _same("bool_or", "BOOL"),
    _bits("BIT_AND"),
    _bits("BIT_OR"),
    _bits("BIT_XOR"),
    _spread("stddev"),
    _spread("stddev_samp"),
    _spread("stddev_pop"),
    _spread("variance"),
    _spread("var_samp"),
    _spread("var_pop"),
    _by("MAX_BY", "arg_max_null"),
    _by("MIN_BY", "arg_min_null"),
    _function("ARRAY_AGG([DISTINCT] value [IGNORE NULLS] ORDER BY ... [LIMIT n])", (1, 1), _array_agg),
    _function("STRING_AGG([DISTINCT] text[, 'separator'] ORDER BY ... [LIMIT n])", (1, 2), _string_agg),
    _rank("row_number", "INT64"),
    _rank("rank", "INT64"),
    _rank("dense_rank", "INT64"),
    _rank("percent_rank", "FLOAT64"),
    _rank("cume_dist", "FLOAT64"),
    _function("NTILE(n)", (1, 1), _ntile, "window"),
    _function("LAG(value[, offset[, default]])", (1, 3), _neighbour, "window"),
    _function("LEAD(value[, offset[, default]])", (1, 3), _neighbour, "window"),
    _function("FIRST_VALUE(value [IGNORE NULLS])", (1, 1), _edge, "window"),
    _function("LAST_VALUE(value [IGNORE NULLS])", (1, 1), _edge, "window"),
    _function("NTH_VALUE(value [IGNORE NULLS], n)", (2, 2), _edge, "window"),
)
