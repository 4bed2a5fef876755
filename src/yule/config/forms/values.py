"""Durations and instants, as people write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema

from yule.core.bounds import FIRST_YEAR, LAST_YEAR, LONGEST

_SECONDS = {"weeks": 7 * 86_400, "days": 86_400, "hours": 3_600}
_DURATION = re.compile(r"(?P<count>[1-9][0-9]{0,5}) (?P<unit>week|day|hour)s?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?")


def parse_duration(text: object) -> timedelta:
    """Read a duration.

    >>> parse_duration("4 weeks")
    datetime.timedelta(days=28)
    """
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"a duration is written like '28 days', '4 weeks' or '12 hours', not {text!r}")
    duration = timedelta(seconds=int(match["count"]) * _SECONDS[match["unit"] + "s"])
    if duration > LONGEST:
        raise ValueError(f"{text} is more than a century; write at most {LONGEST.days} days")
    return duration


def format_duration(duration: timedelta) -> str:
    """Write a duration in days, or in hours where it is no whole number of days.

    >>> format_duration(timedelta(weeks=4)), format_duration(timedelta(hours=1))
    ('28 days', '1 hour')
    """
    seconds = int(duration.total_seconds())
    unit = "hours" if seconds % _SECONDS["days"] else "days"
    count = seconds // _SECONDS[unit]
    return f"{count} {unit.removesuffix('s') if count == 1 else unit}"


def parse_instant(text: object) -> datetime:
    """Read an instant; UTC unless it says otherwise.

    >>> parse_instant("2017-12-03").isoformat()
    '2017-12-03T00:00:00+00:00'
    """
    problem = f"an instant is written like 2017-12-03 or 2017-12-03T06:00:00Z, in UTC, not {text!r}"
    if not (isinstance(text, str) and _INSTANT.fullmatch(text)):
        raise ValueError(problem)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"there is no such instant: {text} ({error})") from error
    if not FIRST_YEAR <= instant.year < LAST_YEAR:
        raise ValueError(f"an instant lies between {FIRST_YEAR} and {LAST_YEAR}, not in {instant.year}")
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def format_instant(instant: datetime) -> str:
    """Write an instant: the date alone at midnight UTC.

    >>> format_instant(datetime(2017, 12, 3, tzinfo=UTC))
    '2017-12-03'
    """
    text = instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return text.removesuffix("T00:00:00Z")


def parse_due(text: object) -> datetime:
    """Read by when something is due: a day alone is over when it is due.

    >>> parse_due("2026-12-24").isoformat()
    '2026-12-25T00:00:00+00:00'
    """
    instant = parse_instant(text)
    return instant if re.search("[T ]", str(text)) else instant + timedelta(days=1)


def format_due(due: datetime) -> str:
    """Write by when something is due: at midnight UTC the day that is over then.

    >>> format_due(parse_due("2026-12-24")), format_due(parse_due("2026-12-24T12:00:00+09:00"))
    ('2026-12-24', '2026-12-24T03:00:00Z')
    """
    day = due.astimezone(UTC) - timedelta(days=1)
    return format_instant(day) if len(format_instant(due)) == len("2026-12-24") else format_instant(due)


_DURATION_SCHEMA = {
    "type": "string",
    "pattern": f"^{_DURATION.pattern.replace('?P<count>', '').replace('?P<unit>', '')}$",
}

Duration: TypeAlias = Annotated[
    timedelta, BeforeValidator(parse_duration), WithJsonSchema({**_DURATION_SCHEMA, "examples": ["28 days"]})
]
Instant: TypeAlias = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    WithJsonSchema({"type": "string", "pattern": f"^{_INSTANT.pattern}$", "examples": ["2017-12-03"]}),
]
Due: TypeAlias = Annotated[
    datetime,
    BeforeValidator(parse_due),
    WithJsonSchema({"type": "string", "pattern": f"^{_INSTANT.pattern}$", "examples": ["2026-12-24"]}),
]
Window: TypeAlias = Annotated[
    timedelta | None,
    BeforeValidator(lambda text: None if text == "all" else parse_duration(text)),
    WithJsonSchema({"anyOf": [_DURATION_SCHEMA, {"const": "all"}]}),
]
