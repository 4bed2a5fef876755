"""Heads: what the last step of a model is, by what is predicted; the same for every kind of member.

Whether something happens is fitted by log loss, in log-odds. An amount is fitted by squared error, standardised by its
mean and standard deviation among training users, so that settings and tolerances mean the same whatever its unit.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Labelled
from yule.core.outcomes import Outcome
from yule.core.tracker import Tracker
from yule.metrics.scores import roc_auc

MAX_LOG_ODDS = 15.0
"""Log-odds are cut here: a probability is never nearer to 0 or 1 than 3e-7."""

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last step of a model.

    Parameters
    ----------
    outcome
        What is predicted.
    center, spread
        Of an amount its mean and standard deviation among training users; 0 and 1 otherwise.
    """

    outcome: Outcome = "yes_no"
    center: float = 0.0
    spread: float = 1.0

    def targets(self, labels: Array) -> Array:
        """Return what a model is fitted to, (n_users,): the labels, amounts standardised."""
        return (labels - self.center) / self.spread

    def predictions(self, raw: NDArray[np.floating]) -> Array:
        """Turn what a model gives into predictions.

        Parameters
        ----------
        raw
            Any shape: log-odds, or standardised amounts.

        Returns
        -------
        ndarray
            float64: probabilities strictly between 0 and 1, or amounts.

        >>> Head().predictions(np.array([0.0, 1e9])).round(7).tolist()
        [0.5, 0.9999997]
        >>> Head(outcome="amount", center=10.0, spread=2.0).predictions(np.array([0.0, -1.5])).tolist()
        [10.0, 7.0]
        """
        values: Array = raw.astype(np.float64)
        if self.outcome == "amount":
            return self.center + self.spread * values
        clipped: Array = np.clip(values, -MAX_LOG_ODDS, MAX_LOG_ODDS)
        return 1 / (1 + np.exp(-clipped))

    def losses(self, labels: Array, predictions: Array) -> Array:
        """Return the loss of each user, (n_users,): log loss in nats, or squared error in units of the variance.

        >>> Head().losses(np.array([1.0, 0.0]), np.array([0.5, 0.5])).round(4)
        array([0.6931, 0.6931])
        """
        if self.outcome == "amount":
            return ((labels - predictions) / self.spread) ** 2
        loss: Array = -np.log(np.where(labels == 1, predictions, 1 - predictions))
        return loss


def fit_head(train: Labelled) -> Head:
    """Return the head of a model that is fitted on some users."""
    if train.outcome == "yes_no":
        return Head()
    # Equal amounts are no error here: there is nothing to scale.
    return Head(outcome="amount", center=float(train.labels.mean()), spread=float(train.labels.std()) or 1.0)


def track_loss(tracker: Tracker, head: Head, loss: float, *, split: str, step: int) -> float:
    """Log the mean loss of some users as people know it: ``log_loss``, or ``rmse`` in the unit of the amounts.

    Parameters
    ----------
    tracker
        Receives the number.
    head
        The model's.
    loss
        Mean of the users' losses.
    split
        ``train`` or ``valid``.
    step
        From 1.

    Returns
    -------
    float
        The mean loss, by which training is stopped.
    """
    if head.outcome == "amount":
        tracker.log(f"{split}/rmse", head.spread * float(np.sqrt(loss)), step=step)
    else:
        tracker.log(f"{split}/log_loss", loss, step=step)
    return loss


def track_valid(tracker: Tracker, head: Head, labels: Array, predictions: Array, *, step: int) -> float:
    """Log how good predictions for users kept aside are; return their mean loss.

    Parameters
    ----------
    tracker
        Receives the numbers: :func:`track_loss`, and ``valid/auc`` when there are users of both kinds.
    head
        The model's.
    labels, predictions
        (n_users,).
    step
        From 1.
    """
    if head.outcome == "yes_no" and 0 < labels.sum() < len(labels):
        tracker.log("valid/auc", roc_auc(labels, predictions), step=step)
    return track_loss(tracker, head, float(head.losses(labels, predictions).mean()), split="valid", step=step)
