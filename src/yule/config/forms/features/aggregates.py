"""Aggregates of events: how they are written, and what they may take."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, TypeAlias, get_args

from pydantic import BeforeValidator, WithJsonSchema

from yule.config.forms.checks import NUMBERS, Fault, find_column_faults, suggest_choice
from yule.config.forms.features.clock import find_clock_faults, is_clock_of
from yule.config.forms.values import parse_duration
from yule.core.settings import Json
from yule.downloads.settings import Method
from yule.features.settings import Aggregate, AggregateKind
from yule.sql.columns import ColumnType

OF_EVENTS: tuple[AggregateKind, ...] = ("count", "days", "recency", "tenure", "gaps", "trend", "decayed")
"""Aggregates that are written as a word."""

OF_PERIODS: tuple[AggregateKind, ...] = ("streaks",)
"""Aggregates that take the length of a period."""

OF_COLUMN: tuple[AggregateKind, ...] = tuple(
    kind for kind in get_args(AggregateKind) if kind in ("trend", "decayed") or kind not in (*OF_EVENTS, *OF_PERIODS)
)
"""Aggregates that take a column."""

AGGREGATED_TYPES: Mapping[AggregateKind, tuple[ColumnType, ...] | None] = {
    "distinct": None,
    "entropy": None,
    "first": ("string", "boolean", *NUMBERS),
    "last": ("string", "boolean", *NUMBERS),
}
"""Types of the columns that aggregates take, unless they take numbers alone; None for all."""


def parse_aggregate(written: Json) -> Aggregate:
    """Read ``count``, ``{sum: sales_value}`` or ``{streaks: 7 days}``.

    >>> parse_aggregate({"sum": "sales_value"})
    Aggregate(kind='sum', of='sales_value', every=None)
    """
    if isinstance(written, dict) and len(written) != 1:
        raise ValueError("an item of this list is one aggregate: count, or {sum: COLUMN}")
    name, of = next(iter(written.items())) if isinstance(written, dict) else (written, None)
    for kind in get_args(AggregateKind):
        if kind == name and kind in OF_PERIODS:
            return Aggregate(kind=kind, every=_parse_period(kind, of))
        if kind == name:
            return Aggregate(kind=kind, of=_check_column(kind, of))
    hint = suggest_choice(name, get_args(AggregateKind)) if isinstance(name, str) else ""
    raise ValueError(f"{name!r} is no aggregate{hint}")


def _check_column(kind: AggregateKind, of: Json) -> str | None:
    if kind not in OF_COLUMN and of is not None:
        raise ValueError(f"{kind} takes no column; write {kind}")
    if kind not in OF_EVENTS and not isinstance(of, str):
        raise ValueError(f"{kind} needs a column; write {{{kind}: COLUMN}}")
    return of if isinstance(of, str) else None


def _parse_period(kind: AggregateKind, every: Json) -> timedelta:
    if every is None:
        raise ValueError(f"{kind} needs the length of a period; write {{{kind}: 7 days}}")
    return parse_duration(every)


AnyAggregate: TypeAlias = Annotated[
    Aggregate,
    BeforeValidator(parse_aggregate),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(OF_EVENTS)},
                {
                    "type": "object",
                    "properties": {kind: {"type": "string", "description": "The column."} for kind in OF_COLUMN}
                    | {
                        kind: {"type": "string", "description": "Length of a period, such as 7 days."}
                        for kind in OF_PERIODS
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
        if aggregate.kind in ("distinct", "entropy") and is_clock_of(aggregate.of, method):
            yield from find_clock_faults(aggregate.of, method, at=(index, aggregate.kind))
        else:
            types = AGGREGATED_TYPES.get(aggregate.kind, NUMBERS)
            yield from find_column_faults(aggregate.of, method, types, at=(index, aggregate.kind))
