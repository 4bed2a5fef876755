"""Quantiles of numeric features: knots that follow where the users are."""

from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

N_KNOTS = 128
"""Knots per feature at most."""


def find_knots(values: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the distinct quantiles of a feature, and the normal score of each.

    Parameters
    ----------
    values
        (n_users,), not missing. May be empty.

    Returns
    -------
    knots
        float64 (n_knots,), strictly ascending, at least one; [0] for no values.
    scores
        float64 (n_knots,): what a standard normal variable has at the same quantile; quantiles with the same knot (the
        zeros of a count) share the mean of theirs.

    >>> knots, scores = find_knots(np.array([0.0, 0.0, 0.0, 5.0]))
    >>> knots, scores.round(2)
    (array([0., 5.]), array([-0.42,  1.27]))
    """
    if not len(values):
        return np.zeros(1), np.zeros(1)
    ordered = np.sort(values.astype(np.float64))
    places = (np.arange(N_KNOTS) + 0.5) / N_KNOTS * len(ordered)
    knots, groups = np.unique(ordered[places.astype(np.intp)], return_inverse=True)
    scores = np.bincount(groups, weights=_normal_scores()) / np.bincount(groups)
    return knots, scores


@cache
def _normal_scores() -> NDArray[np.float64]:
    normal = NormalDist()
    return np.array([normal.inv_cdf((place + 0.5) / N_KNOTS) for place in range(N_KNOTS)])
