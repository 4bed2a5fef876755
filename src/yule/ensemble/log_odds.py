"""Log-odds: the space in which predictions of members are added up.

Every function here works element by element: a user's value never depends on which other users are in the array.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

LEAST = 1e-12
"""Probabilities are kept this far from 0 and 1."""


def log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``log(p / (1 - p))``, within -27.7 to 27.7.

    Parameters
    ----------
    probabilities
        Any shape.

    >>> log_odds(np.array([0.5, 0.75])).round(3)
    array([0.   , 1.099])
    """
    inside = np.clip(probabilities, LEAST, 1 - LEAST)
    return np.log(inside) - np.log1p(-inside)


def probabilities_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities that have these log-odds; the inverse of :func:`log_odds`.

    Parameters
    ----------
    values
        Log-odds, any shape.

    >>> probabilities_of(np.array([-1000.0, 0.0]))
    array([1.e-12, 5.e-01])
    """
    small = np.exp(-np.abs(values))
    probabilities = np.where(values >= 0, 1.0, small) / (1.0 + small)
    return np.clip(probabilities, LEAST, 1 - LEAST)


def weighted_mean(members: Sequence[NDArray[np.float64]], weights: Iterable[float]) -> NDArray[np.float64]:
    """Return the weighted mean of the members' log-odds.

    Parameters
    ----------
    members
        Log-odds of each member, (n_users,). Members of weight 0 are not looked at.
    weights
        One for each member, summing to 1.

    Returns
    -------
    ndarray
        (n_users,).

    >>> weighted_mean([np.array([1.0, 2.0]), np.array([3.0, 2.0])], [0.25, 0.75])
    array([2.5, 2. ])
    """
    total = np.zeros(len(members[0]))
    # Not a matrix product: its sums may depend on the number of rows and of threads.
    for member, weight in zip(members, weights, strict=True):
        if weight > 0:
            total += weight * member
    return total


def log_losses(labels: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each user's log loss, in nats.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1.
    values
        Log-odds of the label 1, (n_users,).

    Returns
    -------
    ndarray
        (n_users,); at least 0.

    >>> log_losses(np.array([0.0, 1.0]), np.array([0.0, 0.0])).round(4)
    array([0.6931, 0.6931])
    """
    return np.log1p(np.exp(-np.abs(values))) + np.maximum(values, 0.0) - labels * values
