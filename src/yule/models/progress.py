"""Progress of a fit whose library does not report it: the same tags for every kind of model."""

import numpy as np
from numpy.typing import NDArray

from yule.core.tracker import Tracker
from yule.metrics.scores import roc_auc


def log_valid(tracker: Tracker, labels: NDArray[np.float64], probabilities: NDArray[np.float64], *, step: int) -> float:
    """Log ``valid/log_loss`` and, when there are users of both kinds, ``valid/auc``.

    Parameters
    ----------
    tracker
        Receives the numbers.
    labels
        (n_users,) of the users kept aside; 0 or 1.
    probabilities
        (n_users,), strictly between 0 and 1.
    step
        From 1.

    Returns
    -------
    float
        The log loss.
    """
    loss = mean_log_loss(labels, probabilities)
    tracker.log("valid/log_loss", loss, step=step)
    if 0 < labels.sum() < len(labels):
        tracker.log("valid/auc", roc_auc(labels, probabilities), step=step)
    return loss


def mean_log_loss(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> float:
    """Return the mean log loss in nats; users of one kind only are no error here.

    >>> round(mean_log_loss(np.array([1.0]), np.array([0.5])), 4)
    0.6931
    """
    return -float(np.log(np.where(labels == 1, probabilities, 1 - probabilities)).mean())
