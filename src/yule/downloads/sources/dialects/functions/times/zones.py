"""Time zones: civil times and the instants they are at."""

import re
from zoneinfo import ZoneInfo

from sqlglot import exp

from yule.downloads.sources.dialects.pieces import Call, text_literal

_ZONE_ADVICE = "the time zone must be 'UTC' or a name such as 'Asia/Tokyo', in quotes"


def read_zone(call: Call, node: exp.Expr) -> str | None:
    """Read a time zone; None, and a fault, if it is none that both databases know."""
    name = call.write(node).text
    try:
        if name == "UTC" or (name and re.fullmatch(r"[A-Za-z_]+(/[A-Za-z_+\-0-9]+)+", name) and ZoneInfo(name)):
            return name
    except (KeyError, ValueError, OSError):
        pass
    call.refuse(node, _ZONE_ADVICE)
    return None


def read_optional_zone(call: Call, index: int) -> str | None:
    """Read the time zone of an argument that may be left out, as for UTC."""
    return read_zone(call, call.args[index]) if len(call.args) > index else "UTC"


def write_local(instant: str, zone: str) -> str:
    """Write the civil time at an instant."""
    return f"timezone({text_literal(zone)}, {instant})"


def write_instant(civil: str, zone: str) -> str:
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
    return f"(epoch_us({write_local(f'make_timestamptz({instant})', zone)}) - ({instant}))"


def _reads(instant: str, zone: str) -> str:
    return f"(epoch_us({write_local(f'make_timestamptz({instant})', zone)}) = u)"
