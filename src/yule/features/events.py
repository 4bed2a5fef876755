"""Windowed aggregates over events, as of a cut-off.

Numbers are added as whole millionths: sums of floating-point numbers depend on the order of the rows, and so on the
number of threads; sums of whole numbers do not. Values keep six decimals; the downloads refuse those beyond 1e24, so
that no sum overflows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from yule.downloads.settings import Method
from yule.downloads.sql import connect, quote_instant, quote_name, quote_text
from yule.features.as_of import check_any_before, days_until, events_before
from yule.features.columns import FeatureColumn, name_values, name_window, write_features
from yule.features.settings import Aggregate, EventFeatures, FeatureSpec, Share

MILLIONTHS = "1e6"


def write_event_features(
    spec: FeatureSpec,
    table: Sequence[Path],
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
        The files of its table.
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
    windows = [
        _Window(name=name_window(length), start=None if length is None else cutoff - length)
        for length in settings.windows
    ]
    aggregates = {
        aggregate: list(_aggregate_columns(settings.name, aggregate, method=method, windows=windows, cutoff=cutoff))
        for aggregate in settings.aggregates
    }
    columns = [replace(column, sql=quote_name(column.name)) for column in chain(*aggregates.values())]
    queries = list(_aggregate_queries(method, aggregates))
    for number, share in enumerate(settings.shares):
        values = vocabulary[share.of]
        if values:
            name = f"{settings.name}__share__{share.of}"
            columns += _share_columns(name, values, number=number, windows=windows)
            queries.append(_ratios_sql(share, values, number=number, method=method, windows=windows))
    with connect(n_threads=n_threads, scratch=folder.parent) as connection:
        events = events_before(method, table, cutoff, where=settings.where)
        connection.execute(f"CREATE TEMP VIEW events AS {events}")
        # Sorted while the rows are narrow: the hundreds of columns of shares are made as the rows stream by.
        joined = " JOIN ".join([f"({queries[0]})", *(f"({query}) USING (user_id)" for query in queries[1:])])
        connection.execute(f"CREATE TEMP TABLE by_user AS SELECT * FROM {joined} ORDER BY user_id")
        write_features(connection, f"SELECT user_id{_select(columns)} FROM by_user", columns, folder)


@dataclass(frozen=True, kw_only=True)
class _Window:
    """A window by its short name and its first instant; None: all history."""

    name: str
    start: datetime | None

    def holds(self, time: str) -> str:
        """Return the condition that a time before the cut-off is in the window."""
        return "true" if self.start is None else f"{time} >= {quote_instant(self.start)}"


def _aggregate_columns(
    set_name: str, aggregate: Aggregate, *, method: Method, windows: Sequence[_Window], cutoff: datetime
) -> Iterator[FeatureColumn]:
    name = "__".join([set_name, aggregate.kind, *([aggregate.of] if aggregate.of else [])])
    time = quote_name(method.time or "")
    if aggregate.kind in ("recency", "tenure"):
        instant = f"{'max' if aggregate.kind == 'recency' else 'min'}({time})"
        yield FeatureColumn(name=name, sql=days_until(cutoff, instant), empty="missing")
        return
    for window in windows:
        yield FeatureColumn(
            name=f"{name}__{window.name}",
            sql=_aggregate_sql(aggregate, window, time=time),
            empty="zero" if aggregate.kind in ("count", "sum", "distinct") else "missing",
        )


def _aggregate_sql(aggregate: Aggregate, window: _Window, *, time: str) -> str:
    where = f"FILTER (WHERE {window.holds(time)})"
    if aggregate.of is None:
        return f"count(*) {where}"
    column = quote_name(aggregate.of)
    match aggregate.kind:
        case "sum":
            return f"coalesce({_sum_sql(column, where)}, 0)"
        case "mean":
            return f"{_sum_sql(column, where)} / count({column}) {where}"
        case "distinct":
            return f"count(value) FILTER (WHERE {window.holds('latest')})"
        case kind:
            return f"{kind}({column}) {where}"


def _sum_sql(column: str, where: str) -> str:
    return f"sum({_millionths(column)}) {where} / {MILLIONTHS}"


def _millionths(column: str) -> str:
    return f"CAST(round({column} * {MILLIONTHS}) AS HUGEINT)"


def _aggregate_queries(method: Method, aggregates: Mapping[Aggregate, Sequence[FeatureColumn]]) -> Iterator[str]:
    """Give a query for all aggregates over events, then one for each over the distinct values of a column.

    All windows end at the cut-off: a value is in a window if its latest event is. Counting the values of each window
    apart takes four times as long, and three times the memory.
    """
    user, time = quote_name(method.user), quote_name(method.time or "")
    over_events = [
        column for aggregate, columns in aggregates.items() if aggregate.kind != "distinct" for column in columns
    ]
    yield f"SELECT {user} AS user_id{_select(over_events)} FROM events GROUP BY 1"
    for aggregate, columns in aggregates.items():
        if aggregate.kind == "distinct":
            value = quote_name(aggregate.of or "")
            values = f"SELECT {user} AS user_id, {value} AS value, max({time}) AS latest FROM events GROUP BY 1, 2"
            yield f"SELECT user_id{_select(columns)} FROM ({values}) GROUP BY 1"


def _ratios_sql(share: Share, values: Sequence[str], *, number: int, method: Method, windows: Sequence[_Window]) -> str:
    """Return a query for the ratios of each user's parts to the whole.

    There is a list of the known values the user has and, beside it, a list of their ratios for each window. They are
    missing where the whole is zero or less; so is ``absent``, the ratio of all other values, which else is 0.
    """
    ratios = "".join(
        f", [CAST(part.weight_{window.name} / whole_{window.name} AS FLOAT) for part in parts]"
        f" AS ratios_{number}_{window.name}, CAST(0 / whole_{window.name} AS FLOAT) AS absent_{number}_{window.name}"
        for window in windows
    )
    parts = _parts_sql(share, values, method=method, windows=windows)
    return f"SELECT user_id, [part.known for part in parts] AS present_{number}{ratios} FROM ({parts})"


def _parts_sql(share: Share, values: Sequence[str], *, method: Method, windows: Sequence[_Window]) -> str:
    """Return a query for each user's list of known values with their weights by window, and the whole by window.

    One column for each value, added up over all rows, would take ten times as long.
    """
    user, of, time = quote_name(method.user), quote_name(share.of), quote_name(method.time or "")
    weight = "1" if share.weight is None else _millionths(quote_name(share.weight))
    names = [f"weight_{window.name}" for window in windows]
    weights = "".join(
        f", coalesce(sum({weight}) FILTER (WHERE {window.holds(time)}), 0) AS {name}"
        for name, window in zip(names, windows, strict=True)
    )
    by_value = f"SELECT {user} AS user_id, {of} AS value{weights} FROM events GROUP BY 1, 2"
    known = f"SELECT unnest([{', '.join(quote_text(value) for value in values)}]) AS known"
    part = ", ".join(f"{name} := {name}" for name in ("known", *names))
    wholes = "".join(
        f", CASE WHEN sum({name}) > 0 THEN sum({name}) END AS whole_{window.name}"
        for name, window in zip(names, windows, strict=True)
    )
    return (
        f"SELECT user_id, list(struct_pack({part})) FILTER (WHERE known IS NOT NULL) AS parts{wholes} "
        f"FROM ({by_value}) LEFT JOIN ({known}) ON value = known GROUP BY user_id"
    )


def _share_columns(
    name: str, values: Sequence[str], *, number: int, windows: Sequence[_Window]
) -> Iterator[FeatureColumn]:
    for value, value_name in zip(values, name_values(values), strict=True):
        place = f"list_position(present_{number}, {quote_text(value)})"
        for window in windows:
            yield FeatureColumn(
                name=f"{name}__{value_name}__{window.name}",
                sql=f"coalesce(ratios_{number}_{window.name}[{place}], absent_{number}_{window.name})",
                empty="missing",
            )


def _select(columns: Sequence[FeatureColumn]) -> str:
    return "".join(f", CAST({column.sql} AS FLOAT) AS {quote_name(column.name)}" for column in columns)
