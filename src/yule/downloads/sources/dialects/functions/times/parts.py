"""The parts of dates and times, as they are written: DAY, WEEK(MONDAY)."""

from dataclasses import dataclass

from sqlglot import exp

from yule.downloads.sources.dialects.pieces import Call

_WEEKDAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
DAY_PARTS = ("DAY", "WEEK", "ISOWEEK", "MONTH", "QUARTER", "YEAR", "ISOYEAR")
MICROSECONDS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1_000,
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000,
}
TIME_PARTS = tuple(part for part in MICROSECONDS if part != "DAY")
MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
DAYS = {"DAY": 1, "WEEK": 7}


@dataclass(frozen=True)
class Part:
    """A part of a date or a time; for WEEK with the day it begins on, 0 = Sunday."""

    name: str
    weekday: int = 0


def read_part(call: Call, node: exp.Expr, allowed: tuple[str, ...]) -> Part | None:
    """Read a part such as DAY or WEEK(MONDAY); None, and a fault, if it is not one of those allowed."""
    name, inside = node.name.upper(), ""
    if isinstance(node, exp.Anonymous) and len(node.expressions) == 1:
        inside = node.expressions[0].name.upper()
    if isinstance(node, exp.Column | exp.Var | exp.Anonymous) and name in allowed:
        if name == "WEEK" and inside in _WEEKDAYS:
            return Part("WEEK", _WEEKDAYS.index(inside))
        if not inside and not isinstance(node, exp.Anonymous):
            return Part("WEEK", 1) if name == "ISOWEEK" and call.name != "EXTRACT" else Part(name)
    call.refuse(node, f"{call.name} is translated for the parts {', '.join(allowed)}")
    return None
