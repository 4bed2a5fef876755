"""The table that all aggregates read: events before the cut-off of a range of users, narrow and numbered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.meanings import Meaning, Unit
from yule.features.as_of import MICROSECONDS_PER_DAY, joined_before
from yule.features.columns import FeatureColumn, name_window
from yule.features.settings import CLOCK, Aggregate, EventFeatures, FeatureSpec, is_clock
from yule.sql.expressions import local_time
from yule.sql.quoting import quote_instant, quote_name, quote_text

ROWS_AT_ONCE = 2_000_000
"""Events of a range of users, unless a single user has more."""

USERS_AT_ONCE = 65_536
"""Users of a range: their features are held in memory."""

_CLOCK_SQL = {
    "weekday": f"{list(CLOCK['weekday'])}[isodow({{local}})]",
    "time_of_day": f"{list(CLOCK['time_of_day'])}[hour({{local}}) // 6 + 1]",
}


@dataclass(frozen=True, kw_only=True)
class Window:
    """A window that ends at the cut-off.

    Parameters
    ----------
    name
        Its short name, as in columns.
    length
        Its length; None: all history.
    bucket
        Events whose bucket is at most this are in it.
    """

    name: str
    length: timedelta | None
    bucket: int

    @property
    def holds(self) -> str:
        """The condition that an event is in the window."""
        return f"bucket <= {self.bucket}"


@dataclass(frozen=True, kw_only=True)
class EventTable:
    """The table ``events`` of one range of users, in a database.

    Parameters
    ----------
    connection
        The database.
    settings
        The feature set.
    windows
        Its windows, the shortest first.
    columns
        Names in the table of the columns that the set reads, by their own names.
    n_users
        Users of the range: codes are 0 to n_users - 1.
    """

    connection: duckdb.DuckDBPyConnection
    settings: EventFeatures
    windows: tuple[Window, ...]
    columns: Mapping[str, str]
    n_users: int

    def meaning_of(self, aggregate: Aggregate, unit: Unit, *windows: Window, part: str = "") -> Meaning:
        """Return what a column of an aggregate means."""
        return Meaning(
            feature_set=self.settings.name,
            table=self.settings.download,
            aggregate=aggregate.kind,
            column=aggregate.of or "",
            part=part,
            windows=tuple(window.length for window in windows),
            every=aggregate.every,
            unit=unit,
        )


@dataclass(frozen=True, kw_only=True)
class Family:
    """Columns that one query gives.

    Parameters
    ----------
    source
        Rows with the column ``code``, as SQL; there may be several of a user.
    columns
        The columns; their ``sql`` is over all rows of a user.
    """

    source: str
    columns: tuple[FeatureColumn, ...]


def find_windows(lengths: Sequence[timedelta | None]) -> tuple[Window, ...]:
    """Return windows with the buckets of their events, the shortest first, all history last.

    >>> [window.name for window in find_windows([None, timedelta(days=28)])]
    ['28d', 'all']
    """
    ordered = sorted(lengths, key=lambda length: (length is None, length or timedelta(0)))
    return tuple(
        Window(name=name_window(length), length=length, bucket=bucket) for bucket, length in enumerate(ordered)
    )


def walk_ranges(
    connection: duckdb.DuckDBPyConnection, spec: FeatureSpec, tables: Sequence[Sequence[Path]], *, cutoff: datetime
) -> Iterator[tuple[NDArray[np.object_], EventTable]]:
    """Make the table ``events`` for one range of users after the other.

    Parameters
    ----------
    connection
        The database; the table lives in it until the next one is made.
    spec
        A feature set over events.
    tables
        The files of its events, then those of each table that is joined.
    cutoff
        Only events strictly before it count.

    Yields
    ------
    users
        str (n_users,), ascending: the users of the range.
    table
        Their events. One empty range when no user has any.
    """
    settings, method = spec.settings, spec.table.method
    assert isinstance(settings, EventFeatures)
    windows = find_windows(settings.windows)
    columns = {name: f"c{number}" for number, name in enumerate(read_columns(settings))}
    events, user = joined_before(spec, tables, cutoff), quote_name(method.user)
    age = f"epoch_us({quote_instant(cutoff)}) - epoch_us({quote_name(method.time or '')}) AS age"
    selected = "".join(f", {_column_sql(spec, name)} AS {alias}" for name, alias in columns.items())
    whole = f"SELECT {user} AS user_id, {age}{selected} FROM ({events})"
    counted = connection.sql(
        f"SELECT {user} AS user_id, count(*) AS n FROM ({events}) GROUP BY 1 ORDER BY 1"
    ).to_arrow_table()
    users = counted["user_id"].to_numpy()
    for rows in _divide(counted["n"].to_numpy()):
        part = users[rows]
        first, last = (part[0], part[-1]) if len(part) else ("", "")
        # The table is sorted by user: only the part of it that holds the range is read.
        within = f"{whole} WHERE {user} >= {quote_text(first)} AND {user} <= {quote_text(last)}"
        _make_events(connection, within, part, windows)
        yield (
            part,
            EventTable(connection=connection, settings=settings, windows=windows, columns=columns, n_users=len(part)),
        )


def _make_events(
    connection: duckdb.DuckDBPyConnection, sql: str, users: NDArray[np.object_], windows: Sequence[Window]
) -> None:
    """Make the table ``events`` of those of some users, by their numbers, with their day and bucket."""
    connection.register(
        "range_users", pa.table({"user_id": pa.array(users, pa.string()), "code": np.arange(len(users))})
    )
    numbered = f"SELECT * EXCLUDE (user_id) FROM ({sql}) JOIN range_users USING (user_id)"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE events AS SELECT *, (age - 1) // {MICROSECONDS_PER_DAY} AS day, "
        f"{_bucket_sql(windows)} AS bucket FROM ({numbered})"
    )
    connection.unregister("range_users")


def read_columns(settings: EventFeatures) -> tuple[str, ...]:
    """Return the columns that the aggregates and shares of a set read, each once."""
    aggregated = [aggregate.of for aggregate in settings.aggregates]
    shared = [name for share in settings.shares for name in (share.of, share.weight)]
    return tuple(dict.fromkeys(name for name in (*aggregated, *shared) if name is not None))


def _divide(counts: NDArray[np.int64]) -> Iterator[slice]:
    """Cut users into ranges by the numbers of their events."""
    ends, start = np.cumsum(counts), 0
    while start < len(counts) or not start:
        before = ends[start - 1] if start else 0
        by_rows = int(np.searchsorted(ends, before + ROWS_AT_ONCE, side="right"))
        stop = min(max(by_rows, start + 1), start + USERS_AT_ONCE)
        yield slice(start, stop)
        start = stop


def _column_sql(spec: FeatureSpec, name: str) -> str:
    if is_clock(name, spec.event_columns):
        method = spec.table.method
        return _CLOCK_SQL[name].format(
            local=local_time(method.time or "", None if method.tells_days else method.time_zone)
        )
    return quote_name(name)


def _bucket_sql(windows: Sequence[Window]) -> str:
    cases = "".join(
        f" WHEN age <= {window.length // timedelta(microseconds=1)} THEN {window.bucket}"
        for window in windows
        if window.length is not None
    )
    n_finite = sum(window.length is not None for window in windows)
    return f"CASE{cases} ELSE {n_finite} END" if cases else "0"
