"""Quantiles of numeric features: knots that follow where the users are."""

from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

N_KNOTS = 128
"""Knots per feature, unless fewer are asked for."""


def find_knots(values: NDArray[np.floating], n_knots: int = N_KNOTS) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the distinct quantiles of a feature, and the normal score of each.

    Parameters
    ----------
    values
        (n_users,), not missing. May be empty.
    n_knots
        At most so many are found.

    Returns
    -------
    knots
        float64, strictly ascending, at least one; [0] for no values.
    scores
        float64, one for each knot: what a standard normal variable has at the same quantile; quantiles with the same
        knot (the zeros of a count) share the mean of theirs.

    >>> knots, scores = find_knots(np.array([0.0, 0.0, 0.0, 5.0]))
    >>> knots, scores.round(2)
    (array([0., 5.]), array([-0.42,  1.27]))
    """
    if not len(values):
        return np.zeros(1), np.zeros(1)
    ordered = np.sort(values.astype(np.float64))
    places = (np.arange(n_knots) + 0.5) / n_knots * len(ordered)
    knots, groups = np.unique(ordered[places.astype(np.intp)], return_inverse=True)
    scores = np.bincount(groups, weights=_normal_scores(n_knots)) / np.bincount(groups)
    return knots, scores


@cache
def _normal_scores(n_knots: int) -> NDArray[np.float64]:
    normal = NormalDist()
    return np.array([normal.inv_cdf((place + 0.5) / n_knots) for place in range(n_knots)])
