"""What the columns of a table are: their types, and which of them say something about a user."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from yule.downloads.settings import DAY
from yule.sql.columns import ColumnType

if TYPE_CHECKING:
    import duckdb

MANY_VALUES = 20
"""Text with more values than this, most of them in one row only, is an id or a free text: no feature."""

LAST_DATE = date(2200, 1, 1)
"""Later dates stand for "never" and the like."""

_WRITTEN: dict[ColumnType, tuple[str, str]] = {
    "number": (r"[+-]?(0|[1-9][0-9]*)?([.][0-9]*)?([eE][+-]?[0-9]+)?", "DOUBLE"),
    "boolean": ("(?i)true|false", "BOOLEAN"),
    "date": ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "DATE"),
    "timestamp": ("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9:]+)?", "TIMESTAMPTZ"),
}
"""How values written as text look, and what they convert to. ``007`` is no number: its zeros mean something."""


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """A column of a person's table.

    Parameters
    ----------
    name
        Its name.
    type
        What its values are.
    left_out
        Why it is no feature; empty when it is one.
    """

    name: str
    type: ColumnType
    left_out: str = ""


def find_columns(connection: "duckdb.DuckDBPyConnection", skipped: Sequence[str | None]) -> tuple[TableColumn, ...]:
    """Look at the columns of the table ``source``, but for some.

    Numbers are of type ``number`` even where they are whole: a later table may have others.
    """
    described = connection.execute("DESCRIBE source").fetchall()
    return tuple(_judge(connection, row[0], declared=row[1]) for row in described if row[0] not in skipped)


def find_infinite(connection: "duckdb.DuckDBPyConnection", columns: Iterable[TableColumn]) -> Iterator[str]:
    """Find columns with infinite numbers: no model can take them."""
    for column in columns:
        if column.type == "number" and not column.left_out:
            sql = f"SELECT count(*) FROM source WHERE isinf(CAST({quote(column.name)} AS DOUBLE))"
            ((n_infinite,),) = connection.execute(sql).fetchall()
            if n_infinite:
                yield f"{n_infinite} rows are infinite in {column.name}: leave them empty, or write a large number."


def find_cutoff(connection: "duckdb.DuckDBPyConnection", columns: Iterable[TableColumn]) -> date:
    """Return a date after all dates of the table ``source``; the first day of 2000 when it has none."""
    latest = []
    for column in columns:
        if column.type in ("date", "timestamp") and not column.left_out:
            value = f"CAST({quote(column.name)} AS DATE)"
            sql = f"SELECT CAST(max({value}) AS VARCHAR) FROM source WHERE {value} < DATE '{LAST_DATE}'"
            ((found,),) = connection.execute(sql).fetchall()
            latest += [date.fromisoformat(found)] if found else []
    return max(latest) + DAY if latest else date(2000, 1, 1)


def _judge(connection: "duckdb.DuckDBPyConnection", name: str, *, declared: str) -> TableColumn:
    kind = _find_type(connection, name, declared)
    if kind is None:
        return TableColumn(name=name, type="string", left_out=f"a {declared.lower()} is no feature")
    value = quote(name)
    ((n_rows, n_filled, n_values),) = connection.execute(
        f"SELECT count(*), count({value}), count(DISTINCT {value}) FROM source"
    ).fetchall()
    reason = ""
    if not n_filled:
        reason = "it is empty in every row"
    elif n_values + (n_filled < n_rows) == 1:
        reason = "it is the same in every row"
    elif kind == "string" and n_values > max(MANY_VALUES, n_filled / 2):
        reason = "most rows have a value of their own"
    elif kind == "number" and n_values == n_rows > MANY_VALUES and _is_id(connection, name, n_rows):
        reason = "it numbers the rows"
    elif kind == "number" and (example := _find_rounded(connection, name)):
        reason = f"a number keeps some 15 digits, and {example} would be rounded. If it is an id, leave it out"
    return TableColumn(name=name, type=kind, left_out=reason)


def _find_type(connection: "duckdb.DuckDBPyConnection", name: str, declared: str) -> ColumnType | None:
    """Return the type of a column; None when features cannot have it."""
    if declared == "VARCHAR":
        return _guess_type(connection, name)
    if re.fullmatch(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)", declared):
        return "number"
    if declared.startswith("TIMESTAMP"):
        return "timestamp"
    if declared.startswith("ENUM") or declared == "UUID":
        return "string"
    kinds: dict[str, ColumnType] = {"BOOLEAN": "boolean", "DATE": "date"}
    return kinds.get(declared)


def _guess_type(connection: "duckdb.DuckDBPyConnection", name: str) -> ColumnType:
    value = quote(name)
    for kind, (pattern, sql_type) in _WRITTEN.items():
        is_one = f"regexp_full_match({value}, '{pattern}') AND TRY_CAST({value} AS {sql_type}) IS NOT NULL"
        sql = f"SELECT bool_and({is_one}) FROM source WHERE {value} IS NOT NULL"
        ((all_are,),) = connection.execute(sql).fetchall()
        if all_are:
            return kind
    return "string"


def _is_id(connection: "duckdb.DuckDBPyConnection", name: str, n_rows: int) -> bool:
    """Say whether whole numbers, each once, count the rows or are called an id."""
    value = f"CAST({quote(name)} AS DOUBLE)"
    ((are_whole, spread),) = connection.execute(
        f"SELECT bool_and({value} = floor({value})), max({value}) - min({value}) FROM source"
    ).fetchall()
    return bool(are_whole) and (spread == n_rows - 1 or name.lower().endswith("id"))


def _find_rounded(connection: "duckdb.DuckDBPyConnection", name: str) -> str:
    """Return a whole number that no 64-bit float equals; empty when there is none."""
    text = f"CAST({quote(name)} AS VARCHAR)"
    whole = f"TRY_CAST({text} AS HUGEINT)"
    is_rounded = f"regexp_full_match({text}, '[+-]?[0-9]+') AND {whole} <> TRY_CAST(CAST({whole} AS DOUBLE) AS HUGEINT)"
    ((example,),) = connection.execute(f"SELECT min({whole}) FILTER (WHERE {is_rounded}) FROM source").fetchall()
    return "" if example is None else str(example)


def quote(name: str) -> str:
    """Quote the name of a column for SQL."""
    from yule.sql.quoting import quote_name

    return quote_name(name)
