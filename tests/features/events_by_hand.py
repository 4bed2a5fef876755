"""The aggregates of events in plain Python, user by user: what the queries are held against."""

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from features_toys import Row

from yule.features.columns import name_window
from yule.features.settings import Aggregate, EventFeatures

DAY = timedelta(days=1)
COLUMNS = {"value": 2, "price": 3, "user_id": 4}

Found = dict[str, float | str | None]


def aggregate_by_hand(settings: EventFeatures, rows: Sequence[Row], cutoff: datetime) -> dict[str, Found]:
    """Compute the aggregates of a feature set for every user with an event before the cut-off."""
    past = [row for row in rows if row[1] < cutoff]
    return {
        user: {
            name: value
            for aggregate in settings.aggregates
            for name, value in _aggregate(settings, aggregate, [row for row in past if row[0] == user], cutoff)
        }
        for user in sorted({row[0] for row in past})
    }


def _aggregate(
    settings: EventFeatures, aggregate: Aggregate, rows: Sequence[Row], cutoff: datetime
) -> Iterator[tuple[str, float | str | None]]:
    name = f"{settings.name}__{aggregate.kind}" + (f"__{aggregate.of}" if aggregate.of else "")
    ages = sorted(cutoff - row[1] for row in rows)
    match aggregate.kind:
        case "recency":
            yield name, ages[0] / DAY
        case "tenure":
            yield name, ages[-1] / DAY
        case "gaps":
            for what, value in _gaps(sorted({(age - timedelta(microseconds=1)) // DAY for age in ages})).items():
                yield f"{name}__{what}", value
        case "median_gap":
            days = sorted({(age - timedelta(microseconds=1)) // DAY for age in ages})
            yield name, statistics.median(later - earlier for earlier, later in pairwise(days)) if days[1:] else None
        case "streaks":
            assert aggregate.every is not None
            periods = sorted({(age - timedelta(microseconds=1)) // aggregate.every for age in ages})
            for what, value in _streaks(periods).items():
                yield f"{name}__{name_window(aggregate.every)}__{what}", value
        case "first" | "last":
            yield name, _edge(rows, aggregate)
        case "decayed":
            for length in settings.windows:
                if length is not None:
                    weights = (_amount(row, aggregate) * 0.5 ** ((cutoff - row[1]) / length) for row in rows)
                    yield f"{name}__{name_window(length)}", math.fsum(weights)
        case "trend":
            lengths = sorted(settings.windows, key=lambda length: (length is None, length or DAY))
            for shorter, longer in pairwise(lengths):
                rates = [_rate(rows, aggregate, cutoff, length) for length in (shorter, longer)]
                value = rates[0] / rates[1] if rates[1] else None
                yield f"{name}__{name_window(shorter)}_{name_window(longer)}", value
        case _:
            for length in settings.windows:
                inside = [row for row in rows if length is None or row[1] >= cutoff - length]
                yield f"{name}__{name_window(length)}", _in_window(inside, aggregate, cutoff)


def _in_window(rows: Sequence[Row], aggregate: Aggregate, cutoff: datetime) -> float | None:
    values = [value for row in rows if (value := row[COLUMNS[aggregate.of]] if aggregate.of else 1) is not None]
    numbers = [float(value) for value in values if not isinstance(value, str)]
    match aggregate.kind:
        case "count":
            return len(values)
        case "days":
            return len({(cutoff - row[1] - timedelta(microseconds=1)) // DAY for row in rows})
        case "distinct":
            return len(set(values))
        case "sum":
            return math.fsum(numbers)
        case "entropy":
            counts = Counter(values).values()
            return -math.fsum(n / len(values) * math.log(n / len(values)) for n in counts) if values else None
    if not numbers:
        return None
    mean = math.fsum(numbers) / len(numbers)
    match aggregate.kind:
        case "mean":
            return mean
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
    assert aggregate.kind == "deviation"
    return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / len(numbers))


def _amount(row: Row, aggregate: Aggregate) -> float:
    return 1.0 if aggregate.of is None else float(row[COLUMNS[aggregate.of]] or 0)  # type: ignore[arg-type]


def _rate(rows: Sequence[Row], aggregate: Aggregate, cutoff: datetime, length: timedelta | None) -> float:
    inside = [row for row in rows if length is None or row[1] >= cutoff - length]
    days = (max(cutoff - row[1] for row in rows) if length is None else length) / DAY
    return math.fsum(_amount(row, aggregate) for row in inside) / days


def _edge(rows: Sequence[Row], aggregate: Aggregate) -> float | str | None:
    column = COLUMNS[aggregate.of or ""]
    known = [(row[1], row[column]) for row in rows if row[column] is not None]
    if not known:
        return None
    instant = (min if aggregate.kind == "first" else max)(time for time, _ in known)
    return max(value for time, value in known if time == instant)  # type: ignore[type-var,return-value]


def _gaps(days: Sequence[int]) -> Found:
    gaps = [later - earlier for earlier, later in pairwise(days)]
    if not gaps:
        return dict.fromkeys(("mean", "deviation", "longest", "overdue"))
    mean = sum(gaps) / len(gaps)
    deviation = math.sqrt(max(sum(gap * gap for gap in gaps) / len(gaps) - mean * mean, 0))
    return {"mean": mean, "deviation": deviation, "longest": max(gaps), "overdue": days[0] / mean}


def _streaks(periods: Sequence[int]) -> Found:
    longest = run = current = 0
    for place, period in enumerate(periods):
        run = run + 1 if place and periods[place - 1] == period - 1 else 1
        longest = max(longest, run)
        if run == period + 1:
            current = run
    return {"active": len(periods), "longest": longest, "current": current}
