"""What a downloaded value may be, as SQL of DuckDB: the same for every kind of source."""

from collections.abc import Iterator
from dataclasses import dataclass

from yule.downloads.settings import Column, Method, Query
from yule.downloads.sql import SQL_TYPES, quote_instant, quote_name

LARGEST = "1e24"
"""The largest number a column may hold: sums of millionths must fit into 128 bits, features into 32-bit floats."""


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """A way in which values may not be what is declared.

    Parameters
    ----------
    column
        Name of the column.
    condition
        True for rows at fault, as SQL.
    text
        How to say it behind a number of rows.
    """

    column: str
    condition: str
    text: str


def typed_sql(column: Column) -> str:
    """Return a column in its declared type as SQL; NULL where a value has none."""
    return f"TRY_CAST({quote_name(column.name)} AS {SQL_TYPES[column.type]})"


def text_sql(name: str) -> str:
    """Return a column as text, as SQL."""
    return f"CAST({quote_name(name)} AS VARCHAR)"


def value_sql(method: Method, column: Column) -> str:
    """Return the value that is downloaded as SQL; ``$pii_key`` is the key of digests.

    A digest is that of HMAC's nested form: nobody without the key can find a value by trying all.
    """
    value = typed_sql(column)
    if column.name == method.user:
        value = f"CAST({value} AS VARCHAR)"
    if column.pii == "hash":
        value = f"sha256($pii_key || sha256($pii_key || {value}))"
    # -0.0 becomes 0.0: they sort as equal, and the order of equal rows would show in the bytes.
    return f"CASE WHEN NOT isnan({value}) THEN {value} + 0.0 END" if column.type == "number" else value


def find_misfits(method: Method, column: Column) -> Iterator[Misfit]:
    """Yield what can be wrong with the values of a column."""
    name, typed = quote_name(column.name), typed_sql(column)
    if column.type != "string":
        wrong = f"{name} IS NOT NULL AND {typed} IS NULL"
        if column.type == "integer":
            double = f"TRY_CAST({name} AS DOUBLE)"
            wrong = f"({wrong} OR {typed} <> {double})"
            if column.name != method.user:  # pandas writes missing integers as NaN among 1.0, 2.0
                wrong += f" AND NOT coalesce(isnan({double}), false)"
        yield Misfit(column=column.name, condition=wrong, text=f"have no {column.type} in {column.name}")
    if column.type in ("timestamp", "date"):
        yield Misfit(column=column.name, condition=f"isinf({typed})", text=f"are infinite in {column.name}")
    if column.type == "number":
        too_large = f"NOT isnan({typed}) AND abs({typed}) > {LARGEST}"
        yield Misfit(column=column.name, condition=too_large, text=f"are beyond {LARGEST} in {column.name}")
    if column.name in (method.user, method.time):
        what = method.about.removesuffix("s") if column.name == method.user else "time"
        missing = f"coalesce({text_sql(column.name)}, '') = ''"
        yield Misfit(column=column.name, condition=missing, text=f"have no {what} in {column.name}")


def period_sql(query: Query) -> str:
    """Return the condition for rows of the asked-for period and users as SQL; ``$users`` is the list of users."""
    method = query.method
    conditions = ["true"]
    if method.time is not None:
        time = f"CAST({typed_sql(method.column(method.time))} AS TIMESTAMPTZ)"
        conditions += [f"{time} >= {quote_instant(query.since)}"] if query.since else []
        conditions += [f"{time} < {quote_instant(query.until)}"] if query.until else []
    if query.users is not None:
        user = f"CAST({typed_sql(method.column(method.user))} AS VARCHAR)"
        conditions.append(f"{user} IN (SELECT unnest($users))")
    return " AND ".join(conditions)
