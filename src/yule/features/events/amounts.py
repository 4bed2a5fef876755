"""Aggregates that add up: counts, sums, means, extremes, deviations, trends, decayed sums, recency and tenure.

Events are added up by user and bucket first, and the few rows of buckets by window then: windows end at the same
instant, so that a longer one is a shorter one and what lies before it.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from yule.core.meanings import Unit
from yule.features.as_of import MICROSECONDS_PER_DAY
from yule.features.columns import Empty, FeatureColumn
from yule.features.events.table import EventTable, Family, Window
from yule.features.settings import Aggregate, AggregateKind
from yule.sql.expressions import MILLIONTHS, millionths

KINDS: tuple[AggregateKind, ...] = (
    "count",
    "recency",
    "tenure",
    "trend",
    "decayed",
    "sum",
    "mean",
    "min",
    "max",
    "deviation",
)

LARGEST = "1e12"
"""Numbers are cut here before they are squared; written so that the database does not take it for a decimal."""


def amount_families(table: EventTable) -> Iterator[Family]:
    """Give the columns of all aggregates that add up."""
    aggregates = [aggregate for aggregate in table.settings.aggregates if aggregate.kind in KINDS]
    columns = tuple(column for aggregate in aggregates for column in _columns(table, aggregate))
    if columns:
        yield Family(source=f"({_buckets_sql(table, aggregates)})", columns=columns)


def _columns(table: EventTable, aggregate: Aggregate) -> Iterator[FeatureColumn]:
    name = "__".join([table.settings.name, aggregate.kind, *([aggregate.of] if aggregate.of else [])])
    column = None if aggregate.of is None else table.columns[aggregate.of]
    windows, unit = table.windows, _unit(aggregate)
    match aggregate.kind:
        case "recency" | "tenure":
            age = "min(youngest)" if aggregate.kind == "recency" else "max(oldest)"
            sql = f"{age} / {MICROSECONDS_PER_DAY}.0"
            yield FeatureColumn(name=name, sql=sql, empty="missing", meaning=table.meaning_of(aggregate, "days"))
        case "trend":
            for shorter, longer in pairwise(windows):
                sql = f"{_rate(column, shorter)} / nullif({_rate(column, longer)}, 0)"
                yield FeatureColumn(
                    name=f"{name}__{shorter.name}_{longer.name}",
                    sql=sql,
                    empty="missing",
                    meaning=table.meaning_of(aggregate, "ratio", shorter, longer),
                )
        case "decayed":
            for window in windows:
                if window.length is not None:
                    sql = f"sum({_part(column, 'decayed')}_{window.name}) / {MILLIONTHS}"
                    meaning = table.meaning_of(aggregate, unit, window)
                    yield FeatureColumn(name=f"{name}__{window.name}", sql=sql, empty="zero", meaning=meaning)
        case kind:
            empty: Empty = "zero" if kind in ("count", "sum") else "missing"
            for window in windows:
                sql, meaning = _window_sql(kind, column, window), table.meaning_of(aggregate, unit, window)
                yield FeatureColumn(name=f"{name}__{window.name}", sql=sql, empty=empty, meaning=meaning)


def _unit(aggregate: Aggregate) -> Unit:
    return "events" if aggregate.of is None else "column"


def _buckets_sql(table: EventTable, aggregates: Sequence[Aggregate]) -> str:
    """Return a query for what the columns are put together from, by user and bucket."""
    parts: dict[str, str] = {"n": "count(*)", "youngest": "min(age)", "oldest": "max(age)"}
    for aggregate in aggregates:
        column = None if aggregate.of is None else table.columns[aggregate.of]
        parts |= _parts(aggregate.kind, column, table.windows)
    selected = "".join(f", {sql} AS {name}" for name, sql in parts.items())
    return f"SELECT code, bucket{selected} FROM events GROUP BY ALL"


def _parts(kind: AggregateKind, column: str | None, windows: Sequence[Window]) -> dict[str, str]:
    if kind == "decayed":
        # One half-life for each window: what happened its length ago counts half.
        return {
            f"{_part(column, kind)}_{window.name}": _decayed_sql(column, window.length)
            for window in windows
            if window.length is not None
        }
    if column is None:
        return {}
    match kind:
        case "min" | "max":
            return {_part(column, kind): f"{kind}({column})"}
        case "deviation":
            # least() and greatest() pass a missing value over, and it would become the limit.
            limited = f"greatest(least(CAST({column} AS DOUBLE), {LARGEST}), -{LARGEST})"
            cut = f"(CASE WHEN {column} IS NOT NULL THEN {limited} END)"
            return {
                _part(column, "n"): f"count({column})",
                _part(column, "cut"): f"sum({millionths(cut)})",
                _part(column, "squares"): f"sum({millionths(f'{cut} * {cut}')})",
            }
        case _:
            return {_part(column, "n"): f"count({column})", _part(column, "sum"): f"sum({millionths(column)})"}


def _part(column: str | None, what: str) -> str:
    return f"{column or 'event'}_{what}"


def _decayed_sql(column: str | None, half_life: timedelta) -> str:
    weight = f"pow(0.5, age / {half_life // timedelta(microseconds=1)}.0)"
    return f"sum({millionths(weight if column is None else f'({column} * {weight})')})"


def _window_sql(kind: AggregateKind, column: str | None, window: Window) -> str:
    where = f"FILTER (WHERE {window.holds})"
    if column is None:
        return f"coalesce(sum(n) {where}, 0)"
    match kind:
        case "min" | "max":
            return f"{kind}({_part(column, kind)}) {where}"
        case "sum":
            return f"coalesce({_sum_sql(column, where)}, 0)"
        case "deviation":
            cut, squares = (f"sum({_part(column, part)}) {where}" for part in ("cut", "squares"))
            n = f"nullif(sum({_part(column, 'n')}) {where}, 0)"
            mean = f"({cut} / {MILLIONTHS} / {n})"
            # greatest() passes a missing value over, and what had none would have no deviation.
            variance = f"{squares} / {MILLIONTHS} / {n} - {mean} * {mean}"
            return f"CASE WHEN {n} > 0 THEN sqrt(greatest({variance}, 0)) END"
        case _:
            return f"{_sum_sql(column, where)} / nullif(sum({_part(column, 'n')}) {where}, 0)"


def _sum_sql(column: str, where: str) -> str:
    return f"sum({_part(column, 'sum')}) {where} / {MILLIONTHS}"


def _rate(column: str | None, window: Window) -> str:
    """Return the amount per day as SQL; all history is as long as the user's tenure."""
    where = f"FILTER (WHERE {window.holds})"
    amount = f"sum(n) {where}" if column is None else _sum_sql(column, where)
    days = "max(oldest)" if window.length is None else str(window.length // timedelta(microseconds=1))
    return f"(coalesce({amount}, 0) * {MICROSECONDS_PER_DAY}.0 / {days})"
