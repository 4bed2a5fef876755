"""The roles themselves: what each column means, and how it comes from histories, rates and affinities."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.meanings import OF_ROLES, Meaning
from yule.features.columns import name_window
from yule.features.roles.activity import Activity
from yule.features.roles.history import History
from yule.features.roles.log import PERIODS, RECENT

AMOUNTS = ("own_amount", "amount")
"""Roles of questions that add something up."""


def name_roles(feature_set: str, table: str, horizon: timedelta, *, has_amounts: bool = False) -> dict[str, Meaning]:
    """Return the names of the columns of a set, in their order, and what they mean; amounts come last.

    >>> list(name_roles("beer", "purchases", timedelta(days=28)))[:3]
    ['beer__own_days__28d', 'beer__own_days__84d', 'beer__own_days__all']
    """
    one, recent, periods = (horizon,), (RECENT * horizon,), (PERIODS * horizon,)
    columns: Sequence[tuple[str, tuple[timedelta | None, ...]]] = (
        *(("own_days", window) for window in (one, recent, (None,))),
        ("own_recency", ()),
        ("own_tenure", ()),
        ("own_gap", ()),
        ("own_gap_deviation", ()),
        ("own_overdue", ()),
        ("own_periods", ()),
        ("own_periods", periods),
        *(("own_share", window) for window in (one, recent, (None,))),
        ("rate", one),
        ("rate_trend", ()),
        ("rate_season", ()),
        ("rate", (None,)),
        *(("affinity", window) for window in (recent, (None,))),
        *(("days", window) for window in (one, recent, (None,))),
        ("recency", ()),
        ("tenure", ()),
        ("items", recent),
        *((part, window) for part in AMOUNTS if has_amounts for window in (one, recent, (None,))),
    )
    return {
        "__".join([feature_set, part, *map(name_window, windows)]): Meaning(
            feature_set=feature_set, table=table, aggregate=OF_ROLES, part=part, windows=windows
        )
        for part, windows in columns
    }


def compute_roles(
    activity: Activity, history: History, affinities: NDArray[np.float64], *, has_amounts: bool = False
) -> NDArray[np.float32]:
    """Compute the roles of all users for one question.

    Parameters
    ----------
    activity
        What they do at all.
    history
        What they have done of what is asked for.
    affinities
        float64 (n_users, 2): how much the rest points to it, recently and in all history; NaN where it is not known.
    has_amounts
        Whether the question adds something up: then what has been is told too, in units of what is usual for a day.

    Returns
    -------
    ndarray
        float32 (n_users, n_roles), in the order of :func:`name_roles`; NaN where there is nothing to compute.
    """
    own = {name: _spread(values, history.rows, activity.n_users) for name, values in history.columns.items()}
    all_days = activity.columns
    names = ("amount_1", "amount_3", "amount_all") if has_amounts else ()
    counted = {name: np.nan_to_num(own[name]) for name in ("days_1", "days_3", "days_all", "periods", "recent_periods")}
    rates = _log_odds(history.n_doers, activity.n_active)
    ever = np.full(activity.n_users, rates[3])
    columns = (
        *(np.log1p(counted[name]) for name in ("days_1", "days_3", "days_all")),
        own["last"],
        own["first"],
        own["gap"],
        own["gap_deviation"],
        own["last"] / own["gap"],
        own["periods"] / np.ceil(own["first"]).clip(1),
        counted["recent_periods"],
        *(counted[name] / np.maximum(all_days[name], 1) for name in ("days_1", "days_3", "days_all")),
        np.full(activity.n_users, rates[0]),
        np.full(activity.n_users, rates[0] - rates[1]),
        np.full(activity.n_users, rates[2] if activity.n_active[2] else np.nan),
        ever,
        *affinities.T,
        *(np.log1p(all_days[name]) for name in ("days_1", "days_3", "days_all")),
        all_days["last"],
        all_days["first"],
        np.log1p(all_days["items"]),
        *(np.nan_to_num(own[name]) / history.usual for name in names),
        *(all_days[name] / activity.usual for name in names),
    )
    return np.column_stack(columns).astype(np.float32)


def count_doers(features: Features) -> int:
    """Return how many of some users have ever done what is asked for, by the roles of one question."""
    (ever,) = (
        place
        for place, name in enumerate(features.numeric_names)
        if (meaning := features.meanings[name]).part == "own_days" and meaning.windows == (None,)
    )
    return int((features.numeric[:, ever] > 0).sum())


def _spread(values: NDArray[np.float64], rows: NDArray[np.intp], n_users: int) -> NDArray[np.float64]:
    spread = np.full(n_users, np.nan)
    spread[rows] = values
    return spread


def _log_odds(n_some: NDArray[np.float64], n_all: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of the odds of rates, drawn a little to even ones: none is infinite."""
    odds: NDArray[np.float64] = np.log((n_some + 0.5) / (n_all - n_some + 0.5))
    return odds
