"""Heads: what the last step of a model is, by its loss; the same for every kind of member.

By log loss a model is fitted in log-odds. By squared error it is fitted to standardised labels: less their mean, in
units of their standard deviation among training users, so that settings and tolerances mean the same whatever the unit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Labelled
from yule.core.losses import Loss
from yule.core.tracker import Tracker
from yule.metrics.scores import roc_auc

MAX_LOG_ODDS = 15.0
"""Log-odds are cut here: a probability is never nearer to 0 or 1 than 3e-7."""

Array: TypeAlias = NDArray[np.float64]


class Head(Protocol):
    """The last step of a model."""

    @property
    def loss(self) -> Loss:
        """What the model is fitted by."""
        ...

    @property
    def metric(self) -> str:
        """What people know the mean loss as, e.g. ``log_loss``."""
        ...

    @property
    def center(self) -> float:
        """What is taken from labels before a model is fitted to them."""
        ...

    @property
    def spread(self) -> float:
        """What they are divided by then."""
        ...

    def targets(self, labels: Array) -> Array:
        """Return what a model is fitted to, (n_users,)."""
        ...

    def predictions(self, raw: NDArray[np.floating]) -> Array:
        """Turn what a model gives into predictions, float64, of any shape."""
        ...

    def losses(self, labels: Array, predictions: Array) -> Array:
        """Return the loss of each user, (n_users,)."""
        ...

    def tell(self, mean_loss: float) -> float:
        """Return the metric of users whose losses have this mean."""
        ...

    def judge(self, labels: Array, predictions: Array) -> Mapping[str, float]:
        """Return further metrics of some users' predictions, by name."""
        ...


@dataclass(frozen=True, kw_only=True)
class LogLossHead:
    """Log-odds become probabilities; losses are in nats.

    >>> LogLossHead().predictions(np.array([0.0, 1e9])).round(7).tolist()
    [0.5, 0.9999997]
    >>> LogLossHead().losses(np.array([1.0, 0.0]), np.array([0.5, 0.5])).round(4)
    array([0.6931, 0.6931])
    """

    loss: Literal["log_loss"] = "log_loss"

    @property
    def metric(self) -> str:
        """See :class:`Head`."""
        return "log_loss"

    @property
    def center(self) -> float:
        """See :class:`Head`."""
        return 0.0

    @property
    def spread(self) -> float:
        """See :class:`Head`."""
        return 1.0

    def targets(self, labels: Array) -> Array:
        """Return the labels: 0 or 1."""
        return labels

    def predictions(self, raw: NDArray[np.floating]) -> Array:
        """Return probabilities, strictly between 0 and 1."""
        clipped: Array = np.clip(raw.astype(np.float64), -MAX_LOG_ODDS, MAX_LOG_ODDS)
        return 1 / (1 + np.exp(-clipped))

    def losses(self, labels: Array, predictions: Array) -> Array:
        """See :class:`Head`."""
        loss: Array = -np.log(np.where(labels == 1, predictions, 1 - predictions))
        return loss

    def tell(self, mean_loss: float) -> float:
        """Return the mean loss as it is."""
        return mean_loss

    def judge(self, labels: Array, predictions: Array) -> Mapping[str, float]:
        """Return the AUC, where there are users of both kinds."""
        return {"auc": roc_auc(labels, predictions)} if 0 < labels.sum() < len(labels) else {}


@dataclass(frozen=True, kw_only=True)
class SquaredErrorHead:
    """Standardised numbers become numbers in their own unit; losses are in units of the variance.

    Parameters
    ----------
    center, spread
        Mean and standard deviation of the labels of training users.

    >>> SquaredErrorHead(center=10.0, spread=2.0).predictions(np.array([0.0, -1.5])).tolist()
    [10.0, 7.0]
    """

    loss: Literal["squared_error"] = "squared_error"
    center: float
    spread: float

    @property
    def metric(self) -> str:
        """See :class:`Head`."""
        return "rmse"

    def rescale(self, factor: float) -> "SquaredErrorHead":
        """Return the head of the same model in another unit: predictions are so many times as large."""
        return replace(self, center=self.center * factor, spread=self.spread * factor)

    def targets(self, labels: Array) -> Array:
        """Return the labels, standardised."""
        return (labels - self.center) / self.spread

    def predictions(self, raw: NDArray[np.floating]) -> Array:
        """Return numbers in the unit of the labels."""
        return self.center + self.spread * raw.astype(np.float64)

    def losses(self, labels: Array, predictions: Array) -> Array:
        """See :class:`Head`."""
        return ((labels - predictions) / self.spread) ** 2

    def tell(self, mean_loss: float) -> float:
        """Return the root of the mean squared error in the unit of the labels."""
        return self.spread * float(np.sqrt(mean_loss))

    def judge(self, labels: Array, predictions: Array) -> Mapping[str, float]:  # noqa: ARG002
        """Return none."""
        return {}


def fit_head(train: Labelled) -> Head:
    """Return the head of a model that is fitted on some users."""
    return _FITS[train.loss](train.labels)


def track_loss(tracker: Tracker, head: Head, loss: float, *, split: str, step: int) -> float:
    """Log the mean loss of some users as people know it: ``log_loss``, or ``rmse`` in the unit of the labels.

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
    tracker.log(f"{split}/{head.metric}", head.tell(loss), step=step)
    return loss


def track_valid(tracker: Tracker, head: Head, labels: Array, predictions: Array, *, step: int) -> float:
    """Log how good predictions for users kept aside are; return their mean loss.

    Parameters
    ----------
    tracker
        Receives the numbers: those of :func:`track_loss` and of :func:`track_judgement`.
    head
        The model's.
    labels, predictions
        (n_users,).
    step
        From 1.
    """
    track_judgement(tracker, head, labels, predictions, step=step)
    return track_loss(tracker, head, float(head.losses(labels, predictions).mean()), split="valid", step=step)


def track_judgement(tracker: Tracker, head: Head, labels: Array, predictions: Array, *, step: int) -> None:
    """Log what :meth:`Head.judge` says of predictions for users kept aside; see :func:`track_valid`."""
    for metric, value in head.judge(labels, predictions).items():
        tracker.log(f"valid/{metric}", value, step=step)


def _standardise(labels: Array) -> Head:
    # Equal labels are no error here: there is nothing to scale.
    return SquaredErrorHead(center=float(labels.mean()), spread=float(labels.std()) or 1.0)


_FITS: Mapping[Loss, Callable[[Array], Head]] = {
    "log_loss": lambda _: LogLossHead(),
    "squared_error": _standardise,
}
