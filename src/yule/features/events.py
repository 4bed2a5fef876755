"""Windowed aggregates over events, as of a cut-off.

Numbers are added as whole millionths: sums of floating-point numbers depend on the order of the rows, and so on the
number of threads; sums of whole numbers do not. Values keep six decimals; the downloads refuse those beyond 1e24, so
that no sum overflows.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from yule.downloads.sql import connect, quote_instant, quote_name, quote_text
from yule.features.as_of import check_any_before, days_until, events_before
from yule.features.columns import FeatureColumn, name_values, name_window, write_features
from yule.features.settings import Aggregate, EventFeatures, FeatureSpec, Share

MILLIONTHS = "1e6"


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
    user, time = f"{quote_name(method.user)} AS user_id", quote_name(method.time or "")
    windows = [(window, _in_window(time, window, cutoff)) for window in settings.windows]
    aggregates = list(_aggregate_columns(settings, time, windows, cutoff))
    with connect(n_threads=n_threads, scratch=folder.parent) as connection:
        events = events_before(method, table, cutoff, where=settings.where)
        connection.execute(f"CREATE TEMP VIEW events AS {events}")
        query, columns = f"SELECT {user}{_select(aggregates)} FROM events GROUP BY 1", [*aggregates]
        for share in settings.shares:
            values = vocabulary[share.of]
            if not values:
                continue
            shares = list(_share_columns(settings.name, share, values, settings.windows))
            parts = _parts_sql(user, share, values, windows)
            query = f"SELECT * FROM ({query}) JOIN (SELECT user_id{_select(shares)} FROM ({parts})) USING (user_id)"
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
    return f"sum({_millionths(column)}) {where} / {MILLIONTHS}"


def _millionths(column: str) -> str:
    return f"CAST(round({column} * {MILLIONTHS}) AS HUGEINT)"


def _parts_sql(user: str, share: Share, values: Sequence[str], windows: Sequence[tuple[timedelta | None, str]]) -> str:
    """Return a query for the parts of each user: a list of the known values and, beside it, of their weights by window.

    One column for each value, added up over all rows, would take ten times as long.
    """
    weight = "1" if share.weight is None else _millionths(quote_name(share.weight))
    names = [f"weight_{number}" for number in range(len(windows))]
    weights = "".join(
        f", coalesce(sum({weight}) FILTER (WHERE {condition}), 0) AS {name}"
        for name, (_, condition) in zip(names, windows, strict=True)
    )
    by_value = f"SELECT {user}, {quote_name(share.of)} AS value{weights} FROM events GROUP BY 1, 2"
    known = f"SELECT unnest([{', '.join(quote_text(value) for value in values)}]) AS known"
    part = ", ".join(f"{name} := {name}" for name in ("known", *names))
    totals = "".join(f", sum({name}) AS total_{number}" for number, name in enumerate(names))
    by_user = (
        f"SELECT user_id, list(struct_pack({part})) FILTER (WHERE known IS NOT NULL) AS parts{totals} "
        f"FROM ({by_value}) LEFT JOIN ({known}) ON value = known GROUP BY user_id"
    )
    return f"SELECT *, [part.known for part in parts] AS present FROM ({by_user})"


def _share_columns(
    set_name: str, share: Share, values: Sequence[str], windows: Sequence[timedelta | None]
) -> Iterator[FeatureColumn]:
    """Give the share of each value in all of a user's weight; missing where that is zero or less."""
    for value, value_name in zip(values, name_values(values), strict=True):
        for number, window in enumerate(windows):
            total = f"total_{number}"
            part = f"coalesce(parts[list_position(present, {quote_text(value)})].weight_{number}, 0)"
            yield FeatureColumn(
                name=f"{set_name}__share__{share.of}__{value_name}__{name_window(window)}",
                sql=f"CASE WHEN {total} > 0 THEN {part} / {total} END",
                empty="missing",
            )


def _select(columns: Sequence[FeatureColumn]) -> str:
    return "".join(f", CAST({column.sql} AS FLOAT) AS {quote_name(column.name)}" for column in columns)
