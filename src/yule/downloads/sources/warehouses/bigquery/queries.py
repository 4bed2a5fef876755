"""The SQL that BigQuery is asked: which columns, which rows, and their values as typed parameters, never as text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from yule.core.errors import DataError
from yule.downloads.settings import DAY, BigQuerySource, Method
from yule.downloads.specs import FIRST_INSTANT, LAST_INSTANT, Query
from yule.sql.columns import ColumnType

Scalar: TypeAlias = str | int | float | bool | date | datetime

MAX_USERS = 100_000
"""Users that are sent along: a request holds 10 MB. Of more users the rows are sorted out where they arrive."""

PSEUDO_COLUMNS = {"_PARTITIONDATE": "DATE", "_PARTITIONTIME": "TIMESTAMP", "_TABLE_SUFFIX": "STRING"}
"""Columns by which BigQuery itself keeps tables apart; they are in no schema."""

PARAMETER_TYPES: dict[ColumnType, str] = {
    "string": "STRING",
    "integer": "INT64",
    "number": "FLOAT64",
    "boolean": "BOOL",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}

_JSON_TYPES = ("JSON", "STRUCT", "ARRAY", "RANGE")
_TEXT_TYPES = ("TIME", "INTERVAL", "NUMERIC", "BIGNUMERIC")  # Arrow and DuckDB have none that is as wide
_CLOCK_CHANGE = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Value:
    """The value of ``@name``.

    Parameters
    ----------
    name
        Its name.
    type
        Its type in BigQuery.
    value
        The value; a tuple for an array.
    """

    name: str
    type: str
    value: Scalar | tuple[Scalar, ...]


def table_name(settings: BigQuerySource, method: Method) -> str:
    """Return the name of a method's table with its project and data set.

    Raises
    ------
    DataError
        If the data set is not known.
    """
    parts = method.table.rsplit(".", 2)
    if not all(parts) or re.search(r"[`\\\s]", method.table):
        raise DataError(
            f"downloads/{method.name}.yaml: `table` is {method.table!r}; write TABLE, DATASET.TABLE or "
            "PROJECT.DATASET.TABLE."
        )
    if len(parts) == 1:
        if settings.dataset is None:
            raise DataError(
                f"downloads/{method.name}.yaml: `table` is {method.table!r}, without its data set; write "
                f"DATASET.{method.table}, or give the source {method.source!r} a `dataset` in project.yaml."
            )
        parts = [*settings.dataset.rsplit(".", 1), *parts]  # of another project's data too
    return ".".join(parts if len(parts) == 3 else [settings.project, *parts])


def rows_sql(settings: BigQuerySource, method: Method) -> str:
    """Return all rows of a method as SQL: its table, or what people wrote in brackets."""
    written = method.sql.get("bigquery")
    if written is not None:
        return f"(\n{written.strip().rstrip(';')}\n)"
    if not method.table:
        raise DataError(
            f"downloads/{method.name}.yaml: there is neither a `table` nor SQL for BigQuery; write `table`, or the "
            f"file downloads/{method.name}.sql."
        )
    return quote_name(table_name(settings, method))


def select_sql(query: Query, rows: str, types: Mapping[str, str]) -> tuple[str, tuple[Value, ...]]:
    """Return the query, and the values of its parameters.

    It never leaves out a row of the period. Times that do not say their zone are looked for an hour, and days a day,
    around it: no two engines agree on the hours when clocks change. The rest is dropped where the rows arrive.

    Parameters
    ----------
    query
        What is wanted.
    rows
        Where from (see :func:`rows_sql`).
    types
        The columns there are, and their types in BigQuery.
    """
    method = query.method
    conditions = [*_when(query, types), *_where_partition(query, types)]
    # A text is made a number where the rows arrive: "007" may be the user 7.
    is_text = types.get(method.user) == "STRING" and method.column(method.user).type != "string"
    if query.users is not None and len(query.users) <= MAX_USERS and not is_text:
        name = quote_name(method.user)
        user = name if types[method.user] == "STRING" else f"CAST({name} AS STRING)"
        users = Value(name="yule_users", type="STRING", value=query.users)
        conditions.append((f"{user} IN UNNEST(@yule_users)", [users]))
    columns = ", ".join(f"{_select(query, name, types[name])} AS {quote_name(name)}" for name in query.needed_columns)
    where = "\n  AND ".join(condition for condition, _ in conditions)
    sql = f"SELECT {columns}\nFROM {rows}{f'{chr(10)}WHERE {where}' if where else ''}"
    return sql, (*written_values(query), *(value for _, values in conditions for value in values))


def written_values(query: Query) -> tuple[Value, ...]:
    """Return the values of those parameters that the SQL which people wrote uses."""
    written = query.method.sql.get("bigquery", "")
    types = query.method.parameter_types
    return tuple(
        Value(name=name, type=PARAMETER_TYPES[types[name]], value=value)
        for name, value in query.values().items()
        if re.search(rf"@{re.escape(name)}\b", written, re.IGNORECASE)
    )


def quote_name(name: str) -> str:
    r"""Quote the name of a column or table.

    >>> quote_name("net sales")
    '`net sales`'
    """
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def _select(query: Query, name: str, kind: str) -> str:
    """Return a column as SQL: as it is, unless Arrow has nothing for it or engines write it differently as text."""
    quoted, declared = quote_name(name), query.method.column(name)
    is_text = name == query.method.user or declared.type == "string"
    if kind in _JSON_TYPES:
        return f"TO_JSON_STRING({quoted})"
    if kind == "GEOGRAPHY":
        return f"ST_ASTEXT({quoted})"
    if kind.endswith("NUMERIC") and declared.type == "number" and not is_text:
        return f"CAST({quoted} AS FLOAT64)"
    is_written = kind in _TEXT_TYPES or (name == query.method.user and kind not in ("STRING", "INT64"))
    return f"CAST({quoted} AS STRING)" if is_written else quoted


def selected_type(query: Query, name: str, kind: str) -> str:
    """Return the type in BigQuery of what is selected."""
    selected = _select(query, name, kind)
    if selected == quote_name(name):
        return kind
    return "FLOAT64" if selected.endswith("AS FLOAT64)") else "STRING"


def _when(query: Query, types: Mapping[str, str]) -> Iterator[tuple[str, Sequence[Value]]]:
    """Yield the conditions on the time."""
    method = query.method
    if method.time is None:
        return
    name, kind = quote_name(method.time), types[method.time]
    is_known = kind in ("TIMESTAMP", "DATETIME", "DATE")
    is_exact = kind == "TIMESTAMP" or (is_known and method.time_zone == "UTC")
    margin = timedelta() if is_exact else _CLOCK_CHANGE if is_known else DAY
    # The instant of a date is its midnight: what happens on it comes up to a day, and a change of clocks, later.
    is_midnight = method.column(method.time).type == "date" and kind != "DATE"
    bounds = (
        (">=", "yule_since", _limited(query.since), -margin),
        ("<", "yule_until", _limited(query.until), margin + (2 * DAY if is_midnight else timedelta())),
    )
    for sign, bound, instant, shift in bounds:
        if instant is None:
            continue
        if is_known:
            local = _localise(instant + shift, kind, ZoneInfo(method.time_zone))
            yield f"{name} {sign} @{bound}", [Value(name=bound, type=kind, value=local)]
        else:  # texts; what is no time is reported where it arrives
            condition = f"IFNULL(SAFE_CAST({name} AS TIMESTAMP) {sign} @{bound}, TRUE)"
            yield condition, [Value(name=bound, type="TIMESTAMP", value=instant + shift)]


def _where_partition(query: Query, types: Mapping[str, str]) -> Iterator[tuple[str, Sequence[Value]]]:
    """Yield the conditions on the column by which the table is partitioned, so that no other days are read."""
    days = query.method.days
    if days is None or days.column is None or days.column == query.method.time:
        return
    kind = types.get(days.column) or PSEUDO_COLUMNS.get(days.column)
    if kind is None:  # SQL that people wrote uses @since and @until itself
        return
    name = quote_name(days.column) if days.column in types else days.column
    since, until = _limited(query.since), _limited(query.until)
    if since:
        first = since.astimezone(UTC).date() - DAY
        yield f"{name} >= @yule_first", [Value(name="yule_first", type=kind, value=_as_day(first, kind))]
    if until:
        behind = until.astimezone(UTC).date() + (days.late_days + 2) * DAY
        yield f"{name} < @yule_behind", [Value(name="yule_behind", type=kind, value=_as_day(behind, kind))]


def _limited(instant: datetime | None) -> datetime | None:
    """Return a bound; None for one that is at the end of the calendar, where there is nothing to add or take off."""
    return instant if instant is not None and FIRST_INSTANT + 400 * DAY < instant < LAST_INSTANT - 400 * DAY else None


def _localise(instant: datetime, kind: str, zone: ZoneInfo) -> date:
    """Return an instant as a value of a type of BigQuery; a date is the first that does not begin before it."""
    if kind == "TIMESTAMP":
        return instant
    local = instant.astimezone(zone).replace(tzinfo=None)
    if kind == "DATETIME":
        return local
    return local.date() + (timedelta() if local.time() == time() else DAY)


def _as_day(day: date, kind: str) -> Scalar:
    match kind:
        case "TIMESTAMP":
            return datetime.combine(day, time(), UTC)
        case "DATETIME":
            return datetime.combine(day, time())
        case "STRING":  # tables named by the day
            return f"{day:%Y%m%d}"
        case _:
            return day
