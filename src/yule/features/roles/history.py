"""What users have done up to a cut-off: of everything, and of what a question asks for, in days counted back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.features.as_of import MICROSECONDS_PER_DAY
from yule.sql.quoting import quote_name

RECENT = 3
"""Horizons of the longer of the two windows: a user with an event in them is active."""

PERIODS = 4
"""Horizons of the periods that are looked at one by one."""

YEAR = timedelta(days=365)

_MICROSECOND = timedelta(microseconds=1)

_AMOUNTS = ("amount_1", "amount_3", "amount_all")


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What users do at all, whatever is asked.

    Parameters
    ----------
    user_ids
        str (n_users,), ascending: all users with an event before the cut-off.
    columns
        ``days_1``, ``days_3``, ``days_all``: days with an event in one horizon, in three, in all history; ``last`` and
        ``first``: horizons since the last and the first event; ``items``: different items in three horizons;
        ``amount_1``, ``amount_3``, ``amount_all``: what events add up to. float64 (n_users,) each.
    n_active
        Users with an event in each window of a rate (see :func:`window_conditions`).
    usual
        What a day with an event adds up to, in the mean.
    """

    user_ids: NDArray[np.object_]
    columns: dict[str, NDArray[np.float64]]
    n_active: NDArray[np.float64]
    usual: float

    @property
    def n_users(self) -> int:
        """Number of users."""
        return len(self.user_ids)

    def take(self, rows: NDArray[np.intp]) -> "Activity":
        """Return the activity of some users; rates are those of all."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        return replace(self, user_ids=self.user_ids[rows], columns=columns)


@dataclass(frozen=True, kw_only=True)
class History:
    """What users have done of what a question asks for.

    Parameters
    ----------
    rows
        intp (n_doers,): places in ``Activity.user_ids`` of those who have done it.
    columns
        ``days_1``, ``days_3``, ``days_all``, ``last``, ``first`` and amounts as in :class:`Activity`; ``gap`` and
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


def open_log(
    connection: duckdb.DuckDBPyConnection,
    events: str,
    *,
    user: str,
    time: str,
    item: str | None,
    amount: str | None,
    own: str,
    until: str,
) -> None:
    """Make the view ``log``: user_id, ``age`` (microseconds before the cut-off, from 0), item, amount, is_own.

    Parameters
    ----------
    connection
        The database.
    events
        Query for the events before the cut-off.
    user, time, item, amount
        Columns of the events; without an item all have the same, without an amount 0.
    own
        Condition of the question.
    until
        The cut-off, as SQL.
    """
    named = "NULL" if item is None else f"CAST({quote_name(item)} AS VARCHAR)"
    adding = "0.0" if amount is None else f"coalesce(CAST({quote_name(amount)} AS DOUBLE), 0)"
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW log AS SELECT {quote_name(user)} AS user_id, "
        f"epoch_us({until}) - epoch_us({quote_name(time)}) - 1 AS age, {named} AS item, {adding} AS amount, "
        f"({own}) AS is_own "
        f"FROM ({events})"
    )


def window_conditions(horizon: timedelta) -> tuple[str, ...]:
    """Return the windows that rates are told of: the last horizon, the one before, the one a year ago, all history."""
    length = horizon // _MICROSECOND
    year = YEAR // _MICROSECOND
    return (
        f"age < {length}",
        f"age >= {length} AND age < {2 * length}",
        f"age >= {year - length} AND age < {year}",
        "true",
    )


def read_activity(connection: duckdb.DuckDBPyConnection, horizon: timedelta) -> Activity:
    """Read what users do at all, and number them in the table ``users``."""
    length = horizon // _MICROSECOND
    active = ", ".join(
        f"bool_or({window}) AS active_{number}" for number, window in enumerate(window_conditions(horizon))
    )
    found = connection.sql(
        f"SELECT user_id, {_days_sql('age // ' + str(MICROSECONDS_PER_DAY), length)}, {_amounts_sql(length)}, "
        f"min(age) AS last, "
        f"max(age) AS first, count(DISTINCT item) FILTER (WHERE age < {RECENT * length}) AS items, {active} "
        "FROM log GROUP BY 1 ORDER BY 1"
    ).to_arrow_table()
    user_ids = found["user_id"].to_numpy()
    connection.register("users", pa.table({"user_id": found["user_id"], "code": np.arange(len(user_ids))}))
    names = ("days_1", "days_3", "days_all", "last", "first", "items", *_AMOUNTS)
    columns = {name: found[name].to_numpy().astype(np.float64) for name in names}
    for name in ("last", "first"):
        columns[name] /= length
    n_windows = len(window_conditions(horizon))
    n_active = np.array([found[f"active_{number}"].to_numpy().sum() for number in range(n_windows)], dtype=np.float64)
    return Activity(user_ids=user_ids, columns=columns, n_active=n_active, usual=_find_usual(columns))


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
        SELECT question, code, {_days_sql("day", length)}, {_amounts_sql(length)},
            min(age) AS last, max(age) AS first, sum(gap) AS gaps, sum(gap * gap) AS squares,
            count(gap) AS n_gaps, count(DISTINCT age // {length}) AS periods,
            count(DISTINCT age // {length}) FILTER (WHERE age < {PERIODS * length}) AS recent_periods,
            {", ".join(f"bool_or(done_{number}) AS done_{number}" for number in range(len(windows)))}
        FROM gaps JOIN users USING (user_id) GROUP BY question, code ORDER BY question, code
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
    places = found["code"].to_numpy()[rows].astype(np.intp)
    return History(rows=places, columns=columns, n_doers=n_doers, usual=_find_usual(columns))


def _find_usual(columns: dict[str, NDArray[np.float64]]) -> float:
    """Return what a day adds up to in the mean; 1 where that says nothing."""
    amount, n_days = float(columns["amount_all"].sum()), float(columns["days_all"].sum())
    return amount / n_days if amount > 0 else 1.0


def _days_sql(day: str, length: int) -> str:
    """Return the days with an event in one horizon, in the recent ones, and in all history."""
    one, recent = (f"FILTER (WHERE age < {n * length})" for n in (1, RECENT))
    return (
        f"count(DISTINCT {day}) {one} AS days_1, count(DISTINCT {day}) {recent} AS days_3, "
        f"count(DISTINCT {day}) AS days_all"
    )


def _amounts_sql(length: int) -> str:
    """Return what events of one horizon, of the recent ones, and of all history add up to."""
    one, recent = (f"coalesce(sum(amount) FILTER (WHERE age < {n * length}), 0)" for n in (1, RECENT))
    return f"{one} AS amount_1, {recent} AS amount_3, sum(amount) AS amount_all"
