"""Writes a parsed statement of GoogleSQL as DuckDB's SQL. What has no writer here is refused.

Belongs here: the grammar, clause by clause and operator by operator.
Does not belong here: functions, which are in :mod:`yule.downloads.sources.dialects.functions`.
"""

from collections.abc import Callable, Mapping

from sqlglot import exp

from yule.downloads.sources.dialects.pieces import Piece
from yule.downloads.sources.dialects.writing.calls import CALLS
from yule.downloads.sources.dialects.writing.nested import NESTED
from yule.downloads.sources.dialects.writing.operators import OPERATORS
from yule.downloads.sources.dialects.writing.queries import write_order, write_query
from yule.downloads.sources.dialects.writing.values import VALUES
from yule.downloads.sources.dialects.writing.writer import Writer

__all__ = ["Writer", "write_statement"]

_WRITERS: Mapping[type[exp.Expr], Callable[[Writer, exp.Expr], Piece]] = {
    **OPERATORS,
    **VALUES,
    **CALLS,
    **NESTED,
    exp.Order: write_order,
}


def write_statement(node: exp.Expr | None) -> tuple[str, Writer]:
    """Write a whole statement; return it with the faults and the tables that were found.

    Parameters
    ----------
    node
        The statement; None for none.
    """
    writer = Writer(writers=_WRITERS, query=write_query)
    if node is None:
        return "", writer
    if not isinstance(node, exp.Select | exp.SetOperation | exp.Subquery):
        writer.refuse(node, f"{node.key.upper()} is not translated: write one SELECT")
        return "", writer
    return write_query(writer, node, is_named=True), writer
