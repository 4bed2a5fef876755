"""Aggregates over the days and periods in which something happened: active days, gaps, streaks.

Days and periods are counted back from the cut-off: day 0 is the 24 hours before it.
"""

from collections.abc import Iterator
from datetime import timedelta

from yule.features.columns import FeatureColumn, name_window
from yule.features.events.table import EventTable, Family

_DAYS = "SELECT code, day, min(bucket) AS bucket FROM events GROUP BY code, day"
_GAP_ROWS = f"(SELECT code, day, day - lag(day) OVER (PARTITION BY code ORDER BY day) AS gap FROM ({_DAYS}))"

_MEAN_GAP = "sum(gap) / count(gap)"
_GAPS = {
    "mean": _MEAN_GAP,
    "deviation": f"sqrt(sum(gap * gap) / count(gap) - ({_MEAN_GAP}) * ({_MEAN_GAP}))",
    "longest": "max(gap)",
    "overdue": f"min(day) / ({_MEAN_GAP})",
}
_STREAKS = {
    "active": "sum(length)",
    "longest": "max(length)",
    "current": "coalesce(max(length) FILTER (WHERE latest = 0), 0)",
}


def rhythm_families(table: EventTable) -> Iterator[Family]:
    """Give the columns of each aggregate over days and periods."""
    for aggregate in table.settings.aggregates:
        name = f"{table.settings.name}__{aggregate.kind}"
        match aggregate.kind:
            case "days":
                columns = tuple(
                    FeatureColumn(
                        name=f"{name}__{window.name}",
                        sql=f"count(*) FILTER (WHERE {window.holds})",
                        empty="zero",
                        meaning=table.meaning_of(aggregate, "days", window),
                    )
                    for window in table.windows
                )
                yield Family(source=f"({_DAYS})", columns=columns)
            case "median_gap":
                meaning = table.meaning_of(aggregate, "days")
                column = FeatureColumn(name=name, sql="median(gap)", empty="missing", meaning=meaning)
                yield Family(source=_GAP_ROWS, columns=(column,))
            case "gaps":
                columns = tuple(
                    FeatureColumn(
                        name=f"{name}__{what}",
                        sql=sql,
                        empty="missing",
                        meaning=table.meaning_of(aggregate, "ratio" if what == "overdue" else "days", part=what),
                    )
                    for what, sql in _GAPS.items()
                )
                yield Family(source=_GAP_ROWS, columns=columns)
            case "streaks":
                assert aggregate.every is not None
                name = f"{name}__{name_window(aggregate.every)}"
                columns = tuple(
                    FeatureColumn(
                        name=f"{name}__{what}",
                        sql=sql,
                        empty="zero",
                        meaning=table.meaning_of(aggregate, "periods", part=what),
                    )
                    for what, sql in _STREAKS.items()
                )
                yield Family(source=f"({_streaks_sql(aggregate.every)})", columns=columns)


def _streaks_sql(every: timedelta) -> str:
    """Return a query for the runs of periods that follow on each other: their lengths and their latest periods."""
    periods = f"SELECT DISTINCT code, (age - 1) // {every // timedelta(microseconds=1)} AS period FROM events"
    # Within a run the period and its place among the user's periods grow alike.
    run = "period - row_number() OVER (PARTITION BY code ORDER BY period) AS run"
    return (
        "SELECT code, count(*) AS length, min(period) AS latest "
        f"FROM (SELECT code, period, {run} FROM ({periods})) GROUP BY code, run"
    )
