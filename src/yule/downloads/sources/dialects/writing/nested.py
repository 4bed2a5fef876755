"""STRUCT and ARRAY: how they are made, and what is in them."""

from collections.abc import Callable, Mapping

from sqlglot import exp

from yule.downloads.sources.dialects.casts import TARGETS, moment_literal, write_cast
from yule.downloads.sources.dialects.pieces import DUCKDB_TYPES, Kind, Piece, fail, quote
from yule.downloads.sources.dialects.writing.writer import Writer

_WIDER: Mapping[Kind, tuple[Kind, ...]] = {"INT64": ("FLOAT64", "NUMERIC")}


def write_typed(writer: Writer, node: exp.Expr, type_: exp.DataType) -> Piece:
    """Write what says its type: ``ARRAY<INT64>[1, 2]``, ``STRUCT<a INT64>(1)``, ``CAST(NULL AS ARRAY<INT64>)``."""
    duckdb = _duckdb_type(writer, type_)
    kind: Kind = "STRUCT" if type_.this == exp.DType.STRUCT else "ARRAY"
    if duckdb is None or isinstance(node, exp.Null):
        return Piece(f"CAST(NULL AS {duckdb or 'VARCHAR'})", kind)
    return Piece(f"CAST({_member(writer, node, type_)} AS {duckdb})", kind)


def unnest(writer: Writer, node: exp.Unnest) -> str:
    """Write ``UNNEST(array) [AS name] [WITH OFFSET [AS n]]``.

    The fields of its elements, if they are of STRUCT, are columns of their own, too; beside a ``*`` they would be
    among its columns.
    """
    writer.only(node, "expressions", "alias", "offset", "explode_array")
    if len(node.expressions) != 1:
        writer.refuse(node, "several arrays in one UNNEST are not translated: write one UNNEST WITH OFFSET for each")
    if not node.args.get("alias") and "offset" not in node.args:
        return writer.refuse(node, "the elements of an array need a name: write UNNEST(array) AS name").sql
    array = writer.write(node.expressions[0]).sql
    columns = node.args["alias"].args.get("columns") if node.args.get("alias") else None
    name, has_star = columns[0].name if columns else "", _has_star(node)
    if has_star and (not name or _has_fields(node, name)):
        writer.refuse(node, "* beside the fields of an array is not translated: name the columns")
    selected = [f"unnest({_guard_elements(array) if has_star else array}) AS {quote(name)}"] if name else []
    selected += [] if has_star else [f"unnest({array}, max_depth := 2)"]
    offset = node.args.get("offset")
    if isinstance(offset, exp.Identifier):
        selected.append(f"unnest(range(len({array}))) AS {quote(offset.name)}")
    writer.n_unnamed += 1
    return f"(SELECT {', '.join(selected) or 'NULL'}) AS {quote(f'element_{writer.n_unnamed}')}"


def _has_star(node: exp.Expr) -> bool:
    select = node.find_ancestor(exp.Select)
    return select is not None and any(isinstance(item, exp.Star) for item in select.expressions)


def _has_fields(node: exp.Expr, name: str) -> bool:
    """Say whether fields of elements are named by the name of the elements."""
    select = node.find_ancestor(exp.Select)
    columns = [] if select is None else [column for column in select.find_all(exp.Column) if len(column.parts) > 1]
    return any(column.parts[0].name.lower() == name.lower() for column in columns)


def _guard_elements(array: str) -> str:
    message = fail("* of an array of STRUCT is not translated: name the columns")
    return f"CASE WHEN starts_with(typeof({array}), 'STRUCT') THEN {message} ELSE {array} END"


def _duckdb_type(writer: Writer, type_: exp.DataType) -> str | None:
    """Return the type in DuckDB; None, and a fault, if it is not translated."""
    if type_.this == exp.DType.ARRAY and len(type_.expressions) == 1:
        inner = _duckdb_type(writer, type_.expressions[0])
        return f"{inner}[]" if inner else None
    if type_.this == exp.DType.STRUCT and all(isinstance(field, exp.ColumnDef) for field in type_.expressions):
        types = [(field.name, _duckdb_type(writer, field.args["kind"]) or "VARCHAR") for field in type_.expressions]
        return f"STRUCT({', '.join(f'{quote(name)} {inner}' for name, inner in types)})"
    kind = TARGETS.get(type_.this)
    if kind is None or type_.expressions:
        writer.refuse(type_, f"the type {type_.sql('bigquery')} is not translated here; fields of STRUCT need names")
        return None
    return DUCKDB_TYPES[kind]


def _member(writer: Writer, node: exp.Expr, type_: exp.DataType) -> str:
    """Write a value of a type that is said; only literals and values of this very type are."""
    if isinstance(node, exp.Null):
        return "NULL"
    if type_.this == exp.DType.ARRAY and isinstance(node, exp.Array):
        return f"[{', '.join(_member(writer, item, type_.expressions[0]) for item in node.expressions)}]"
    if type_.this == exp.DType.STRUCT and len(values := _fields(node)) == len(type_.expressions):
        fields = zip(type_.expressions, values, strict=True)
        packed = [f"{quote(field.name)} := {_member(writer, value, field.args['kind'])}" for field, value in fields]
        return f"struct_pack({', '.join(packed)})"
    piece, kind = writer.write(node), TARGETS.get(type_.this)
    if kind is not None and (piece.kind in (kind, "NULL") or kind in _WIDER.get(piece.kind, ())):
        return write_cast(piece, kind, is_safe=False)
    if kind is not None and piece.text is not None and (literal := moment_literal(piece.text, kind)):
        return literal
    return writer.refuse(node, f"here stands a value of type {type_.sql('bigquery')}").sql


def _fields(node: exp.Expr) -> list[exp.Expr]:
    is_struct = isinstance(node, exp.Anonymous) and node.name.upper() == "STRUCT"
    return list(node.expressions) if is_struct or isinstance(node, exp.Tuple | exp.Struct) else []


def _field(writer: Writer, node: exp.Expr) -> Piece:
    """Write ``value.field``."""
    field = node.args["expression"]
    if not isinstance(field, exp.Identifier):
        return writer.refuse(node, "behind a point stands the name of a field")
    return Piece(f"struct_extract({writer.write(node.this).sql}, '{field.name.replace(chr(39), chr(39) * 2)}')")


NESTED: Mapping[type[exp.Expr], Callable[[Writer, exp.Expr], Piece]] = {exp.Dot: _field}
