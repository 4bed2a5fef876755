"""How well one feature alone tells positive users from negative ones."""

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features

N_EDGES = 17
"""Edges of bins among all users, and as many among the positive ones: a rare answer is seen too."""


def single_feature_aucs(
    features: Features, labels: NDArray[np.float64], halves: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the AUC of every feature alone.

    A feature is cut into bins, missing values and each category having one of their own. The share of positives in
    the bins of one half of the users orders the users of the other half, so that a feature of noise gets about 0.5
    however many values it has.

    Parameters
    ----------
    features
        n_users rows.
    labels
        (n_users,); 0 or 1. Both are in both halves.
    halves
        bool (n_users,): which half a user is in.

    Returns
    -------
    float64 (n_features,)
        0 to 1, in the order of ``features.names``.

    >>> features = Features(
    ...     numeric=np.array([[1, 5], [2, 5], [9, 5], [8, 5]], dtype=np.float32),
    ...     codes=np.empty((4, 0), dtype=np.int32), numeric_names=("a", "b"), categorical_names=(), vocabularies=(),
    ... )
    >>> single_feature_aucs(features, np.array([0.0, 0, 1, 1]), np.array([True, False, True, False]))
    array([1. , 0.5])
    """
    is_positive = labels > 0
    numbers = (_bin_numbers(values, is_positive) for values in features.numeric.T)
    categories = (codes + 1 for codes in features.codes.T)
    return np.array([_cross_auc(bins, is_positive, halves) for part in (numbers, categories) for bins in part])


def _bin_numbers(values: NDArray[np.float32], is_positive: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the bin of each value, from 0; missing values have the last."""
    is_known = ~np.isnan(values)
    edges = np.unique(np.concatenate([_spread(values[is_known]), _spread(values[is_known & is_positive])]))
    return np.where(is_known, np.searchsorted(edges, values), len(edges))


def _spread(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sort(values)[np.linspace(0, len(values) - 1, N_EDGES).astype(np.intp)] if len(values) else values


def _cross_auc(bins: NDArray[np.integer], is_positive: NDArray[np.bool_], halves: NDArray[np.bool_]) -> float:
    n_bins = int(bins.max()) + 1
    counts = np.array(
        [
            [np.bincount(bins[rows & (is_positive == label)], minlength=n_bins) for label in (False, True)]
            for rows in (halves, ~halves)
        ],
        dtype=np.float64,
    )  # half, label, bin
    return 0.5 * (_auc(counts[0], by=counts[1]) + _auc(counts[1], by=counts[0]))


def _auc(counts: NDArray[np.float64], *, by: NDArray[np.float64]) -> float:
    """Return the AUC of users in bins, (label, bin), that are ordered by other users' share of positives."""
    n_users = by.sum(axis=0)
    rates = (by[1] + by[1].sum() / by.sum()) / (n_users + 1)
    negatives, positives = counts[:, np.argsort(rates, kind="stable")]
    below = np.cumsum(negatives) - negatives / 2
    return float((positives * below).sum() / (positives.sum() * negatives.sum()))
