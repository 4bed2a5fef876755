"""The log that roles are told of, up to a cut-off, and the windows it is looked at in."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from yule.features.as_of import all_before
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.sql.quoting import quote_instant, quote_name

RECENT = 3
"""Horizons of the longer of the two windows: a user with an event in them is active."""

PERIODS = 4
"""Horizons of the periods that are looked at one by one."""

YEAR = timedelta(days=365)

_MICROSECOND = timedelta(microseconds=1)


def open_log(
    connection: duckdb.DuckDBPyConnection,
    spec: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    cutoff: datetime,
    *,
    item: str | None,
    own: str,
) -> None:
    """Make the view ``log``: user_id, age, is_recent, item, amount, is_own. An age is microseconds, from 0.

    Parameters
    ----------
    connection
        The database.
    spec
        A feature set of roles.
    tables
        The files of its events, then those of each table that is joined.
    cutoff
        Only events strictly before it count.
    item
        Column that says what events are of; None: all are of nothing.
    own
        Condition of the question.
    """
    settings, method = spec.settings, spec.table.method
    assert isinstance(settings, RoleFeatures)
    named = "NULL" if item is None else f"CAST({quote_name(item)} AS VARCHAR)"
    adding = "0.0" if settings.of is None else f"coalesce(CAST({quote_name(settings.of)} AS DOUBLE), 0)"
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW log AS SELECT *, "
        f"age < {RECENT * (settings.within // _MICROSECOND)} AS is_recent FROM (SELECT {quote_name(method.user)} AS "
        f"user_id, epoch_us({quote_instant(cutoff)}) - epoch_us({quote_name(method.time or '')}) - 1 AS age, "
        f"{named} AS item, {adding} AS amount, ({own}) AS is_own FROM ({all_before(spec, tables, cutoff)}))"
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


def days_sql(day: str, length: int) -> str:
    """Return the days with an event in one horizon, in the recent ones, and in all history."""
    one, recent = (f"FILTER (WHERE age < {n * length})" for n in (1, RECENT))
    return (
        f"count(DISTINCT {day}) {one} AS days_1, count(DISTINCT {day}) {recent} AS days_3, "
        f"count(DISTINCT {day}) AS days_all"
    )


def amounts_sql(length: int) -> str:
    """Return what events of one horizon, of the recent ones, and of all history add up to."""
    one, recent = (f"coalesce(sum(amount) FILTER (WHERE age < {n * length}), 0)" for n in (1, RECENT))
    return f"{one} AS amount_1, {recent} AS amount_3, sum(amount) AS amount_all"


def find_usual(columns: Mapping[str, NDArray[np.float64]]) -> float:
    """Return what a day adds up to in the mean; 1 where that says nothing."""
    amount, n_days = float(columns["amount_all"].sum()), float(columns["days_all"].sum())
    return amount / n_days if amount > 0 else 1.0
