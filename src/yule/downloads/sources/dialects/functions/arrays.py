"""Functions of arrays, and STRUCT."""

from sqlglot import exp

from yule.downloads.sources.dialects.functions.making import plain, written
from yule.downloads.sources.dialects.pieces import MANY, Call, Function, Piece, fail, guard, quote


def _array_to_string(call: Call) -> Piece:
    array, separator = (call.write(arg).sql for arg in call.args)
    message = fail("ARRAY_TO_STRING is translated for arrays of STRING")
    joined = f"array_to_string({array}, {separator})"
    return Piece(f"CASE WHEN typeof({array}) = 'VARCHAR[]' THEN {joined} ELSE {message} END", "STRING")


def _generate_array(call: Call) -> Piece:
    pieces = [call.write(arg) for arg in call.args]
    if any(piece.kind not in ("INT64", "NULL", "unknown") for piece in pieces):
        return call.refuse(call.node, "GENERATE_ARRAY is translated for INT64")
    message = "GENERATE_ARRAY is translated for INT64"
    start, end, *step = [
        guard(piece.sql, ("INT64",), then=f"CAST({piece.sql} AS BIGINT)", message=message)
        if piece.kind == "unknown"
        else f"CAST({piece.sql} AS BIGINT)"
        for piece in pieces
    ]
    if not step:
        return Piece(f"generate_series({start}, {end})", "ARRAY")
    still = fail("GENERATE_ARRAY: the step is 0")
    series = f"generate_series({start}, {end}, {step[0]})"
    return Piece(f"CASE WHEN {step[0]} = 0 THEN {still} ELSE {series} END", "ARRAY")


def _concat(call: Call) -> Piece:
    arrays = [call.write(arg).sql for arg in call.args]
    any_null = " OR ".join(f"{array} IS NULL" for array in arrays)
    return Piece(f"CASE WHEN {any_null} THEN NULL ELSE list_concat({', '.join(arrays)}) END", "ARRAY")


def _from_query(call: Call) -> Piece:
    query = call.args[0]
    if not isinstance(query, exp.Select):
        return call.refuse(call.node, "ARRAY takes a query: write ARRAY(SELECT ... ORDER BY ...)")
    if not query.args.get("order"):
        return call.refuse(call.node, "the order of ARRAY is not defined: write ARRAY(SELECT ... ORDER BY ...)")
    return Piece(f"ARRAY{call.write(query).sql}", "ARRAY")


def _struct(call: Call) -> Piece:
    fields: dict[str, str] = {}
    for arg in call.args:
        name = arg.alias_or_name if isinstance(arg, exp.Alias | exp.Column) else ""
        if not name or name.lower() in {known.lower() for known in fields}:
            return call.refuse(arg, "a field of STRUCT needs a name of its own: write STRUCT(value AS name)")
        fields[name] = call.write(arg.this if isinstance(arg, exp.Alias) else arg).sql
    return Piece(f"struct_pack({', '.join(f'{quote(name)} := {value}' for name, value in fields.items())})", "STRUCT")


ARRAYS: tuple[Function, ...] = (
    plain("ARRAY_LENGTH(array)", "len({0})", "INT64"),
    written("ARRAY_TO_STRING(array, separator)", (2, 2), _array_to_string),
    written("GENERATE_ARRAY(start, end[, step])", (2, 3), _generate_array),
    written("ARRAY_CONCAT(array, ...)", (1, MANY), _concat),
    plain("ARRAY_REVERSE(array)", "list_reverse({0})", "ARRAY"),
    written("ARRAY(SELECT ... ORDER BY ...)", (1, 1), _from_query),
    written("STRUCT(value AS name, ...)", (1, MANY), _struct),
)
