"""How far a metric may be off, by resampling the users.

The Poisson bootstrap [1]_ gives every user a weight drawn from a Poisson distribution of mean 1. The weights of users
who stand together add up to one Poisson number, so only one number is drawn for each group: a thousand resamples of a
million users take a second.

References
----------
.. [1] Chamandy et al., Estimating uncertainty for massive data streams, Google technical report, 2012.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.metrics.gains import top_size

MAX_PLACES = 2048
"""Neighbours in the list share a place when there are more distinct scores than this."""

RESAMPLES_PER_DRAW = 64
"""Resamples drawn at once; bounds memory."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Where a number lies with the given confidence.

    Parameters
    ----------
    low, high
        Ends of the interval, in the unit of the number.
    """

    low: float
    high: float


def hits_intervals(
    labels: NDArray[np.float64],
    scores: NDArray[np.float64],
    fractions: Sequence[float],
    *,
    seed: int,
    confidence: float = 0.9,
    n_resamples: int = 1000,
) -> tuple[Interval, ...]:
    """Return intervals for the hits in the top of the list (see :func:`yule.metrics.gains.gains_table`).

    Parameters
    ----------
    labels
        (n_users,); 0 or 1.
    scores
        (n_users,); only their order counts.
    fractions
        Top fractions of the list, each above 0 and at most 1.
    seed
        Seed of the resampling.
    confidence
        Share of the resamples inside the interval, centred.
    n_resamples
        Number of resamples.

    Returns
    -------
    tuple of Interval
        One for each fraction, in positives among ``top_size(fraction, n_users)`` users.

    >>> labels, scores = np.repeat([1.0, 0.0], [50, 950]), np.linspace(1, 0, 1000)
    >>> (interval,) = hits_intervals(labels, scores, [0.1], seed=0)
    >>> 35 < interval.low < 50 < interval.high < 65
    True
    """
    sizes = np.array([top_size(fraction, len(labels)) for fraction in fractions])
    precisions = np.concatenate(
        [
            _precisions(positives, negatives, sizes / len(labels))
            for positives, negatives in _resamples(labels, scores, n_resamples=n_resamples, seed=seed)
        ]
    )
    return central_intervals(precisions * sizes, (1 - confidence) / 2)


def roc_auc_interval(
    labels: NDArray[np.float64],
    scores: NDArray[np.float64],
    *,
    seed: int,
    confidence: float = 0.9,
    n_resamples: int = 1000,
) -> Interval:
    """Return an interval for the area under the ROC curve (see :func:`yule.metrics.scores.roc_auc`).

    Parameters
    ----------
    labels
        (n_users,); 0 or 1; both occur.
    scores
        (n_users,); only their order counts.
    seed
        Seed of the resampling.
    confidence
        Share of the resamples inside the interval, centred.
    n_resamples
        Number of resamples.

    Returns
    -------
    Interval
        Within 0 to 1.

    >>> roc_auc_interval(np.array([0.0, 1.0] * 50), np.tile([0.2, 0.7], 50), seed=0)
    Interval(low=1.0, high=1.0)
    """
    areas = np.concatenate(
        [
            _areas(positives, negatives)
            for positives, negatives in _resamples(labels, scores, n_resamples=n_resamples, seed=seed)
        ]
    )
    return central_intervals(areas[:, None], (1 - confidence) / 2)[0]


def mean_interval(
    values: NDArray[np.float64], *, seed: int, confidence: float = 0.9, n_resamples: int = 1000
) -> Interval:
    """Return an interval for the mean of a number that each user has.

    Parameters
    ----------
    values
        (n_users,).
    seed
        Seed of the resampling.
    confidence
        Share of the resamples inside the interval, centred.
    n_resamples
        Number of resamples.

    >>> interval = mean_interval(np.tile([0.0, 1.0], 500), seed=0)
    >>> 0.46 < interval.low < 0.5 < interval.high < 0.54
    True
    """
    places = _places(values)
    n_users = np.bincount(places)
    means = np.bincount(places, weights=values) / np.maximum(n_users, 1)
    drawn = draw_weights(np.random.default_rng(seed), n_users, n_resamples=n_resamples)
    # A resample of a handful of users may hold none.
    resampled = np.concatenate(
        [(weights * means).sum(axis=1) / np.maximum(weights.sum(axis=1), 1) for (weights,) in drawn]
    )
    return central_intervals(resampled[:, None], (1 - confidence) / 2)[0]


def _resamples(
    labels: NDArray[np.float64], scores: NDArray[np.float64], *, n_resamples: int, seed: int
) -> Iterator[tuple[NDArray[np.int64], ...]]:
    """Draw the weights of positives and of negatives, each (n_drawn, n_places), the top of the list first."""
    places = _places(scores)
    n_users = np.bincount(places)
    n_positives = np.bincount(places, weights=labels)
    random = np.random.default_rng(seed)
    return draw_weights(random, n_positives, n_users - n_positives, n_resamples=n_resamples)


def _places(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return where each user stands in the list, 0 at the top; equal scores share a place."""
    _, group, sizes = np.unique(-scores, return_inverse=True, return_counts=True)
    if len(sizes) <= MAX_PLACES:
        return group
    middle = np.cumsum(sizes) - sizes / 2
    return (middle * MAX_PLACES / len(scores)).astype(np.intp)[group]


def _precisions(
    positives: NDArray[np.int64], negatives: NDArray[np.int64], fractions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the precision in the top fractions of each resample, (n_drawn, n_fractions)."""
    hits = np.cumsum(positives, axis=1)
    users = np.cumsum(positives + negatives, axis=1)
    sizes = fractions * np.maximum(users[:, -1:], 1)  # a resample of a handful of users may hold none
    found = [
        np.interp(size, np.append(0, n_users), np.append(0, n_hits))
        for size, n_users, n_hits in zip(sizes, users, hits, strict=True)
    ]
    return np.asarray(found / sizes)


def _areas(positives: NDArray[np.int64], negatives: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the area under the ROC curve of each resample that has both kinds of users, at most (n_drawn,)."""
    below = np.cumsum(negatives[:, ::-1], axis=1)[:, ::-1] - negatives / 2
    won = (positives * below).sum(axis=1)
    pairs = positives.sum(axis=1) * negatives.sum(axis=1)
    areas: NDArray[np.float64] = won[pairs > 0] / pairs[pairs > 0]
    return areas


def draw_weights(
    random: np.random.Generator, *n_users: NDArray[np.integer | np.floating], n_resamples: int
) -> Iterator[tuple[NDArray[np.int64], ...]]:
    """Draw the weights of groups of users.

    Parameters
    ----------
    random
        What is drawn from.
    n_users
        (n_groups,) each; numbers of users of one kind in each group.
    n_resamples
        Number of resamples.

    Yields
    ------
    tuple of ndarray
        For each kind (n_drawn, n_groups); all that are yielded are ``n_resamples`` rows.

    >>> drawn = draw_weights(np.random.default_rng(0), np.array([5.0, 0.0]), n_resamples=100)
    >>> [weights.shape for (weights,) in drawn]
    [(64, 2), (36, 2)]
    """
    for start in range(0, n_resamples, RESAMPLES_PER_DRAW):
        n_drawn = min(RESAMPLES_PER_DRAW, n_resamples - start)
        yield tuple(random.poisson(users, (n_drawn, len(users))) for users in n_users)


def central_intervals(resampled: NDArray[np.float64], tail: float = 0.05) -> tuple[Interval, ...]:
    """Return for each column of (n_resamples, n_numbers) where it lies, but for a share of resamples at each end.

    >>> central_intervals(np.linspace(0, 100, 101)[:, None], 0.1)
    (Interval(low=10.0, high=90.0),)
    """
    ends = np.quantile(resampled, [tail, 1 - tail], axis=0)
    return tuple(Interval(low=float(low), high=float(high)) for low, high in ends.T)
