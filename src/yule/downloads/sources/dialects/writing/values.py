"""Columns, literals, casts, alternatives, arrays, and queries that stand for a value."""

from collections.abc import Callable, Mapping

from sqlglot import exp

from yule.downloads.sources.dialects.casts import TARGETS, can_cast, moment_literal, say_literal, write_cast
from yule.downloads.sources.dialects.numerics import numeric_literal
from yule.downloads.sources.dialects.pieces import Piece, fail, join_kinds, quote, text_literal
from yule.downloads.sources.dialects.writing.nested import write_typed
from yule.downloads.sources.dialects.writing.writer import Writer

_PSEUDO_COLUMNS = ("_TABLE_SUFFIX", "_PARTITIONTIME", "_PARTITIONDATE", "_FILE_NAME", "_CHANGE_TYPE")
_KINDS = ", ".join(sorted(TARGETS.values()))


def _paren(writer: Writer, node: exp.Expr) -> Piece:
    return writer.write(node.this)


def _column(writer: Writer, node: exp.Expr) -> Piece:
    assert isinstance(node, exp.Column)
    parts = [part.name for part in node.parts]
    name = parts[0].lower()
    if parts[-1].upper() == "_TABLE_SUFFIX" and writer.is_wildcard:
        return Piece(quote("_TABLE_SUFFIX"), "STRING")
    if parts[-1].upper() in _PSEUDO_COLUMNS:
        return writer.refuse(node, f"{parts[-1]} is BigQuery's own: write a condition on a column of the table")
    if isinstance(node.this, exp.Star):
        return writer.refuse(node, "* is not translated here: name the columns")
    if len(parts) == 1 and name in writer.aliases:
        meant = writer.aliases[name]
        with writer.naming({}):
            return writer.write(meant)
    if len(parts) == 1 and name in writer.rows:
        return writer.refuse(node, f"{parts[0]} is a whole row or a column: write {parts[0]}.column")
    return Piece(".".join(quote(part) for part in parts))


def _literal(_: Writer, node: exp.Expr) -> Piece:
    if node.is_string:
        return Piece(text_literal(node.name), "STRING", node.name)
    if node.name.isdigit():
        return Piece(f"CAST({node.name} AS BIGINT)", "INT64")
    # With an exponent DuckDB reads a DOUBLE, without one a DECIMAL.
    return Piece(node.name if "e" in node.name.lower() else f"{node.name}e0", "FLOAT64")


def _parameter(writer: Writer, node: exp.Expr) -> Piece:
    if not isinstance(node.this, exp.Var | exp.Identifier):
        return writer.refuse(node, "variables of the system are not translated")
    return Piece(f"${node.name}")


def _array(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "expressions", "value_constructor", "struct_name_inheritance")
    pieces = [writer.write(item) for item in node.expressions]
    return Piece(f"[{', '.join(piece.sql for piece in pieces)}]", "ARRAY")


def _element(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "expressions", "offset", "safe")
    array, index = writer.write(node.this).sql, writer.write(node.expressions[0])
    if len(node.expressions) != 1 or index.kind == "STRING":
        return writer.refuse(node, "of arrays one element is taken by its number: write array[OFFSET(0)]")
    first = node.args.get("offset") or 0
    last = f"len({array})" if first else f"len({array}) - 1"
    element = f"{array}[{index.sql}{'' if first else ' + 1'}]"
    outside = "NULL" if node.args.get("safe") else fail("the array has no element of this number")
    return Piece(f"CASE WHEN {index.sql} < {first} OR {index.sql} > {last} THEN {outside} ELSE {element} END")


def _cast(writer: Writer, node: exp.Expr) -> Piece:
    assert isinstance(node, exp.Cast)
    writer.only(node, "this", "to", "safe")
    if node.to.this in (exp.DType.ARRAY, exp.DType.STRUCT):
        return write_typed(writer, node.this, node.to)
    kind, piece = TARGETS.get(node.to.this), writer.write(node.this)
    if kind is None or node.to.expressions:
        return writer.refuse(node, f"the type {node.to.sql('bigquery')} is not translated: of types only {_KINDS}")
    if not can_cast(piece.kind, kind):
        advice = ": write FORMAT_TIMESTAMP or FORMAT_DATETIME" if kind == "STRING" else ""
        return writer.refuse(node, f"a cast from {piece.kind} to {kind} is not translated{advice}")
    is_safe = isinstance(node, exp.TryCast)
    if piece.text is not None and kind == "NUMERIC" and not is_safe:
        number = numeric_literal(piece.text)
        return Piece(number, kind) if number else writer.refuse(node, f"{piece.text!r} is not a NUMERIC")
    if piece.text is not None and kind in ("DATE", "DATETIME", "TIMESTAMP") and not is_safe:
        literal = moment_literal(piece.text, kind)
        return Piece(literal, kind) if literal else writer.refuse(node, say_literal(piece.text, kind))
    return Piece(write_cast(piece, kind, is_safe=is_safe), kind)


def _subquery(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this")
    return Piece(f"({writer.write_query(node.this, is_named=False)})")


def _exists(writer: Writer, node: exp.Expr) -> Piece:
    return Piece(f"EXISTS ({writer.write_query(inner_query(writer, node.this), is_named=False)})", "BOOL")


def _case(writer: Writer, node: exp.Expr) -> Piece:
    writer.only(node, "this", "ifs", "default")
    subject = node.args.get("this")
    text, results = "CASE" + (f" {writer.write(subject).sql}" if subject is not None else ""), []
    for branch in node.args["ifs"]:
        results.append(writer.write(branch.args["true"]))
        text += f" WHEN {writer.write(branch.this).sql} THEN {results[-1].sql}"
    if (default := node.args.get("default")) is not None:
        results.append(writer.write(default))
        text += f" ELSE {results[-1].sql}"
    return Piece(f"{text} END", join_kinds(results))


def _if(writer: Writer, node: exp.Expr) -> Piece:
    if node.args.get("false") is None:
        return writer.refuse(node, "IF takes three arguments: write IF(condition, value, other)")
    condition, true, false = (writer.write(node.args[key]) for key in ("this", "true", "false"))
    return Piece(f"CASE WHEN {condition.sql} THEN {true.sql} ELSE {false.sql} END", join_kinds([true, false]))


def inner_query(writer: Writer, node: exp.Expr) -> exp.Expr:
    """Return a query without its brackets."""
    if not isinstance(node, exp.Subquery):
        return node
    writer.only(node, "this")
    return inner_query(writer, node.this)


VALUES: Mapping[type[exp.Expr], Callable[[Writer, exp.Expr], Piece]] = {
    exp.Exists: _exists,
    exp.Case: _case,
    exp.If: _if,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Array: _array,
    exp.Bracket: _element,
    exp.Paren: _paren,
    exp.Subquery: _subquery,
    exp.Select: lambda writer, node: Piece(f"({writer.write_query(node, is_named=False)})"),
    exp.Column: _column,
    exp.Identifier: lambda _, node: Piece(quote(node.name)),
    exp.Literal: _literal,
    exp.RawString: lambda _, node: Piece(text_literal(node.name), "STRING", node.name),
    exp.Boolean: lambda _, node: Piece("TRUE" if node.this else "FALSE", "BOOL"),
    exp.Null: lambda _, __: Piece("NULL", "NULL"),
    exp.Parameter: _parameter,
}
