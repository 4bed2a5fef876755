"""Windowed aggregates over events, as of a cut-off.

Numbers are added as whole millionths: sums of floating-point numbers depend on the order of the rows, and so on the
number of threads; sums of whole numbers do not. Values keep six decimals, and may be as large as 1e30.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from yule.downloads.sql import connect, quote_instant, quote_name, quote_text
from yule.features.as_of import check_any_before, days_until, events_before
from yule.features.columns import FeatureColumn, name_values, name_window, write_features
from yule.features.settings import Aggregate, EventFeatures, FeatureSpec, Share

MILLIONTHS = 1_000_000


def write_event_features(
    spec: FeatureSpec,
    table: Path,
    *,
    vocabulary: Mapping[str, tuple[str, ...]],
    cutoff: datetime,
    folder: Path,
    n_threads: int,
) -> None:
    """Write ``features.parquet``: the aggregates and shares of every user with an event before the cut-off.

    Parameters
    ----------
    spec
        A feature set over events.
    table
        Its table.
    vocabulary
        The values of each share's column that get features, see :mod:`yule.features.vocabulary`.
    cutoff
        Only events strictly before it count; a window of length w is [cutoff - w, cutoff).
    folder
        Where to write; it exists.
    n_threads
        Threads to use; they change no byte.

    Raises
    ------
    DataError
        If the table has no event before the cut-off.
    """
    settings, method = spec.settings, spec.table.method
    assert isinstance(settings, EventFeatures)
    check_any_before(method, table, cutoff)
    user, time = quote_name(method.user), quote_name(method.time or "")
    windows = [(window, _in_window(time, window, cutoff)) for window in settings.windows]
    aggregates = list(_aggregate_columns(settings, time, windows, cutoff))
    with connect(n_threads=n_threads, scratch=folder.parent) as connection:
        events = events_before(method, table, cutoff, where=settings.where)
        connection.execute(f"CREATE TEMP VIEW events AS SELECT {user} AS user_id, * FROM ({events})")
        query, columns = f"SELECT user_id{_select(aggregates)} FROM events GROUP BY user_id", [*aggregates]
        for number, share in enumerate(settings.shares):
            connection.execute(f"CREATE TEMP TABLE totals_{number} AS {_totals_sql(share, windows)}")
            shares = list(_share_columns(settings.name, share, vocabulary[share.of], settings.windows))
            folded = f"SELECT user_id{_select(shares)} FROM totals_{number} GROUP BY user_id"
            query = f"SELECT * FROM ({query}) JOIN ({folded}) USING (user_id)"
            columns += shares
        write_features(connection, query, columns, folder)


def _in_window(time: str, window: timedelta | None, cutoff: datetime) -> str:
    return "true" if window is None else f"{time} >= {quote_instant(cutoff - window)}"


def _aggregate_columns(
    settings: EventFeatures, time: str, windows: Sequence[tuple[timedelta | None, str]], cutoff: datetime
) -> Iterator[FeatureColumn]:
    for aggregate in settings.aggregates:
        name = "__".join([settings.name, aggregate.kind, *([aggregate.of] if aggregate.of else [])])
        if aggregate.kind in ("recency", "tenure"):
            instant = f"{'max' if aggregate.kind == 'recency' else 'min'}({time})"
            yield FeatureColumn(name=name, sql=days_until(cutoff, instant), empty="missing")
            continue
        for window, condition in windows:
            yield FeatureColumn(
                name=f"{name}__{name_window(window)}",
                sql=_aggregate_sql(aggregate, f"FILTER (WHERE {condition})"),
                empty="zero" if aggregate.kind in ("count", "sum", "distinct") else "missing",
            )


def _aggregate_sql(aggregate: Aggregate, where: str) -> str:
    if aggregate.of is None:
        return f"count(*) {where}"
    column = quote_name(aggregate.of)
    match aggregate.kind:
        case "sum":
            return f"coalesce({_sum_sql(column, where)}, 0)"
        case "mean":
            return f"{_sum_sql(column, where)} / count({column}) {where}"
        case "distinct":
            return f"count(DISTINCT {column}) {where}"
        case kind:
            return f"{kind}({column}) {where}"


def _sum_sql(column: str, where: str) -> str:
    return f"sum(CAST(round({column} * {MILLIONTHS}) AS HUGEINT)) {where} / {MILLIONTHS}.0"


def _totals_sql(share: Share, windows: Sequence[tuple[timedelta | None, str]]) -> str:
    """Return the weight of each value for each user, one column per window."""
    weight = "1" if share.weight is None else f"CAST(round({quote_name(share.weight)} * {MILLIONTHS}) AS HUGEINT)"
    totals = ", ".join(
        f"coalesce(sum({weight}) FILTER (WHERE {condition}), 0) AS window_{number}"
        for number, (_, condition) in enumerate(windows)
    )
    return f"SELECT user_id, {quote_name(share.of)} AS value, {totals} FROM events GROUP BY user_id, value"


def _share_columns(
    set_name: str, share: Share, values: Sequence[str], windows: Sequence[timedelta | None]
) -> Iterator[FeatureColumn]:
    """Give the share of each value in all of a user's weight; missing where that is zero or less."""
    for value, value_name in zip(values, name_values(values), strict=True):
        for number, window in enumerate(windows):
            total = f"sum(window_{number})"
            part = f"coalesce({total} FILTER (WHERE value = {quote_text(value)}), 0)"
            yield FeatureColumn(
                name=f"{set_name}__share__{share.of}__{value_name}__{name_window(window)}",
                sql=f"CASE WHEN {total} > 0 THEN {part} / {total} END",
                empty="missing",
            )


def _select(columns: Sequence[FeatureColumn]) -> str:
    return "".join(f", CAST({column.sql} AS FLOAT) AS {quote_name(column.name)}" for column in columns)
