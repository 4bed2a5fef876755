"""One number for a set of predictions; higher is always better."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yule.core.errors import DataError

_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


def roc_auc(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> float:
    """Return the chance that a positive user scores above a negative one; a tie counts one half.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1.
    probabilities
        (n_users,); only their order counts.

    Returns
    -------
    float
        0 to 1; 0.5 for a random order.

    Raises
    ------
    DataError
        The labels are all the same.

    >>> roc_auc(np.array([0.0, 1.0, 1.0]), np.array([0.1, 0.1, 0.7]))
    0.75
    """
    _check_both_classes(labels, "ROC AUC")
    if np.isnan(probabilities).any():
        raise ValueError("A score is missing: its place in the list is not known.")
    negatives, positives = np.sort(probabilities[labels == 0]), np.sort(probabilities[labels == 1])
    won_twice = sum(int(np.searchsorted(negatives, positives, side=side).sum()) for side in _SIDES)
    return won_twice / (2 * len(negatives) * len(positives))


def average_precision(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> float:
    """Return the precision averaged over the positives, each at its own place in the list.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1.
    probabilities
        (n_users,); only their order counts.

    Returns
    -------
    float
        0 to 1; about the share of positives for a random order.

    Raises
    ------
    DataError
        The labels are all the same.

    >>> average_precision(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.7, 0.4, 0.1]))
    0.8333333333333333
    """
    from sklearn.metrics import average_precision_score

    _check_both_classes(labels, "average precision")
    return float(average_precision_score(labels, probabilities))


def neg_log_loss(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> float:
    """Return the mean log-likelihood of the labels, in nats.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1.
    probabilities
        (n_users,); probability of the label 1.

    Returns
    -------
    float
        At most 0; ``-log(2)`` when every probability is one half.

    Raises
    ------
    DataError
        The labels are all the same.

    >>> round(neg_log_loss(np.array([0.0, 1.0]), np.array([0.5, 0.5])), 4)
    -0.6931
    """
    from sklearn.metrics import log_loss

    _check_both_classes(labels, "log loss")
    return -float(log_loss(labels, probabilities))


def neg_brier(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> float:
    """Return minus the mean squared error of the probabilities.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1.
    probabilities
        (n_users,); probability of the label 1.

    Returns
    -------
    float
        -1 to 0.

    Raises
    ------
    DataError
        The labels are all the same.

    >>> neg_brier(np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    -0.25
    """
    from sklearn.metrics import brier_score_loss

    _check_both_classes(labels, "Brier score")
    return -float(brier_score_loss(labels, probabilities))


def _check_both_classes(labels: NDArray[np.float64], metric: str) -> None:
    n_positives = int(labels.sum())
    if n_positives in (0, len(labels)):
        raise DataError(
            f"The {metric} needs users of both kinds, but {n_positives} of {len(labels)} labelled users are positive. "
            "Check the rule of the labels, or label more users."
        )
