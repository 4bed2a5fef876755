"""Functions of dates and times, and EXTRACT.

A DATE is DuckDB's DATE, a DATETIME its TIMESTAMP, a TIMESTAMP its TIMESTAMPTZ. The session's time zone must be UTC.
"""

import re
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from sqlglot import exp

from yule.downloads.sources.dialects.casts import moment_literal, say_literal, write_cast, write_moment
from yule.downloads.sources.dialects.functions.making import literal_text, plain, written
from yule.downloads.sources.dialects.pieces import NOTHING, Call, Function, Kind, Piece, fail, guard, text_literal

_WEEKDAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
_DAY_PARTS = ("DAY", "WEEK", "ISOWEEK", "MONTH", "QUARTER", "YEAR", "ISOYEAR")
_MICROSECONDS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1_000,
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000,
}
_TIME_PARTS = tuple(part for part in _MICROSECONDS if part != "DAY")
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_DAYS = {"DAY": 1, "WEEK": 7}

_FORMATS = {
    **{letter: f"%{letter}" for letter in "YmdHMSjyaAbBpIGVuwUW%"},
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "D": "%m/%d/%y",
    "R": "%H:%M",
    "E6S": "%S.%f",
    "E3S": "%S.%g",
}
_PARSED = {"Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"[0-5]\d", "%": "%"}
_EXPANDED = {"F": "%Y-%m-%d", "T": "%H:%M:%S"}

_ZONE_ADVICE = "the time zone must be 'UTC' or a name such as 'Asia/Tokyo', in quotes"


@dataclass(frozen=True)
class _Part:
    """A part of a date or a time; for WEEK with the day it begins on, 0 = Sunday."""

    name: str
    weekday: int = 0


def write_extract(call: Call, node: exp.Extract) -> Piece:
    """Write ``EXTRACT(part FROM value [AT TIME ZONE zone])``."""
    source, zone = node.expression, "UTC"
    if isinstance(source, exp.AtTimeZone):
        found = _zone(call, source.args["zone"])
        if found is None:
            return NOTHING
        source, zone = source.this, found
    part = _part(call, node.this, (*_DAY_PARTS, *_TIME_PARTS, "DAYOFWEEK", "DAYOFYEAR", "DATE", "DATETIME"))
    if part is None:
        return NOTHING
    piece = call.write(source)
    if piece.kind not in ("DATE", "DATETIME", "TIMESTAMP", "NULL", "unknown"):
        return call.refuse(source, f"EXTRACT from a {piece.kind} is not translated: write CAST(value AS TIMESTAMP)")
    civil = (
        f"CAST({piece.sql} AS TIMESTAMP)" if zone == "UTC" else _local(write_moment(call, source, "TIMESTAMP"), zone)
    )
    return _extract(part, civil)


def _extract(part: _Part, civil: str) -> Piece:
    if part.name in ("DATE", "DATETIME"):
        return Piece(f"CAST({civil} AS {'DATE' if part.name == 'DATE' else 'TIMESTAMP'})", _kind(part.name))
    if part.name == "WEEK":
        since = f"((date_part('dow', {civil}) + {7 - part.weekday}) % 7)"
        return Piece(f"((date_part('doy', {civil}) + 6 - {since}) // 7)", "INT64")
    if part.name == "DAYOFWEEK":
        return Piece(f"(date_part('dow', {civil}) + 1)", "INT64")
    if part.name in ("MILLISECOND", "MICROSECOND"):
        size = 1_000 if part.name == "MILLISECOND" else 1_000_000
        return Piece(f"(date_part('{part.name.lower()}', {civil}) % {size})", "INT64")
    name = {"ISOWEEK": "week", "DAYOFYEAR": "doy"}.get(part.name, part.name.lower())
    return Piece(f"date_part('{name}', {civil})", "INT64")


def _kind(name: str) -> Kind:
    return "DATE" if name == "DATE" else "DATETIME"


def _part(call: Call, node: exp.Expr, allowed: tuple[str, ...]) -> _Part | None:
    """Read a part such as DAY or WEEK(MONDAY); None, and a fault, if it is not one of those allowed."""
    name, inside = node.name.upper(), ""
    if isinstance(node, exp.Anonymous) and len(node.expressions) == 1:
        inside = node.expressions[0].name.upper()
    if isinstance(node, exp.Column | exp.Var | exp.Anonymous) and name in allowed:
        if name == "WEEK" and inside in _WEEKDAYS:
            return _Part("WEEK", _WEEKDAYS.index(inside))
        if not inside and not isinstance(node, exp.Anonymous):
            return _Part("WEEK", 1) if name == "ISOWEEK" and call.name != "EXTRACT" else _Part(name)
    call.refuse(node, f"{call.name} is translated for the parts {', '.join(allowed)}")
    return None


def _zone(call: Call, node: exp.Expr) -> str | None:
    """Read a time zone; None, and a fault, if it is none that both databases know."""
    name = call.write(node).text
    try:
        if name == "UTC" or (name and re.fullmatch(r"[A-Za-z_]+(/[A-Za-z_+\-0-9]+)+", name) and ZoneInfo(name)):
            return name
    except (KeyError, ValueError, OSError):
        pass
    call.refuse(node, _ZONE_ADVICE)
    return None


def _optional_zone(call: Call, index: int) -> str | None:
    return _zone(call, call.args[index]) if len(call.args) > index else "UTC"


def _local(instant: str, zone: str) -> str:
    """Write the civil time at an instant."""
    return f"timezone({text_literal(zone)}, {instant})"


def _instant(civil: str, zone: str) -> str:
    """Write the instant of a civil time.

    Of an hour that comes twice it is the first; one that does not exist is counted on from the offset before: BigQuery
    does so, and DuckDB does not. The offsets a day before and a day after are tried, in this order.
    """
    if zone == "UTC":
        return f"CAST({civil} AS TIMESTAMPTZ)"
    before = f"(u - {_offset('u - 86400000000', zone)})"
    after = f"(u - {_offset('u + 86400000000', zone)})"
    chosen = f"CASE WHEN {_reads(before, zone)} OR NOT {_reads(after, zone)} THEN {before} ELSE {after} END"
    return f"make_timestamptz(list_transform([epoch_us({civil})], lambda u: {chosen})[1])"


def _offset(instant: str, zone: str) -> str:
    return f"(epoch_us({_local(f'make_timestamptz({instant})', zone)}) - ({instant}))"


def _reads(instant: str, zone: str) -> str:
    return f"(epoch_us({_local(f'make_timestamptz({instant})', zone)}) = u)"


def _truncate_date(date: str, part: _Part) -> str:
    if part.name == "DAY":
        return date
    if part.name == "WEEK":
        return f"({date} - CAST((date_part('dow', {date}) + {7 - part.weekday}) % 7 AS INTEGER))"
    if part.name == "ISOYEAR":
        fourth = f"make_date(date_part('isoyear', {date}), 1, 4)"
        return f"({fourth} - CAST(date_part('isodow', {fourth}) - 1 AS INTEGER))"
    return f"CAST(date_trunc('{part.name.lower()}', {date}) AS DATE)"


def _date_trunc(call: Call) -> Piece:
    part = _part(call, call.args[1], _DAY_PARTS)
    return Piece(_truncate_date(write_moment(call, call.args[0], "DATE"), part), "DATE") if part else NOTHING


def _datetime_trunc(call: Call) -> Piece:
    part = _part(call, call.args[1], (*_DAY_PARTS, *_TIME_PARTS))
    civil = write_moment(call, call.args[0], "DATETIME")
    if part is None:
        return NOTHING
    if part.name in _TIME_PARTS:
        return Piece(f"make_timestamp({_floor(f'epoch_us({civil})', _MICROSECONDS[part.name])})", "DATETIME")
    return Piece(f"CAST({_truncate_date(f'CAST({civil} AS DATE)', part)} AS TIMESTAMP)", "DATETIME")


def _timestamp_trunc(call: Call) -> Piece:
    part, zone = _part(call, call.args[1], (*_DAY_PARTS, *_TIME_PARTS)), _optional_zone(call, 2)
    instant = write_moment(call, call.args[0], "TIMESTAMP")
    if part is None or zone is None:
        return NOTHING
    civil = _local(instant, zone)
    if part.name in _TIME_PARTS:
        size = _MICROSECONDS[part.name]
        rest = f"(((epoch_us({civil}) % {size}) + {size}) % {size})"
        return Piece(f"make_timestamptz(epoch_us({instant}) - {rest})", "TIMESTAMP")
    midnight = f"CAST({_truncate_date(f'CAST({civil} AS DATE)', part)} AS TIMESTAMP)"
    return Piece(_instant(midnight, zone), "TIMESTAMP")


def _floor(number: str, size: int) -> str:
    return f"({number} - ((({number} % {size}) + {size}) % {size}))"


def _weeks(day: str, weekday: int) -> str:
    """Write the number of the week that a day is in, of weeks that begin on a weekday."""
    return f"CAST(floor(date_diff('day', DATE '2000-01-{2 + weekday:02}', {day}) / 7) AS BIGINT)"


def _civil_diff(kind: Kind, parts: tuple[str, ...], call: Call) -> Piece:
    """Count the boundaries between two dates or datetimes."""
    part = _part(call, call.args[2], parts)
    end, start = (write_moment(call, arg, kind) for arg in call.args[:2])
    if part is None:
        return NOTHING
    if part.name == "WEEK":
        return Piece(f"({_weeks(end, part.weekday)} - {_weeks(start, part.weekday)})", "INT64")
    if part.name == "ISOYEAR":
        return Piece(f"(date_part('isoyear', {end}) - date_part('isoyear', {start}))", "INT64")
    return Piece(f"date_diff('{part.name.lower()}', {start}, {end})", "INT64")


def _timestamp_diff(call: Call) -> Piece:
    """Count the whole units between two instants."""
    part = _part(call, call.args[2], tuple(_MICROSECONDS))
    end, start = (write_moment(call, arg, "TIMESTAMP") for arg in call.args[:2])
    return Piece(f"((epoch_us({end}) - epoch_us({start})) // {_MICROSECONDS[part.name]})", "INT64") if part else NOTHING


def _shift(kind: Kind, parts: tuple[str, ...], sign: str, call: Call) -> Piece:
    """Write ``DATE_ADD(value, INTERVAL n part)`` and its like."""
    value, interval = write_moment(call, call.args[0], kind), call.args[1]
    found = _interval(call, interval, parts)
    if found is None:
        return NOTHING
    n, part = found
    if part in _MONTHS:
        moved = f"({value} {sign} to_months(CAST({n} * {_MONTHS[part]} AS INTEGER)))"
    elif kind == "DATE":
        moved = f"({value} {sign} CAST({n} * {_DAYS[part]} AS INTEGER))"
    else:
        size = _MICROSECONDS["DAY"] * 7 if part == "WEEK" else _MICROSECONDS[part]
        moved = f"({value} {sign} to_microseconds({n} * {size}))"
    return Piece(_in_calendar(f"CAST({moved} AS DATE)" if kind == "DATE" else moved, call.name), kind)


def write_shift(call: Call, node: exp.Expr, interval: exp.Expr) -> Piece:
    """Write ``value + INTERVAL n part``, which makes a DATETIME of a DATE."""
    found, piece = _interval(call, interval, _CIVIL_PARTS), call.write(node)
    if found is None:
        return NOTHING
    n, part = found
    kinds: tuple[Kind, ...] = ("DATE", "DATETIME") if part in _MONTHS else ("DATE", "DATETIME", "TIMESTAMP")
    if piece.kind not in (*kinds, "unknown"):
        return call.refuse(node, f"INTERVAL {part} is added to {', '.join(kinds)}: write CAST(value AS {kinds[-1]})")
    value = f"CAST({piece.sql} AS TIMESTAMP)" if piece.kind == "DATE" else piece.sql
    if piece.kind == "unknown":
        value = guard(piece.sql, kinds, then=piece.sql, message=f"INTERVAL {part} is added to {', '.join(kinds)}")
    if part in _MONTHS:
        moved = f"({value} {call.name} to_months(CAST({n} * {_MONTHS[part]} AS INTEGER)))"
    elif part in _DAYS:
        moved = f"({value} {call.name} to_days(CAST({n} * {_DAYS[part]} AS INTEGER)))"
    else:
        moved = f"({value} {call.name} to_microseconds({n} * {_MICROSECONDS[part]}))"
    return Piece(_in_calendar(moved, "INTERVAL"), "DATETIME" if piece.kind == "DATE" else piece.kind)


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


def _date(call: Call) -> Piece:
    if len(call.args) == 3:
        return Piece(f"make_date({', '.join(call.write(arg).sql for arg in call.args)})", "DATE")
    zone = _optional_zone(call, 1)
    if zone is None:
        return NOTHING
    if len(call.args) == 2:
        return Piece(f"CAST({_local(write_moment(call, call.args[0], 'TIMESTAMP'), zone)} AS DATE)", "DATE")
    return Piece(_from_moment(call, "DATE"), "DATE")


def _datetime(call: Call) -> Piece:
    if len(call.args) == 6:
        *parts, second = (call.write(arg).sql for arg in call.args)
        return Piece(f"make_timestamp({', '.join(parts)}, CAST({second} AS DOUBLE))", "DATETIME")
    if len(call.args) > 2:
        return call.refuse(
            call.node, "DATETIME takes year, month, day, hour, minute, second, or a value and a time zone"
        )
    zone = _optional_zone(call, 1)
    if zone is None:
        return NOTHING
    if len(call.args) == 2:
        return Piece(_local(write_moment(call, call.args[0], "TIMESTAMP"), zone), "DATETIME")
    return Piece(_from_moment(call, "DATETIME"), "DATETIME")


def _from_moment(call: Call, kind: Kind) -> str:
    """Write the only argument, a DATE, DATETIME or TIMESTAMP, as a DATE or DATETIME."""
    piece = call.write(call.args[0])
    if piece.text is not None:
        literal = moment_literal(piece.text, kind)
        return literal or call.refuse(call.args[0], say_literal(piece.text, kind)).sql
    if piece.kind in ("STRING", "INT64", "FLOAT64", "BOOL"):
        return call.refuse(
            call.args[0], f"{call.name} of a {piece.kind} is not translated: write CAST(text AS {kind})"
        ).sql
    cast = f"CAST({piece.sql} AS {'DATE' if kind == 'DATE' else 'TIMESTAMP'})"
    if piece.kind != "unknown":
        return cast
    message = f"{call.name} of a text is not translated: write CAST(text AS {kind})"
    return guard(piece.sql, ("DATE", "DATETIME", "TIMESTAMP"), then=cast, message=message)


def _timestamp(call: Call) -> Piece:
    piece = call.write(call.args[0])
    zone = _optional_zone(call, 1)
    if zone is None:
        return NOTHING
    if piece.text is not None:
        literal = moment_literal(piece.text, "TIMESTAMP", ZoneInfo(zone))
        return (
            Piece(literal, "TIMESTAMP") if literal else call.refuse(call.args[0], say_literal(piece.text, "TIMESTAMP"))
        )
    if zone == "UTC":
        return Piece(write_cast(piece, "TIMESTAMP", is_safe=False), "TIMESTAMP")
    if piece.kind not in ("DATE", "DATETIME", "unknown"):
        return call.refuse(call.args[0], "TIMESTAMP with a time zone is translated for a DATE or DATETIME")
    civil = f"CAST({piece.sql} AS TIMESTAMP)"
    if piece.kind == "unknown":
        civil = guard(
            piece.sql, ("DATE", "DATETIME"), then=civil, message="TIMESTAMP with a zone takes a DATE or DATETIME"
        )
    return Piece(_instant(civil, zone), "TIMESTAMP")


def _format(kind: Kind, call: Call) -> Piece:
    form = literal_text(call, 0, "the format")
    zone = _optional_zone(call, 2)
    value = write_moment(call, call.args[1], kind)
    if form is None or zone is None:
        return NOTHING
    written_form = ""
    for element in re.findall(r"%E\dS|%E\*S|%.|[^%]+|%", form, re.DOTALL):
        known = _FORMATS.get(element[1:]) if element.startswith("%") else element
        if known is None or (kind == "DATE" and element[1:] in ("H", "M", "S", "T", "R", "E6S", "E3S", "I", "p")):
            return call.refuse(call.args[0], f"{element} is not translated in {call.name}: of % only {_list(_FORMATS)}")
        written_form += known
    civil = _local(value, zone) if kind == "TIMESTAMP" else value
    return Piece(f"strftime({civil}, {text_literal(written_form)})", "STRING")


def _parse(kind: Kind, call: Call) -> Piece:
    """Write PARSE_DATE and its like, for texts of fixed width: of others the two databases read some differently."""
    form = literal_text(call, 0, "the format")
    zone = _optional_zone(call, 2)
    if form is None or zone is None:
        return NOTHING
    expanded = re.sub(r"%([FT])", lambda found: _EXPANDED[found[1]], form)
    pattern, elements = "", re.findall(r"%.|[^%]+|%", expanded, re.DOTALL)
    for element in elements:
        known = _PARSED.get(element[1:]) if element.startswith("%") else re.escape(element)
        if known is None or (kind == "DATE" and element in ("%H", "%M", "%S")):
            return call.refuse(
                call.args[0], f"{element} is not translated in {call.name}: of % only F T {_list(_PARSED)}"
            )
        pattern += known
    if any(elements.count(part) != 1 for part in ("%Y", "%m", "%d")) or any(
        elements.count(part) > 1 for part in ("%H", "%M", "%S")
    ):
        return call.refuse(
            call.args[0], f"the format of {call.name} must say the year, the month and the day, each once"
        )
    text = call.write(call.args[1]).sql
    otherwise = fail(f"{call.name}: a text is not as the format says, with all its zeros")
    parsed = f"strptime({text}, {text_literal(expanded)})"
    checked = f"CASE WHEN NOT regexp_full_match({text}, {text_literal(pattern)}) THEN {otherwise} ELSE {parsed} END"
    if kind == "TIMESTAMP":
        return Piece(_instant(checked, zone), kind)
    return Piece(f"CAST({checked} AS {'DATE' if kind == 'DATE' else 'TIMESTAMP'})", kind)


def _list(formats: dict[str, str]) -> str:
    return " ".join(formats)


def _unix(size: int, call: Call) -> Piece:
    us = f"epoch_us({write_moment(call, call.args[0], 'TIMESTAMP')})"
    return Piece(us if size == 1 else f"({_floor(us, size)} // {size})", "INT64")


def _unix_date(call: Call) -> Piece:
    return Piece(f"date_diff('day', DATE '1970-01-01', {write_moment(call, call.args[0], 'DATE')})", "INT64")


def _last_day(call: Call) -> Piece:
    parts = ("MONTH", "QUARTER", "YEAR", "WEEK", "ISOWEEK")
    part = _part(call, call.args[1], parts) if len(call.args) == 2 else _Part("MONTH")
    day = write_moment(call, call.args[0], "DATE")
    if part is None:
        return NOTHING
    if part.name == "WEEK":
        return Piece(f"({_truncate_date(day, part)} + 6)", "DATE")
    start = f"date_trunc('{part.name.lower()}', {day})"
    return Piece(f"last_day({start} + to_months({_MONTHS[part.name] - 1}))", "DATE")


def _generate_dates(call: Call) -> Piece:
    start, end = (write_moment(call, arg, "DATE") for arg in call.args[:2])
    step = "CAST(1 AS BIGINT)"
    if len(call.args) == 3:
        interval = call.args[2]
        part = interval.args["unit"].name.upper() if isinstance(interval, exp.Interval) else ""
        number = interval.this.name if isinstance(interval, exp.Interval) else ""
        if part not in _DAYS or not re.fullmatch(r"[1-9]\d*", number):
            return call.refuse(
                interval, "GENERATE_DATE_ARRAY is translated for INTERVAL n DAY and INTERVAL n WEEK, n > 0"
            )
        step = f"CAST({int(number) * _DAYS[part]} AS BIGINT)"
    days = f"generate_series(CAST(0 AS BIGINT), date_diff('day', {start}, {end}), {step})"
    return Piece(f"list_transform({days}, lambda yule_day: {start} + CAST(yule_day AS INTEGER))", "ARRAY")


_CIVIL_PARTS = (*_TIME_PARTS, "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
_DATE_PARTS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")

TIMES: tuple[Function, ...] = (
    written("DATE(year, month, day | value[, zone])", (1, 3), _date),
    written("DATETIME(year, month, day, hour, minute, second | value[, zone])", (1, 6), _datetime),
    written("TIMESTAMP(value[, zone])", (1, 2), _timestamp),
    written("DATE_ADD(date, INTERVAL n PART)", (2, 2), partial(_shift, "DATE", _DATE_PARTS, "+")),
    written("DATE_SUB(date, INTERVAL n PART)", (2, 2), partial(_shift, "DATE", _DATE_PARTS, "-")),
    written("DATETIME_ADD(datetime, INTERVAL n PART)", (2, 2), partial(_shift, "DATETIME", _CIVIL_PARTS, "+")),
    written("DATETIME_SUB(datetime, INTERVAL n PART)", (2, 2), partial(_shift, "DATETIME", _CIVIL_PARTS, "-")),
    written(
        "TIMESTAMP_ADD(timestamp, INTERVAL n PART)", (2, 2), partial(_shift, "TIMESTAMP", tuple(_MICROSECONDS), "+")
    ),
    written(
        "TIMESTAMP_SUB(timestamp, INTERVAL n PART)", (2, 2), partial(_shift, "TIMESTAMP", tuple(_MICROSECONDS), "-")
    ),
    written("DATE_DIFF(end, start, PART)", (3, 3), partial(_civil_diff, "DATE", _DAY_PARTS)),
    written("DATETIME_DIFF(end, start, PART)", (3, 3), partial(_civil_diff, "DATETIME", (*_TIME_PARTS, *_DAY_PARTS))),
    written("TIMESTAMP_DIFF(end, start, PART)", (3, 3), _timestamp_diff),
    written("DATE_TRUNC(date, PART)", (2, 2), _date_trunc),
    written("DATETIME_TRUNC(datetime, PART)", (2, 2), _datetime_trunc),
    written("TIMESTAMP_TRUNC(timestamp, PART[, zone])", (2, 3), _timestamp_trunc),
    written("LAST_DAY(date[, PART])", (1, 2), _last_day),
    written("FORMAT_DATE('format', date)", (2, 2), partial(_format, "DATE")),
    written("FORMAT_DATETIME('format', datetime)", (2, 2), partial(_format, "DATETIME")),
    written("FORMAT_TIMESTAMP('format', timestamp[, zone])", (2, 3), partial(_format, "TIMESTAMP")),
    written("PARSE_DATE('format', text)", (2, 2), partial(_parse, "DATE")),
    written("PARSE_DATETIME('format', text)", (2, 2), partial(_parse, "DATETIME")),
    written("PARSE_TIMESTAMP('format', text[, zone])", (2, 3), partial(_parse, "TIMESTAMP")),
    written("UNIX_SECONDS(timestamp)", (1, 1), partial(_unix, 1_000_000)),
    written("UNIX_MILLIS(timestamp)", (1, 1), partial(_unix, 1_000)),
    written("UNIX_MICROS(timestamp)", (1, 1), partial(_unix, 1)),
    written("UNIX_DATE(date)", (1, 1), _unix_date),
    plain("TIMESTAMP_SECONDS(number)", "make_timestamptz(CAST({0} AS BIGINT) * 1000000)", "TIMESTAMP"),
    plain("TIMESTAMP_MILLIS(number)", "make_timestamptz(CAST({0} AS BIGINT) * 1000)", "TIMESTAMP"),
    plain("TIMESTAMP_MICROS(number)", "make_timestamptz(CAST({0} AS BIGINT))", "TIMESTAMP"),
    plain("DATE_FROM_UNIX_DATE(number)", "(DATE '1970-01-01' + CAST({0} AS INTEGER))", "DATE"),
    written("GENERATE_DATE_ARRAY(start, end[, INTERVAL n DAY | WEEK])", (2, 3), _generate_dates),
)
