"""Functions that choose one of their arguments."""

from yule.downloads.sources.dialects.functions.making import written
from yule.downloads.sources.dialects.pieces import MANY, Call, Function, Piece, join_kinds


def _extreme(call: Call) -> Piece:
    pieces = [call.write(arg) for arg in call.args]
    any_null = " OR ".join(f"{piece.sql} IS NULL" for piece in pieces)
    best = f"{call.name.lower()}({', '.join(piece.sql for piece in pieces)})"
    return Piece(f"CASE WHEN {any_null} THEN NULL ELSE {best} END", join_kinds(pieces))


def _alternatives(call: Call) -> Piece:
    pieces = [call.write(arg) for arg in call.args]
    return Piece(f"coalesce({', '.join(piece.sql for piece in pieces)})", join_kinds(pieces))


def _null_if(call: Call) -> Piece:
    left, right = (call.write(arg) for arg in call.args)
    return Piece(f"nullif({left.sql}, {right.sql})", left.kind)


CONDITIONS: tuple[Function, ...] = (
    written("GREATEST(a, b, ...)", (1, MANY), _extreme),
    written("LEAST(a, b, ...)", (1, MANY), _extreme),
    written("COALESCE(a, b, ...)", (1, MANY), _alternatives),
    written("IFNULL(a, b)", (2, 2), _alternatives),
    written("NULLIF(a, b)", (2, 2), _null_if),
)
