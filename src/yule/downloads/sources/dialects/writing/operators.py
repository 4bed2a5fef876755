"""Operators: logic, comparisons, arithmetic."""

from collections.abc import Callable, Mapping
from functools import partial

from sqlglot import exp

from yule.downloads.sources.dialects.casts import can_cast, moment_literal, say_literal, write_text
from yule.downloads.sources.dialects.functions import SAY_NUMERIC, write_division
from yule.downloads.sources.dialects.numerics import as_numeric, guard_numeric
from yule.downloads.sources.dialects.pieces import Piece, join_kinds, require_finite
from yule.downloads.sources.dialects.writing.calls import shift_by
from yule.downloads.sources.dialects.writing.values import inner_query
from yule.downloads.sources.dialects.writing.writer import Writer

_COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
ESCAPE = "'\\'"
_ARITHMETIC: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}


def _logical(word: str, writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "expression")
    operands: list[exp.Expr] = []
    left: exp.Expr = node
    while type(left) is type(node):
        operands.append(left.args["expression"])
        left = left.this
    operands.append(left)
    return Piece("(" + f" {word} ".join(writer.write(one).sql for one in reversed(operands)) + ")", "BOOL")


def _not(writer: Writer, node: exp.Expr) -> Piece:
    return Piece(f"(NOT {writer.write(node.this).sql})", "BOOL")


def _negative(writer: Writer, node: exp.Expr) -> Piece:
    if isinstance(node.this, exp.Literal) and node.this.name == str(2**63):
        return Piece(f"CAST('-{2**63}' AS BIGINT)", "INT64")
    piece = writer.write(node.this)
    return Piece(f"(-{piece.sql})", piece.kind)


def _comparison(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "expression")
    left, right = _compared(writer, node.this, node.args["expression"])
    return Piece(f"({left.sql} {_COMPARISONS[type(node)]} {right.sql})", "BOOL")


def _compared(writer: Writer, *nodes: exp.Expr) -> list[Piece]:
    """Write what is compared. A text that is compared with a time is one."""
    pieces = [writer.write(node) for node in nodes]
    for node, piece in zip(nodes, pieces, strict=True):
        if piece.kind in ("ARRAY", "STRUCT"):
            writer.refuse(node, f"a {piece.kind} is not compared: write a comparison of what is in it")
    if any(piece.kind == "NUMERIC" for piece in pieces):
        # A literal of a FLOAT64 beside a NUMERIC is one, too.
        literals = [as_numeric(piece) if piece.kind == "FLOAT64" else None for piece in pieces]
        return [Piece(sql, "NUMERIC") if sql else piece for sql, piece in zip(literals, pieces, strict=True)]
    kinds = {piece.kind for piece in pieces} & {"DATE", "DATETIME", "TIMESTAMP"}
    if len(kinds) != 1:
        return pieces
    kind = kinds.pop()
    for i, piece in enumerate(pieces):
        if piece.text is not None:
            literal = moment_literal(piece.text, kind)
            pieces[i] = Piece(literal, kind) if literal else writer.refuse(nodes[i], say_literal(piece.text, kind))
    return pieces


def _arithmetic(writer: Writer, node: exp.Expr) -> Piece:
    piece = _chain(writer, node)
    if piece.kind in ("INT64", "NUMERIC") or node.find(exp.Mul) is None:
        return piece
    return Piece(require_finite(piece.sql, "*"), piece.kind)


def _chain(writer: Writer, node: exp.Expr) -> Piece:
    """Write a chain of + - *, whose range is checked once, at its end."""
    if isinstance(node, exp.Paren):
        return _chain(writer, node.this)
    if type(node) not in _ARITHMETIC:
        return writer.write(node)
    writer.only(node, "this", "expression")
    if isinstance(node.args["expression"], exp.Interval) and not isinstance(node, exp.Mul):
        return shift_by(writer, node.this, node.args["expression"], sign=_ARITHMETIC[type(node)])
    left, right = _chain(writer, node.this), _chain(writer, node.args["expression"])
    for side, piece in ((node.this, left), (node.args["expression"], right)):
        if piece.kind not in ("INT64", "FLOAT64", "NUMERIC", "NULL", "unknown"):
            advice = "write DATE_ADD, DATE_SUB, DATE_DIFF or TIMESTAMP_DIFF"
            return writer.refuse(side, f"arithmetic with a {piece.kind} is not translated: {advice}")
    if "NUMERIC" in (left.kind, right.kind) and "unknown" not in (left.kind, right.kind):
        return _numeric_arithmetic(writer, node, left, right)
    if "FLOAT64" in (left.kind, right.kind):
        message = "a NUMERIC with a FLOAT64: write CAST(... AS NUMERIC) or CAST(... AS FLOAT64)"
        left, right = (Piece(guard_numeric(piece, message), piece.kind) for piece in (left, right))
    # The sign makes DuckDB refuse dates: a difference of dates is an INTERVAL in BigQuery, and a number in DuckDB.
    sign = "+" if left.kind == "unknown" and isinstance(node, exp.Sub | exp.Add) else ""
    sql = f"({sign}{left.sql} {_ARITHMETIC[type(node)]} {right.sql})"
    if isinstance(node, exp.Mul) and {left.kind, right.kind} <= {"unknown", "NUMERIC"}:
        # The second argument gives the type only, so that of two NUMERIC it is a NUMERIC again.
        sql = f"cast_to_type({sql}, CASE WHEN FALSE THEN {left.sql} + {right.sql} END)"
    return Piece(sql, "FLOAT64" if "FLOAT64" in (left.kind, right.kind) else join_kinds([left, right]))


def _numeric_arithmetic(writer: Writer, node: exp.Expr, left: Piece, right: Piece) -> Piece:
    a, b = as_numeric(left), as_numeric(right)
    if a is None or b is None:
        return writer.refuse(node, SAY_NUMERIC)
    return Piece(f"CAST(({a} {_ARITHMETIC[type(node)]} {b}) AS DECIMAL(38, 9))", "NUMERIC")


def _division(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "expression", "typed", "safe")
    divisor = node.expression
    is_constant = isinstance(divisor, exp.Literal) and not divisor.is_string and float(divisor.name) >= 1
    piece = write_division(writer.write(node.this), writer.write(divisor), is_checked=not is_constant)
    return piece or writer.refuse(node, SAY_NUMERIC)


def _join_texts(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "expression", "safe")
    nodes, pieces = (node.this, node.expression), (writer.write(node.this), writer.write(node.expression))
    for one, piece in zip(nodes, pieces, strict=True):
        if not can_cast(piece.kind, "STRING"):
            return writer.refuse(one, f"|| of a {piece.kind} is not translated")
    return Piece(f"({write_text(pieces[0])} || {write_text(pieces[1])})", "STRING")


def _between(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "low", "high")
    this, low, high = _compared(writer, node.this, node.args["low"], node.args["high"])
    return Piece(f"({this.sql} BETWEEN {low.sql} AND {high.sql})", "BOOL")


def _in(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "expressions", "query", "unnest")
    if (unnest := node.args.get("unnest")) is not None:
        writer.only(unnest, "expressions")
        array = writer.write(unnest.expressions[0]).sql
        return Piece(f"({writer.write(node.this).sql} IN (SELECT unnest({array})))", "BOOL")
    if (query := node.args.get("query")) is not None:
        text = writer.write_query(inner_query(writer, query), is_named=False)
        return Piece(f"({writer.write(node.this).sql} IN ({text}))", "BOOL")
    this, *others = _compared(writer, node.this, *node.expressions)
    return Piece(f"({this.sql} IN ({', '.join(other.sql for other in others)}))", "BOOL")


def _is(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "expression")
    if not isinstance(node.expression, exp.Null | exp.Boolean):
        return writer.refuse(node, "IS stands before NULL, TRUE and FALSE")
    return Piece(f"({writer.write(node.this).sql} IS {writer.write(node.expression).sql})", "BOOL")


def _like(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "expression", "negate")
    if isinstance(node.args["expression"], exp.Any | exp.All):
        return _like_any(writer, node)
    word = "NOT LIKE" if node.args.get("negate") else "LIKE"
    return Piece(f"({writer.write(node.this).sql} {word} {writer.write(node.expression).sql} ESCAPE '\\')", "BOOL")


def _like_any(writer: Writer, node: exp.Expr) -> Piece:
    """Write ``text LIKE ANY ('a%', 'b%')`` and LIKE ALL."""
    listed = node.args["expression"].this
    patterns = listed.expressions if isinstance(listed, exp.Tuple) else [listed.this]
    if node.args.get("negate") or not isinstance(listed, exp.Tuple | exp.Paren):
        return writer.refuse(node, "LIKE ANY and LIKE ALL are translated without NOT, for a list of patterns")
    word = " OR " if isinstance(node.args["expression"], exp.Any) else " AND "
    text = writer.write(node.this).sql
    return Piece(f"({word.join(f'{text} LIKE {writer.write(one).sql} ESCAPE {ESCAPE}' for one in patterns)})", "BOOL")


OPERATORS: Mapping[type[exp.Expr], Callable[[Writer, exp.Expr], Piece]] = {
    **dict.fromkeys(_COMPARISONS, _comparison),
    **dict.fromkeys(_ARITHMETIC, _arithmetic),
    exp.And: partial(_logical, "AND"),
    exp.Or: partial(_logical, "OR"),
    exp.Not: _not,
    exp.Neg: _negative,
    exp.Div: _division,
    exp.DPipe: _join_texts,
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is,
    exp.Like: _like,
}
