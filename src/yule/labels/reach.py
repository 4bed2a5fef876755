"""Reach: from when until when a log tells what happened, judged by its own days alone.

A row of 2099 or of 1970 (a wrong clock, a placeholder, a date that was misread) says nothing of how far a log goes. The
clock of the machine is not asked: the same data give the same answer on any day.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
from numpy.typing import NDArray

from yule.core.errors import DataError
from yule.downloads.settings import Method
from yule.messages.finding import Finding
from yule.messages.values import Count, Names, name_one
from yule.sql.expressions import local_time
from yule.sql.quoting import quote_name, quote_text

MICROSECONDS_PER_DAY = 86_400_000_000

N_SHOWN = 3
"""Times of strays that are shown."""

RARITY = 1000.0
"""A gap so long that, by the mean gap of the busiest days, one in so many would be as long is out of proportion."""

LEAST_DENSITY = 0.05
"""What comes after such a gap counts if there is so much of it: as a share of the rows that are usual in that time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Strays:
    """Rows so far from all others that they tell nothing of how far the log goes.

    Parameters
    ----------
    method
        The log.
    n_before, n_after
        How many there are before the others, and after them.
    shown
        Times of a few, what the clock showed, the farthest first.
    since, until
        The days on which the other rows begin and end.
    """

    method: str
    n_before: int
    n_after: int
    shown: tuple[str, ...]
    since: str
    until: str


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far a log goes.

    Parameters
    ----------
    since, until
        The first instant it tells of, and the end of what it tells. Where all of its events are at midnight, where they
        happened, it tells days only: its last day is over.
    strays
        What was passed over to see that; None where nothing was.
    """

    since: datetime
    until: datetime
    strays: Strays | None = None


def find_reach(connection: duckdb.DuckDBPyConnection, method: Method, table: str) -> Reach:
    """Find out how far a log goes.

    Parameters
    ----------
    connection
        A database.
    method
        The method of the log; it has a time.
    table
        What to select from.

    Raises
    ------
    DataError
        If it has no rows.
    """
    time = quote_name(method.time or "")
    local = local_time(method.time or "", None if method.tells_days else method.time_zone)
    microseconds = f"epoch_us(CAST({time} AS TIMESTAMPTZ))"
    day = f"{microseconds} // {MICROSECONDS_PER_DAY}"
    counted = connection.sql(f"SELECT {day} AS day, count(*) AS n FROM {table} GROUP BY 1 ORDER BY 1").fetchnumpy()
    days, counts = counted["day"].astype(np.int64), counted["n"].astype(np.int64)
    if not len(days):
        raise DataError(f"{method.name} has no rows: nothing is known of what happened.")
    first, last = find_days(days, counts)
    is_near = f"{day} BETWEEN {days[first]} AND {days[last]}"
    day_is_over = f"(max({local}) + INTERVAL 1 DAY) AT TIME ZONE {quote_text(method.time_zone)}"
    # As microseconds: DuckDB needs another library to give an instant with its zone to Python.
    ((since, until, since_day, until_day),) = connection.execute(
        f"SELECT min({microseconds}), epoch_us(CASE WHEN bool_and({local} = date_trunc('day', {local})) "
        f"THEN {day_is_over} ELSE CAST(max({time}) AS TIMESTAMPTZ) END), "
        f"CAST(CAST(min({local}) AS DATE) AS VARCHAR), CAST(CAST(max({local}) AS DATE) AS VARCHAR) "
        f"FROM {table} WHERE {is_near}"
    ).fetchall()
    n_before, n_after = int(counts[:first].sum()), int(counts[last + 1 :].sum())
    if not n_before and not n_after:
        return Reach(since=_instant(since), until=_instant(until))
    shown = connection.execute(
        f"SELECT CAST({local} AS VARCHAR) FROM {table} WHERE NOT ({is_near}) "
        f"GROUP BY 1 ORDER BY max(abs({microseconds} - {since})) DESC, 1 LIMIT {N_SHOWN}"
    ).fetchall()
    strays = Strays(
        method=method.name,
        n_before=n_before,
        n_after=n_after,
        shown=tuple(row[0] for row in shown),
        since=since_day,
        until=until_day,
    )
    return Reach(since=_instant(since), until=_instant(until), strays=strays)


def find_days(days: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[int, int]:
    """Find the first and the last day of a log that are not far out of proportion to all others.

    From the shortest period with half of the events one goes on in both directions. Behind a gap that is out of
    proportion to the gaps within that period, days count only once they bring a fair share of the rows that are usual:
    then there has been a pause, and not a clock that was wrong.

    Parameters
    ----------
    days
        int (n_days,), ascending: the days that have rows.
    counts
        int (n_days,): how many they have.

    Returns
    -------
    first, last
        Places in ``days``.

    >>> daily = np.arange(100)
    >>> find_days(np.append(daily, 27_394), np.full(101, 8))
    (0, 99)
    >>> find_days(np.append(daily, np.arange(250, 270)), np.full(120, 8))
    (0, 119)
    """
    if len(days) < 3:
        return 0, len(days) - 1
    start, stop = _find_busiest(days, counts)
    span, n_gaps = int(days[stop] - days[start]), stop - start
    longest = int(np.diff(days[start : stop + 1]).max())
    # Of waiting times without memory, one after n of mean m exceeds n * m * (x ** (1 / n) - 1) once in x times.
    usual = max(3.0 * longest, span * (RARITY ** (1 / n_gaps) - 1))
    least = LEAST_DENSITY * float(np.median(counts[start : stop + 1])) * (n_gaps + 1) / (span + 1)
    last = stop + _walk(days[stop:], counts[stop:], usual=usual, least=least)
    first = start - _walk(-days[start::-1], counts[start::-1], usual=usual, least=least)
    return first, last


def _find_busiest(days: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[int, int]:
    """Return the places of the shortest period with half of the events, a day with many counted as a usual one."""
    weights = np.minimum(counts, np.quantile(counts, 0.75))
    total = np.concatenate([[0.0], np.cumsum(weights)])
    starts = np.arange(len(days))
    stops = np.maximum(np.searchsorted(total, total[:-1] + total[-1] / 2) - 1, starts + 1)
    starts, stops = starts[stops < len(days)], stops[stops < len(days)]
    shortest = int(np.argmin(days[stops] - days[starts]))
    return int(starts[shortest]), int(stops[shortest])


def _walk(days: NDArray[np.int64], counts: NDArray[np.int64], *, usual: float, least: float) -> int:
    """Return the place of the last day, from the first on, up to which every gap is usual or made good afterwards."""
    gaps = np.flatnonzero(np.diff(days) > usual)
    total = np.cumsum(counts)
    for place in range(len(days) - 1, 0, -1):
        before = gaps[gaps < place]
        if not len(before):
            return place
        if np.all(total[place] - total[before] >= least * (days[place] + 1 - days[before])):
            return place
    return 0


def find_strays(strays: Strays) -> Finding:
    """Return which rows were passed over."""
    return Finding(
        check="labels",
        code="log-strays",
        severity="warn",
        values={
            "n_rows": Count(strays.n_before + strays.n_after),
            "n_before": Count(strays.n_before),
            "n_after": Count(strays.n_after),
            "log": name_one(strays.method),
            "since": name_one(strays.since),
            "until": name_one(strays.until),
            "shown": Names(strays.shown, len(strays.shown)),
        },
    )


def _instant(microseconds: int) -> datetime:
    """Return an instant; of one that Python has no word for the nearest it has."""
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return (datetime.min if microseconds < 0 else datetime.max).replace(tzinfo=UTC)
