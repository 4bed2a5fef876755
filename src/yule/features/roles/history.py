"""What users have done of what a question asks for up to a cut-off, in days counted back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.features.as_of import MICROSECONDS_PER_DAY
from yule.features.roles.log import PERIODS, amounts_sql, days_sql, find_usual, window_conditions

_MICROSECOND = timedelta(microseconds=1)

_AMOUNTS = ("amount_1", "amount_3", "amount_all")


@dataclass(frozen=True, kw_only=True)
class History:
    """What users have done of what a question asks for.

    Parameters
    ----------
    rows
        intp (n_doers,): places in ``Activity.user_ids`` of those who have done it.
    columns
        ``days_1``, ``days_3``, ``days_all``, ``last``, ``first`` and amounts as in
        :class:`~yule.features.roles.activity.Activity`; ``gap`` and
        ``gap_deviation``: mean and standard deviation of the horizons from one day to the next, NaN of a single day;
        ``periods`` and ``recent_periods``: periods of one horizon in which it was done, of all and of the last four.
    n_doers
        Users who did it in each window of a rate.
    usual
        What a day on which it was done adds up to, in the mean.
    """

    rows: NDArray[np.intp]
    columns: dict[str, NDArray[np.float64]]
    n_doers: NDArray[np.float64]
    usual: float

    def take(self, rows: NDArray[np.intp]) -> "History":
        """Return the history of some users, places ascending; rates are those of all."""
        kept = np.isin(self.rows, rows)
        columns = {name: values[kept] for name, values in self.columns.items()}
        return replace(self, rows=np.searchsorted(rows, self.rows[kept]), columns=columns)


def read_history(connection: duckdb.DuckDBPyConnection, horizon: timedelta) -> History:
    """Read what users have done of what the question asks for; ``users`` is there."""
    return next(iter(_read(connection, "''", "is_own", horizon, questions=[""])))


def read_histories(connection: duckdb.DuckDBPyConnection, horizon: timedelta, *, items: Sequence[str]) -> list[History]:
    """Read the same for several questions at once: each asks for one item, in the order given."""
    connection.register("asked", pa.table({"item": pa.array(items, pa.string())}))
    return _read(connection, "item", "item IN (SELECT item FROM asked)", horizon, questions=items)


def _read(
    connection: duckdb.DuckDBPyConnection, question: str, where: str, horizon: timedelta, *, questions: Sequence[str]
) -> list[History]:
    length = horizon // _MICROSECOND
    windows = window_conditions(horizon)
    done = ", ".join(f"bool_or({window}) AS done_{number}" for number, window in enumerate(windows))
    found = connection.sql(
        f"""
        WITH days AS (
            SELECT user_id, {question} AS question, age // {MICROSECONDS_PER_DAY} AS day, min(age) AS age,
                sum(amount) AS amount, {done}
            FROM log WHERE {where} GROUP BY ALL
        ), gaps AS (
            SELECT *, day - lag(day) OVER (PARTITION BY user_id, question ORDER BY day) AS gap FROM days
        )
        SELECT question, place, {days_sql("day", length)}, {amounts_sql(length)},
            min(age) AS last, max(age) AS first, sum(gap) AS gaps, sum(gap * gap) AS squares,
            count(gap) AS n_gaps, count(DISTINCT age // {length}) AS periods,
            count(DISTINCT age // {length}) FILTER (WHERE age < {PERIODS * length}) AS recent_periods,
            {", ".join(f"bool_or(done_{number}) AS done_{number}" for number in range(len(windows)))}
        FROM gaps JOIN users USING (user_id) GROUP BY question, place ORDER BY question, place
        """
    ).to_arrow_table()
    places = {name: number for number, name in enumerate(questions)}
    asked = np.array([places[name] for name in found["question"].to_pylist()], dtype=np.intp)
    return [
        _history(found, np.flatnonzero(asked == number), length=length, n_windows=len(windows))
        for number in range(len(questions))
    ]


def _history(found: pa.Table, rows: NDArray[np.intp], *, length: int, n_windows: int) -> History:
    def take(name: str) -> NDArray[np.float64]:
        values: NDArray[np.float64] = found[name].to_numpy()[rows].astype(np.float64)
        return values

    columns = {name: take(name) for name in ("days_1", "days_3", "days_all", "periods", "recent_periods", *_AMOUNTS)}
    columns |= {name: take(name) / length for name in ("last", "first")}
    days = MICROSECONDS_PER_DAY / length
    n_gaps = take("n_gaps")
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = take("gaps") / n_gaps
        variance = take("squares") / n_gaps - mean**2
    columns |= {"gap": mean * days, "gap_deviation": np.sqrt(np.maximum(variance, 0)) * days}
    n_doers = np.array([take(f"done_{number}").sum() for number in range(n_windows)])
    places = found["place"].to_numpy()[rows].astype(np.intp)
    return History(rows=places, columns=columns, n_doers=n_doers, usual=find_usual(columns))
