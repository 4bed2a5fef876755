"""CAST, SAFE_CAST and literals of dates and times."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from sqlglot import exp

from yule.downloads.sources.dialects.pieces import DUCKDB_TYPES, TYPEOF, Call, Kind, Piece, fail, guard, text_literal

TARGETS: dict[exp.DType, Kind] = {
    exp.DType.BIGINT: "INT64",
    exp.DType.DOUBLE: "FLOAT64",
    exp.DType.DECIMAL: "NUMERIC",
    exp.DType.TEXT: "STRING",
    exp.DType.BOOLEAN: "BOOL",
    exp.DType.DATE: "DATE",
    exp.DType.TIMESTAMP: "DATETIME",
    exp.DType.TIMESTAMPTZ: "TIMESTAMP",
}

_DATE = r"(?:[1-9]\d{3}|0[1-9]\d\d|00[1-9]\d|000[1-9])-\d{1,2}-\d{1,2}"
_DATETIME = _DATE + r"([ Tt]\d{1,2}:\d{1,2}:\d{1,2}(\.\d{1,6})?)?"
_PATTERNS: dict[str, str] = {
    "INT64": r"\s*[+-]?\d+\s*",
    "FLOAT64": r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*",
    "NUMERIC": r"[+-]?\d{1,29}(\.\d{0,9})?",
    "BOOL": r"(?i:true|false)",
    "DATE": _DATE,
    "DATETIME": _DATETIME,
    "TIMESTAMP": _DATETIME + r"([Zz]|[+-]\d{2}(:\d{2})?)?",
}
"""Texts that BigQuery and DuckDB read alike. Others fail: BigQuery may know some of them."""

_MAYBE: dict[str, str] = {
    "INT64": r"(?i)^\s*[+-]?0x[0-9a-f]+\s*$",
    "FLOAT64": r"(?i)^\s*[+-]?(inf|infinity|nan|0x[0-9a-fp.+-]+)\s*$",
    "NUMERIC": r"^\s*[+-]?\s*[\d.]+([eE][+-]?\d+)?\s*$",
    "BOOL": r"[^\s\S]",
    **dict.fromkeys(("DATE", "DATETIME", "TIMESTAMP"), r"^\s*\d+-\d+-\d+(\D|$)"),
}
"""Texts of another form that BigQuery may read. SAFE_CAST fails for them, too; all others are NULL to it."""

_SOURCES: dict[Kind, tuple[Kind, ...]] = {
    "INT64": ("INT64", "BOOL", "NUMERIC"),
    "FLOAT64": ("FLOAT64", "INT64"),
    "NUMERIC": ("NUMERIC", "INT64"),
    "STRING": ("STRING", "INT64", "BOOL", "DATE"),
    "BOOL": ("BOOL", "INT64"),
    "DATE": ("DATE", "DATETIME", "TIMESTAMP"),
    "DATETIME": ("DATE", "DATETIME", "TIMESTAMP"),
    "TIMESTAMP": ("DATE", "DATETIME", "TIMESTAMP"),
}
"""Types from which DuckDB's own cast does what BigQuery's does."""

_LITERAL = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:[ Tt](?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,6}))?)?"
    r"(?:(?P<utc>[Zz]| ?UTC)|(?P<sign>[+-])(?P<hours>\d{1,2})(?::(?P<minutes>\d{2}))?| (?P<zone>[A-Za-z]+(?:/\w+)+))?"
)


_DATE_TIME_PARTS = ("year", "month", "day", "hour", "minute", "second")


def write_cast(piece: Piece, kind: Kind, *, is_safe: bool) -> str:
    """Write a cast.

    Parameters
    ----------
    piece
        What is cast.
    kind
        The type it becomes.
    is_safe
        Whether a value that cannot be cast becomes NULL instead of failing.

    Returns
    -------
    str
        DuckDB SQL. It fails for a text of a form that both databases might not read alike.
    """
    to, cast = DUCKDB_TYPES[kind], "TRY_CAST" if is_safe else "CAST"
    if piece.kind in (kind, "NULL"):
        return f"CAST({piece.sql} AS {to})"
    if piece.kind in _SOURCES[kind]:
        return f"{cast}({piece.sql} AS {to})"
    if piece.kind == "NUMERIC":
        return _cast_numeric(piece.sql, kind)
    from_text = _cast_text(piece.sql, kind, is_safe=is_safe)
    if piece.kind == "STRING":
        return from_text
    # BigQuery rounds half away from zero, a cast of DuckDB half to even.
    from_number = f"{cast}(round(CAST({piece.sql} AS DOUBLE)) AS BIGINT)"
    if piece.kind == "FLOAT64" and kind == "INT64":
        return from_number
    sources = ", ".join(TYPEOF[source] for source in _SOURCES[kind])
    branches = [f"WHEN typeof({piece.sql}) IN ({sources}, '\"NULL\"') THEN {cast}({piece.sql} AS {to})"]
    if kind == "INT64":
        branches.append(f"WHEN typeof({piece.sql}) IN ({TYPEOF['FLOAT64']}) THEN {from_number}")
    if kind in ("FLOAT64", "STRING"):
        branches.append(f"WHEN typeof({piece.sql}) = {TYPEOF['NUMERIC']} THEN {_cast_numeric(piece.sql, kind)}")
    if kind != "STRING":
        branches.append(f"WHEN typeof({piece.sql}) = 'VARCHAR' THEN {from_text}")
    message = f"this type is not cast to {kind}" + (_STRING_ADVICE if kind == "STRING" else "")
    return f"CASE {' '.join(branches)} ELSE {fail(message)} END"


_STRING_ADVICE = ": write FORMAT_TIMESTAMP or FORMAT_DATETIME for a time, and select a FLOAT64 as it is"


def can_cast(source: Kind, target: Kind) -> bool:
    """Say whether a cast between types is translated; "unknown" and NULL are tried when the statement runs."""
    if source in ("unknown", "NULL", target) or source in _SOURCES[target]:
        return True
    if source == "STRING":
        return target != "STRING"
    return (source, target) in (("FLOAT64", "INT64"), ("NUMERIC", "FLOAT64"), ("NUMERIC", "STRING"))


def write_text(piece: Piece) -> str:
    """Write a value as text, as CONCAT does."""
    return piece.sql if piece.kind == "STRING" else write_cast(piece, "STRING", is_safe=False)


def write_moment(call: Call, node: exp.Expr, kind: Kind) -> str:
    """Write an argument that must be a DATE, DATETIME or TIMESTAMP, as it is or as a literal text.

    Parameters
    ----------
    call
        The call it is an argument of.
    node
        The argument.
    kind
        The type it must have.

    Returns
    -------
    str
        DuckDB SQL of that type, which fails if a column turns out to be of another.
    """
    piece = call.write(node)
    if piece.text is not None:
        literal = moment_literal(piece.text, kind)
        return literal or call.refuse(node, say_literal(piece.text, kind)).sql
    if piece.kind in (kind, "NULL"):
        return f"CAST({piece.sql} AS {DUCKDB_TYPES[kind]})" if piece.kind == "NULL" else piece.sql
    message = f"{call.name} is translated for a {kind} here: write CAST(value AS {kind})"
    if piece.kind != "unknown":
        return call.refuse(node, f"{message}; this is a {piece.kind}").sql
    return guard(piece.sql, (kind,), then=f"CAST({piece.sql} AS {DUCKDB_TYPES[kind]})", message=message)


def moment_literal(text: str, kind: Kind, zone: tzinfo = UTC) -> str | None:
    """Write a literal of a date or a time.

    Parameters
    ----------
    text
        What stands between the quotes.
    kind
        DATE, DATETIME or TIMESTAMP.
    zone
        That of a TIMESTAMP whose text does not say one.

    Returns
    -------
    str or None
        The literal in DuckDB; None if the text is not one that is understood.

    >>> moment_literal("2008-12-25 15:30:00+05:30", "TIMESTAMP")
    "TIMESTAMPTZ '2008-12-25 10:00:00.000000+00'"
    """
    found = _LITERAL.fullmatch(text)
    if found is None:
        return None
    has_zone = bool(found["utc"] or found["sign"] or found["zone"])
    if (has_zone and kind != "TIMESTAMP") or (found["hour"] and kind == "DATE"):
        return None
    try:
        year, month, day, hour, minute, second = (int(found[part] or 0) for part in _DATE_TIME_PARTS)
        moment = datetime(year, month, day, hour, minute, second, int((found["fraction"] or "").ljust(6, "0")))
        # fold=0: of an hour that comes twice the first, of one that does not exist the one after; as BigQuery does.
        moment = moment.replace(tzinfo=_literal_zone(found) or zone) if kind == "TIMESTAMP" else moment
        moment = moment.astimezone(UTC) if kind == "TIMESTAMP" else moment
    except (ValueError, OverflowError, OSError):
        return None
    date = moment.date().isoformat()
    if kind == "DATE":
        return f"DATE '{date}'"
    return f"{DUCKDB_TYPES[kind]} '{date} {moment:%H:%M:%S.%f}{'+00' if kind == 'TIMESTAMP' else ''}'"


def say_literal(text: str, kind: Kind) -> str:
    """Say that a text is not a literal of a date or a time."""
    example = {"DATE": "2020-12-31", "DATETIME": "2020-12-31 23:59:59"}.get(kind, "2020-12-31 23:59:59+00")
    return f"{text!r} is not understood as a {kind}: write it as '{example}'"


def _literal_zone(found: re.Match[str]) -> tzinfo | None:
    if found["utc"]:
        return UTC
    if found["zone"]:
        return ZoneInfo(found["zone"])
    if found["sign"]:
        offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        return timezone(offset if found["sign"] == "+" else -offset)
    return None


def _cast_numeric(sql: str, kind: Kind) -> str:
    """Write a NUMERIC as FLOAT64, by its digits, or as STRING without the zeros at its end."""
    text = f"CAST({sql} AS VARCHAR)"
    return f"CAST({text} AS DOUBLE)" if kind == "FLOAT64" else f"regexp_replace({text}, '\\.?0+$', '')"


def _cast_text(sql: str, kind: Kind, *, is_safe: bool) -> str:
    to, text = DUCKDB_TYPES[kind], f"CAST({sql} AS VARCHAR)"
    if kind == "STRING":
        return text
    cast = f"{'TRY_CAST' if is_safe else 'CAST'}({text} AS {to})"
    otherwise = fail(f"a text that is cast to {kind} is not of a form that all databases read alike")
    if is_safe:
        otherwise = f"CASE WHEN regexp_matches({text}, {text_literal(_MAYBE[kind])}) THEN {otherwise} END"
    return f"CASE WHEN NOT regexp_full_match({text}, {text_literal(_PATTERNS[kind])}) THEN {otherwise} ELSE {cast} END"
