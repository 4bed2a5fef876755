"""The beginnings and ends of the parts that moments lie in."""

from yule.downloads.sources.dialects.casts import write_moment
from yule.downloads.sources.dialects.functions.making import written
from yule.downloads.sources.dialects.functions.times.parts import (
    DAY_PARTS,
    MICROSECONDS,
    MONTHS,
    TIME_PARTS,
    Part,
    read_part,
)
from yule.downloads.sources.dialects.functions.times.zones import read_optional_zone, write_instant, write_local
from yule.downloads.sources.dialects.pieces import NOTHING, Call, Function, Piece


def _date_trunc(call: Call) -> Piece:
    part = read_part(call, call.args[1], DAY_PARTS)
    return Piece(_truncate_date(write_moment(call, call.args[0], "DATE"), part), "DATE") if part else NOTHING


def _datetime_trunc(call: Call) -> Piece:
    part = read_part(call, call.args[1], (*DAY_PARTS, *TIME_PARTS))
    civil = write_moment(call, call.args[0], "DATETIME")
    if part is None:
        return NOTHING
    if part.name in TIME_PARTS:
        return Piece(f"make_timestamp({write_floor(f'epoch_us({civil})', MICROSECONDS[part.name])})", "DATETIME")
    return Piece(f"CAST({_truncate_date(f'CAST({civil} AS DATE)', part)} AS TIMESTAMP)", "DATETIME")


def _timestamp_trunc(call: Call) -> Piece:
    part, zone = read_part(call, call.args[1], (*DAY_PARTS, *TIME_PARTS)), read_optional_zone(call, 2)
    instant = write_moment(call, call.args[0], "TIMESTAMP")
    if part is None or zone is None:
        return NOTHING
    civil = write_local(instant, zone)
    if part.name in TIME_PARTS:
        size = MICROSECONDS[part.name]
        rest = f"(((epoch_us({civil}) % {size}) + {size}) % {size})"
        return Piece(f"make_timestamptz(epoch_us({instant}) - {rest})", "TIMESTAMP")
    midnight = f"CAST({_truncate_date(f'CAST({civil} AS DATE)', part)} AS TIMESTAMP)"
    return Piece(write_instant(midnight, zone), "TIMESTAMP")


def _last_day(call: Call) -> Piece:
    parts = ("MONTH", "QUARTER", "YEAR", "WEEK", "ISOWEEK")
    part = read_part(call, call.args[1], parts) if len(call.args) == 2 else Part("MONTH")
    day = write_moment(call, call.args[0], "DATE")
    if part is None:
        return NOTHING
    if part.name == "WEEK":
        return Piece(f"({_truncate_date(day, part)} + 6)", "DATE")
    start = f"date_trunc('{part.name.lower()}', {day})"
    return Piece(f"last_day({start} + to_months({MONTHS[part.name] - 1}))", "DATE")


def _truncate_date(date: str, part: Part) -> str:
    if part.name == "DAY":
        return date
    if part.name == "WEEK":
        return f"({date} - CAST((date_part('dow', {date}) + {7 - part.weekday}) % 7 AS INTEGER))"
    if part.name == "ISOYEAR":
        fourth = f"make_date(date_part('isoyear', {date}), 1, 4)"
        return f"({fourth} - CAST(date_part('isodow', {fourth}) - 1 AS INTEGER))"
    return f"CAST(date_trunc('{part.name.lower()}', {date}) AS DATE)"


def write_floor(number: str, size: int) -> str:
    """Write the greatest multiple of a size up to a number, which may be negative."""
    return f"({number} - ((({number} % {size}) + {size}) % {size}))"


TRUNCATIONS: tuple[Function, ...] = (
    written("DATE_TRUNC(date, PART)", (2, 2), _date_trunc),
    written("DATETIME_TRUNC(datetime, PART)", (2, 2), _datetime_trunc),
    written("TIMESTAMP_TRUNC(timestamp, PART[, zone])", (2, 3), _timestamp_trunc),
    written("LAST_DAY(date[, PART])", (1, 2), _last_day),
)
