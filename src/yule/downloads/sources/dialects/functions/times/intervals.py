"""Moments some INTERVAL later or earlier, and days at intervals."""

import re
from functools import partial

from sqlglot import exp

from yule.downloads.sources.dialects.casts import write_moment
from yule.downloads.sources.dialects.functions.making import written
from yule.downloads.sources.dialects.functions.times.parts import DAYS, MICROSECONDS, MONTHS, TIME_PARTS
from yule.downloads.sources.dialects.pieces import NOTHING, Call, Function, Kind, Piece, fail, guard

_CIVIL_PARTS = (*TIME_PARTS, "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
_DATE_PARTS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


def write_shift(call: Call, node: exp.Expr, interval: exp.Expr) -> Piece:
    """Write ``value + INTERVAL n part``, which makes a DATETIME of a DATE."""
    found, piece = _interval(call, interval, _CIVIL_PARTS), call.write(node)
    if found is None:
        return NOTHING
    n, part = found
    kinds: tuple[Kind, ...] = ("DATE", "DATETIME") if part in MONTHS else ("DATE", "DATETIME", "TIMESTAMP")
    if piece.kind not in (*kinds, "unknown"):
        return call.refuse(node, f"INTERVAL {part} is added to {', '.join(kinds)}: write CAST(value AS {kinds[-1]})")
    value = f"CAST({piece.sql} AS TIMESTAMP)" if piece.kind == "DATE" else piece.sql
    if piece.kind == "unknown":
        value = guard(piece.sql, kinds, then=piece.sql, message=f"INTERVAL {part} is added to {', '.join(kinds)}")
    if part in MONTHS:
        moved = f"({value} {call.name} to_months(CAST({n} * {MONTHS[part]} AS INTEGER)))"
    elif part in DAYS:
        moved = f"({value} {call.name} to_days(CAST({n} * {DAYS[part]} AS INTEGER)))"
    else:
        moved = f"({value} {call.name} to_microseconds({n} * {MICROSECONDS[part]}))"
    return Piece(_in_calendar(moved, "INTERVAL"), "DATETIME" if piece.kind == "DATE" else piece.kind)


def _shift(kind: Kind, parts: tuple[str, ...], sign: str, call: Call) -> Piece:
    """Write ``DATE_ADD(value, INTERVAL n part)`` and its like."""
    value, interval = write_moment(call, call.args[0], kind), call.args[1]
    found = _interval(call, interval, parts)
    if found is None:
        return NOTHING
    n, part = found
    if part in MONTHS:
        moved = f"({value} {sign} to_months(CAST({n} * {MONTHS[part]} AS INTEGER)))"
    elif kind == "DATE":
        moved = f"({value} {sign} CAST({n} * {DAYS[part]} AS INTEGER))"
    else:
        size = MICROSECONDS["DAY"] * 7 if part == "WEEK" else MICROSECONDS[part]
        moved = f"({value} {sign} to_microseconds({n} * {size}))"
    return Piece(_in_calendar(f"CAST({moved} AS DATE)" if kind == "DATE" else moved, call.name), kind)


def _interval(call: Call, interval: exp.Expr, parts: tuple[str, ...]) -> tuple[str, str] | None:
    """Read ``INTERVAL n PART``; None, and a fault, if it is none that is translated."""
    name = call.name if call.name.isidentifier() else "INTERVAL"
    if not isinstance(interval, exp.Interval) or not isinstance(interval.args.get("unit"), exp.Var):
        call.refuse(interval, f"{name} takes INTERVAL number PART, as in INTERVAL 7 DAY")
        return None
    part = interval.args["unit"].name.upper()
    if part not in parts:
        call.refuse(interval, f"{name} is translated for the parts {', '.join(parts)}")
        return None
    number = call.write(interval.this)
    if number.text is None:
        return number.sql, part
    if not re.fullmatch(r"[+-]?\d+", number.text):
        call.refuse(interval, "the number of an INTERVAL must be a whole number")
        return None
    return f"CAST({number.text} AS BIGINT)", part


def _in_calendar(moment: str, name: str) -> str:
    """Write a moment that fails where BigQuery does: outside of the years 1 to 9999."""
    outside = fail(f"{name}: outside of the years 1 to 9999")
    return f"CASE WHEN date_part('year', {moment}) NOT BETWEEN 1 AND 9999 THEN {outside} ELSE {moment} END"


def _generate_dates(call: Call) -> Piece:
    start, end = (write_moment(call, arg, "DATE") for arg in call.args[:2])
    step = "CAST(1 AS BIGINT)"
    if len(call.args) == 3:
        interval = call.args[2]
        part = interval.args["unit"].name.upper() if isinstance(interval, exp.Interval) else ""
        number = interval.this.name if isinstance(interval, exp.Interval) else ""
        if part not in DAYS or not re.fullmatch(r"[1-9]\d*", number):
            return call.refuse(
                interval, "GENERATE_DATE_ARRAY is translated for INTERVAL n DAY and INTERVAL n WEEK, n > 0"
            )
        step = f"CAST({int(number) * DAYS[part]} AS BIGINT)"
    days = f"generate_series(CAST(0 AS BIGINT), date_diff('day', {start}, {end}), {step})"
    return Piece(f"list_transform({days}, lambda yule_day: {start} + CAST(yule_day AS INTEGER))", "ARRAY")


INTERVALS: tuple[Function, ...] = (
    written("DATE_ADD(date, INTERVAL n PART)", (2, 2), partial(_shift, "DATE", _DATE_PARTS, "+")),
    written("DATE_SUB(date, INTERVAL n PART)", (2, 2), partial(_shift, "DATE", _DATE_PARTS, "-")),
    written("DATETIME_ADD(datetime, INTERVAL n PART)", (2, 2), partial(_shift, "DATETIME", _CIVIL_PARTS, "+")),
    written("DATETIME_SUB(datetime, INTERVAL n PART)", (2, 2), partial(_shift, "DATETIME", _CIVIL_PARTS, "-")),
    written(
        "TIMESTAMP_ADD(timestamp, INTERVAL n PART)", (2, 2), partial(_shift, "TIMESTAMP", tuple(MICROSECONDS), "+")
    ),
    written(
        "TIMESTAMP_SUB(timestamp, INTERVAL n PART)", (2, 2), partial(_shift, "TIMESTAMP", tuple(MICROSECONDS), "-")
    ),
    written("GENERATE_DATE_ARRAY(start, end[, INTERVAL n DAY | WEEK])", (2, 3), _generate_dates),
)
