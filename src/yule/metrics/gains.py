"""What a campaign gets out of a ranked list, and whether its probabilities can be taken at their word.

Users with the same score stand together: a cut through them takes each with the same chance, so what is
reported never depends on the order of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.core.errors import DataError


@dataclass(frozen=True, kw_only=True)
class GainsRow:
    """What the top of the list holds.

    Parameters
    ----------
    fraction
        Top fraction of the list, above 0, at most 1.
    n_users
        Users in it; at least 1.
    hits
        Positives among them, expected over the order of users with equal scores.
    precision
        ``hits / n_users``.
    recall
        Share of all positives that are among them.
    lift
        ``precision`` over the share of positives among all users.
    """

    fraction: float
    n_users: int
    hits: float
    precision: float
    recall: float
    lift: float


@dataclass(frozen=True, kw_only=True)
class CalibrationBin:
    """Users with similar probabilities.

    Parameters
    ----------
    n_users
        Users in the bin; at least 1.
    mean_probability
        What was predicted for them on average.
    positive_fraction
        Share of them that turned out positive.
    """

    n_users: int
    mean_probability: float
    positive_fraction: float


def gains_table(
    labels: NDArray[np.float64], scores: NDArray[np.float64], fractions: Sequence[float]
) -> tuple[GainsRow, ...]:
    """Count the positives in the top of the list.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1.
    scores
        (n_users,); only their order counts.
    fractions
        Top fractions of the list, each above 0 and at most 1.

    Returns
    -------
    tuple of GainsRow
        One for each fraction, in the order given.

    Raises
    ------
    DataError
        There is no positive user.

    >>> (row,) = gains_table(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.5, 0.5, 0.1]), [0.5])
    >>> row.n_users, row.hits, row.recall, row.lift
    (2, 1.5, 0.75, 1.5)
    """
    n_positives = float(labels.sum())
    if n_positives == 0:
        raise DataError(
            f"Gains need at least one positive user, but none of {len(labels)} is. Check the rule of the labels."
        )
    n_users_at, hits_at = gains_curve(labels, scores)
    sizes = [top_size(fraction, len(labels)) for fraction in fractions]
    hits = np.interp(sizes, n_users_at, hits_at)
    return tuple(
        GainsRow(
            fraction=fraction,
            n_users=size,
            hits=float(n_hits),
            precision=float(n_hits / size),
            recall=float(n_hits / n_positives),
            lift=float(n_hits / size * len(labels) / n_positives),
        )
        for fraction, size, n_hits in zip(fractions, sizes, hits, strict=True)
    )


def gains_curve(
    labels: NDArray[np.float64], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners of the gains curve; straight lines between them are expected hits.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1.
    scores
        (n_users,); only their order counts.

    Returns
    -------
    n_users_at, hits_at
        (n_distinct_scores + 1,): users taken from the top, from 0 to n_users, and the positives among them.

    >>> gains_curve(np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.5, 0.5]))
    (array([0., 1., 3.]), array([0., 1., 2.]))
    """
    order = np.argsort(-scores, kind="stable")
    is_last_of_ties = np.append(np.diff(scores[order]) != 0, True)
    ends = np.flatnonzero(is_last_of_ties)
    hits = np.cumsum(labels[order])[ends]
    return np.append(0.0, ends + 1.0), np.append(0.0, hits)


def top_size(fraction: float, n_users: int) -> int:
    """Return the number of users in a top fraction of the list: rounded half up, at least 1.

    >>> top_size(0.01, 250), top_size(0.01, 3)
    (3, 1)
    """
    return max(1, int(fraction * n_users + 0.5))


def deal_bins(predictions: NDArray[np.float64], n_bins: int) -> NDArray[np.intp]:
    """Return the bin of each user, from 0 for the lowest predictions; bins have about equally many users.

    Users with the same prediction stay in one bin, so some may be empty.

    >>> deal_bins(np.array([0.2, 0.9, 0.1, 0.2]), 2)
    array([1, 1, 0, 1])
    """
    _, group, sizes = np.unique(predictions, return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - sizes / 2  # where the group stands in the sorted list
    bins: NDArray[np.intp] = (middle * n_bins / len(predictions)).astype(np.intp)[group]
    return bins


def calibration_bins(
    labels: NDArray[np.float64], probabilities: NDArray[np.float64], n_bins: int = 10
) -> tuple[CalibrationBin, ...]:
    """Compare predicted with observed frequencies in bins of about equally many users.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1.
    probabilities
        (n_users,).
    n_bins
        Bins wanted. There are fewer when many users have the same probability: they stay in one bin.

    Returns
    -------
    tuple of CalibrationBin
        From the lowest probabilities to the highest.

    >>> calibration_bins(np.array([0.0, 1.0]), np.array([0.2, 0.7]), n_bins=2)[1]
    CalibrationBin(n_users=1, mean_probability=0.7, positive_fraction=1.0)
    """
    bins = deal_bins(probabilities, n_bins)
    counts = np.bincount(bins, minlength=n_bins)
    predicted = np.bincount(bins, weights=probabilities, minlength=n_bins)
    observed = np.bincount(bins, weights=labels, minlength=n_bins)
    return tuple(
        CalibrationBin(
            n_users=int(counts[i]),
            mean_probability=float(predicted[i] / counts[i]),
            positive_fraction=float(observed[i] / counts[i]),
        )
        for i in np.flatnonzero(counts)
    )
