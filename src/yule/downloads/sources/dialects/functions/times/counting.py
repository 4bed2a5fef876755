"""Numbers of moments: EXTRACT, units between two of them, and units since 1970."""

from functools import partial

from sqlglot import exp

from yule.downloads.sources.dialects.casts import write_moment
from yule.downloads.sources.dialects.functions.making import written
from yule.downloads.sources.dialects.functions.times.parts import DAY_PARTS, MICROSECONDS, TIME_PARTS, Part, read_part
from yule.downloads.sources.dialects.functions.times.truncating import write_floor
from yule.downloads.sources.dialects.functions.times.zones import read_zone, write_local
from yule.downloads.sources.dialects.pieces import NOTHING, Call, Function, Kind, Piece


def write_extract(call: Call, node: exp.Extract) -> Piece:
    """Write ``EXTRACT(part FROM value [AT TIME ZONE zone])``."""
    source, zone = node.expression, "UTC"
    if isinstance(source, exp.AtTimeZone):
        found = read_zone(call, source.args["zone"])
        if found is None:
            return NOTHING
        source, zone = source.this, found
    part = read_part(call, node.this, (*DAY_PARTS, *TIME_PARTS, "DAYOFWEEK", "DAYOFYEAR", "DATE", "DATETIME"))
    if part is None:
        return NOTHING
    piece = call.write(source)
    if piece.kind not in ("DATE", "DATETIME", "TIMESTAMP", "NULL", "unknown"):
        return call.refuse(source, f"EXTRACT from a {piece.kind} is not translated: write CAST(value AS TIMESTAMP)")
    civil = (
        f"CAST({piece.sql} AS TIMESTAMP)"
        if zone == "UTC"
        else write_local(write_moment(call, source, "TIMESTAMP"), zone)
    )
    return _extract(part, civil)


def _extract(part: Part, civil: str) -> Piece:
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


def _civil_diff(kind: Kind, parts: tuple[str, ...], call: Call) -> Piece:
    """Count the boundaries between two dates or datetimes."""
    part = read_part(call, call.args[2], parts)
    end, start = (write_moment(call, arg, kind) for arg in call.args[:2])
    if part is None:
        return NOTHING
    if part.name == "WEEK":
        return Piece(f"({_weeks(end, part.weekday)} - {_weeks(start, part.weekday)})", "INT64")
    if part.name == "ISOYEAR":
        return Piece(f"(date_part('isoyear', {end}) - date_part('isoyear', {start}))", "INT64")
    return Piece(f"date_diff('{part.name.lower()}', {start}, {end})", "INT64")


def _weeks(day: str, weekday: int) -> str:
    """Write the number of the week that a day is in, of weeks that begin on a weekday."""
    return f"CAST(floor(date_diff('day', DATE '2000-01-{2 + weekday:02}', {day}) / 7) AS BIGINT)"


def _timestamp_diff(call: Call) -> Piece:
    """Count the whole units between two instants."""
    part = read_part(call, call.args[2], tuple(MICROSECONDS))
    end, start = (write_moment(call, arg, "TIMESTAMP") for arg in call.args[:2])
    return Piece(f"((epoch_us({end}) - epoch_us({start})) // {MICROSECONDS[part.name]})", "INT64") if part else NOTHING


def _unix(size: int, call: Call) -> Piece:
    us = f"epoch_us({write_moment(call, call.args[0], 'TIMESTAMP')})"
    return Piece(us if size == 1 else f"({write_floor(us, size)} // {size})", "INT64")


def _unix_date(call: Call) -> Piece:
    return Piece(f"date_diff('day', DATE '1970-01-01', {write_moment(call, call.args[0], 'DATE')})", "INT64")


COUNTS: tuple[Function, ...] = (
    written("DATE_DIFF(end, start, PART)", (3, 3), partial(_civil_diff, "DATE", DAY_PARTS)),
    written("DATETIME_DIFF(end, start, PART)", (3, 3), partial(_civil_diff, "DATETIME", (*TIME_PARTS, *DAY_PARTS))),
    written("TIMESTAMP_DIFF(end, start, PART)", (3, 3), _timestamp_diff),
    written("UNIX_SECONDS(timestamp)", (1, 1), partial(_unix, 1_000_000)),
    written("UNIX_MILLIS(timestamp)", (1, 1), partial(_unix, 1_000)),
    written("UNIX_MICROS(timestamp)", (1, 1), partial(_unix, 1)),
    written("UNIX_DATE(date)", (1, 1), _unix_date),
)
