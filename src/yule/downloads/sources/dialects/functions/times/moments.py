"""DATE, DATETIME and TIMESTAMP, as functions."""

from zoneinfo import ZoneInfo

from yule.downloads.sources.dialects.casts import moment_literal, say_literal, write_cast, write_moment
from yule.downloads.sources.dialects.functions.making import plain, written
from yule.downloads.sources.dialects.functions.times.zones import read_optional_zone, write_instant, write_local
from yule.downloads.sources.dialects.pieces import NOTHING, Call, Function, Kind, Piece, guard


def _date(call: Call) -> Piece:
    if len(call.args) == 3:
        return Piece(f"make_date({', '.join(call.write(arg).sql for arg in call.args)})", "DATE")
    zone = read_optional_zone(call, 1)
    if zone is None:
        return NOTHING
    if len(call.args) == 2:
        return Piece(f"CAST({write_local(write_moment(call, call.args[0], 'TIMESTAMP'), zone)} AS DATE)", "DATE")
    return Piece(_from_moment(call, "DATE"), "DATE")


def _datetime(call: Call) -> Piece:
    if len(call.args) == 6:
        *parts, second = (call.write(arg).sql for arg in call.args)
        return Piece(f"make_timestamp({', '.join(parts)}, CAST({second} AS DOUBLE))", "DATETIME")
    if len(call.args) > 2:
        return call.refuse(
            call.node, "DATETIME takes year, month, day, hour, minute, second, or a value and a time zone"
        )
    zone = read_optional_zone(call, 1)
    if zone is None:
        return NOTHING
    if len(call.args) == 2:
        return Piece(write_local(write_moment(call, call.args[0], "TIMESTAMP"), zone), "DATETIME")
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
    zone = read_optional_zone(call, 1)
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
    return Piece(write_instant(civil, zone), "TIMESTAMP")


MOMENTS: tuple[Function, ...] = (
    written("DATE(year, month, day | value[, zone])", (1, 3), _date),
    written("DATETIME(year, month, day, hour, minute, second | value[, zone])", (1, 6), _datetime),
    written("TIMESTAMP(value[, zone])", (1, 2), _timestamp),
    plain("TIMESTAMP_SECONDS(number)", "make_timestamptz(CAST({0} AS BIGINT) * 1000000)", "TIMESTAMP"),
    plain("TIMESTAMP_MILLIS(number)", "make_timestamptz(CAST({0} AS BIGINT) * 1000)", "TIMESTAMP"),
    plain("TIMESTAMP_MICROS(number)", "make_timestamptz(CAST({0} AS BIGINT))", "TIMESTAMP"),
    plain("DATE_FROM_UNIX_DATE(number)", "(DATE '1970-01-01' + CAST({0} AS INTEGER))", "DATE"),
)
