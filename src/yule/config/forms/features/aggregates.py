"""Aggregates of events: how they are written, and what they may take."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema

from yule.config.forms.checks import NUMBERS, Fault, find_column_faults, suggest_choice
from yule.config.forms.features.clock import find_clock_faults, is_clock_of
from yule.config.forms.values import parse_duration
from yule.core.settings import Json
from yule.downloads.settings import Method
from yule.features.settings import AGGREGATES, Aggregate, AggregateKind, Taken
from yule.sql.columns import ColumnType

COLUMNS: Mapping[Taken, tuple[ColumnType, ...] | None] = {
    "numbers": NUMBERS,
    "values": ("string", "boolean", *NUMBERS),
    "anything": None,
}
"""Types of the columns that aggregates take; None for all."""


def parse_aggregate(written: Json) -> Aggregate:
    """Read ``count``, ``{sum: sales_value}`` or ``{streaks: 7 days}``.

    >>> parse_aggregate({"sum": "sales_value"})
    Aggregate(kind='sum', of='sales_value', every=None)
    """
    if isinstance(written, dict) and len(written) != 1:
        raise ValueError("an item of this list is one aggregate: count, or {sum: COLUMN}")
    name, of = next(iter(written.items())) if isinstance(written, dict) else (written, None)
    for kind, takes in AGGREGATES.items():
        if kind == name and "period" in takes:
            return Aggregate(kind=kind, every=_parse_period(kind, of))
        if kind == name:
            return Aggregate(kind=kind, of=_check_column(kind, takes, of))
    hint = suggest_choice(name, AGGREGATES) if isinstance(name, str) else ""
    raise ValueError(f"{name!r} is no aggregate{hint}")


def _check_column(kind: AggregateKind, takes: tuple[Taken, ...], of: Json) -> str | None:
    if _find_columns(takes) is None and of is not None:
        raise ValueError(f"{kind} takes no column; write {kind}")
    if "events" not in takes and not isinstance(of, str):
        raise ValueError(f"{kind} needs a column; write {{{kind}: COLUMN}}")
    return of if isinstance(of, str) else None


def _parse_period(kind: AggregateKind, every: Json) -> timedelta:
    if every is None:
        raise ValueError(f"{kind} needs the length of a period; write {{{kind}: 7 days}}")
    return parse_duration(every)


def _find_columns(takes: tuple[Taken, ...]) -> Taken | None:
    """Return which columns an aggregate takes; None if it takes none."""
    return next((taken for taken in takes if taken in COLUMNS), None)


AnyAggregate: TypeAlias = Annotated[
    Aggregate,
    BeforeValidator(parse_aggregate),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": [kind for kind, takes in AGGREGATES.items() if "events" in takes]},
                {
                    "type": "object",
                    "properties": {
                        kind: {"type": "string", "description": "The column."}
                        for kind, takes in AGGREGATES.items()
                        if _find_columns(takes)
                    }
                    | {
                        kind: {"type": "string", "description": "Length of a period, such as 7 days."}
                        for kind, takes in AGGREGATES.items()
                        if "period" in takes
                    },
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def find_aggregate_faults(aggregates: tuple[Aggregate, ...], method: Method) -> Iterable[Fault]:
    """Find aggregates of columns that are not there, or are no numbers where numbers are needed."""
    for index, aggregate in enumerate(aggregates):
        if aggregate.of is None:
            continue
        taken = _find_columns(AGGREGATES[aggregate.kind]) or "numbers"
        if taken == "anything" and is_clock_of(aggregate.of, method):
            yield from find_clock_faults(aggregate.of, method, at=(index, aggregate.kind))
        else:
            yield from find_column_faults(aggregate.of, method, COLUMNS[taken], at=(index, aggregate.kind))
