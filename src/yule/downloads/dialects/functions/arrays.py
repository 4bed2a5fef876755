"""Functions of arrays."""

from yule.downloads.dialects.functions.making import plain, written
from yule.downloads.dialects.pieces import Call, Function, Piece, fail


def _array_to_string(call: Call) -> Piece:
    array, separator = (call.write(arg).sql for arg in call.args)
    message = fail("ARRAY_TO_STRING is translated for arrays of STRING")
    joined = f"array_to_string({array}, {separator})"
    return Piece(f"CASE WHEN typeof({array}) = 'VARCHAR[]' THEN {joined} ELSE {message} END", "STRING")


def _generate_array(call: Call) -> Piece:
    pieces = [call.write(arg) for arg in call.args]
    if any(piece.kind == "FLOAT64" for piece in pieces):
        return call.refuse(call.node, "GENERATE_ARRAY is translated for INT64")
    bounds = [f"CAST({piece.sql} AS BIGINT)" for piece in pieces]
    return Piece(f"generate_series({', '.join(bounds)})", "ARRAY")


ARRAYS: tuple[Function, ...] = (
    plain("ARRAY_LENGTH(array)", "len({0})", "INT64"),
    written("ARRAY_TO_STRING(array, separator)", (2, 2), _array_to_string),
    written("GENERATE_ARRAY(start, end[, step])", (2, 3), _generate_array),
)
