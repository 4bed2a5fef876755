"""The types of text where nobody declares them: a type is taken only if every value is written in it exactly."""

from collections.abc import Mapping, Sequence

import duckdb

from yule.sql.quoting import quote_name

WRITTEN: dict[str, str] = {
    "BIGINT": r"[+-]?(0|[1-9][0-9]*)",
    "DOUBLE": r"[+-]?((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?",
    "BOOLEAN": "(?i)true|false",
    "DATE": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "TIMESTAMPTZ": (
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
    ),
}
"""How values look, by type; ``007`` is no number: its zeros mean something."""


def is_written_as(value: str, kind: str) -> str:
    """Return the condition that a text is written as a type is, and is one, as SQL."""
    return f"regexp_full_match({value}, '{WRITTEN[kind]}') AND TRY_CAST({value} AS {kind}) IS NOT NULL"


def guess_kinds(
    connection: duckdb.DuckDBPyConnection, sql: str, names: Sequence[str], kinds: Sequence[str] = tuple(WRITTEN)
) -> Mapping[str, str]:
    """Return the first type that every value of a column is written as, by column; of empty columns, text.

    Parameters
    ----------
    connection
        The database.
    sql
        A query whose columns are text.
    names
        The columns.
    kinds
        The types that are tried, in their order.
    """
    if not names:
        return {}
    tests = [
        f"bool_and({is_written_as(quote_name(name), kind)}) FILTER (WHERE {quote_name(name)} IS NOT NULL)"
        for name in names
        for kind in kinds
    ]
    ((*found,),) = connection.execute(f"SELECT {', '.join(tests)} FROM ({sql})").fetchall()
    rows = [found[start : start + len(kinds)] for start in range(0, len(found), len(kinds))]
    return {
        name: next((kind for kind, all_are in zip(kinds, row, strict=True) if all_are), "VARCHAR")
        for name, row in zip(names, rows, strict=True)
    }
