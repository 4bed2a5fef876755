"""Scales: what members are added up in, by their loss, and what a blend is judged and calibrated by.

Probabilities are added up in log-odds and judged by log loss; numbers as they are, and by a divergence
(:mod:`yule.ensemble.amounts`).
"""

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.core.losses import Loss
from yule.ensemble.amounts import LineCalibrator, divergences, fit_line
from yule.ensemble.calibration import Calibrator, fit_calibrator
from yule.ensemble.log_odds import log_losses, log_odds, probabilities_of

AnyCalibrator: TypeAlias = Calibrator | LineCalibrator
Array: TypeAlias = NDArray[np.float64]


class Scale(Protocol):
    """What members of one loss are added up in."""

    def to_values(self, predictions: Array) -> Array:
        """Return what is added up, of any shape."""
        ...

    def losses(self, labels: Array, values: Array) -> Array:
        """Return what each user adds to the loss of a blend, (n_users,)."""
        ...

    def slopes(self, labels: Array, values: Array) -> Array:
        """Return by how much each user's loss rises with the value, (n_users,)."""
        ...

    def dispersion(self, labels: Array, values: Array) -> float:
        """Return how much loss is worth a nat of evidence."""
        ...

    def fit_calibrator(self, values: Array, labels: Array) -> AnyCalibrator:
        """Fit a calibrator to labels of users the members did not see."""
        ...


class LogOdds:
    """Probabilities in log-odds, judged by log loss in nats."""

    def to_values(self, predictions: Array) -> Array:
        """See :class:`Scale`."""
        return log_odds(predictions)

    def losses(self, labels: Array, values: Array) -> Array:
        """See :class:`Scale`."""
        return log_losses(labels, values)

    def slopes(self, labels: Array, values: Array) -> Array:
        """See :class:`Scale`."""
        return probabilities_of(values) - labels

    def dispersion(self, labels: Array, values: Array) -> float:  # noqa: ARG002
        """See :class:`Scale`."""
        return 1.0

    def fit_calibrator(self, values: Array, labels: Array) -> AnyCalibrator:
        """See :class:`Scale`."""
        return fit_calibrator(values, labels)


class Amounts:
    """Numbers as they are, judged by their divergence."""

    def to_values(self, predictions: Array) -> Array:
        """See :class:`Scale`."""
        return predictions

    def losses(self, labels: Array, values: Array) -> Array:
        """See :class:`Scale`."""
        return divergences(labels, values)

    def slopes(self, labels: Array, values: Array) -> Array:
        """See :class:`Scale`."""
        slopes: Array = (values - labels) / (1 + np.abs(values) / np.abs(labels).mean())
        return slopes

    def dispersion(self, labels: Array, values: Array) -> float:
        """See :class:`Scale`: as of a generalised linear model, the mean deviance of a user."""
        return 2 * float(self.losses(labels, values).mean()) or 1.0

    def fit_calibrator(self, values: Array, labels: Array) -> AnyCalibrator:
        """See :class:`Scale`."""
        return fit_line(values, labels)


_SCALES: Mapping[Loss, Scale] = {"log_loss": LogOdds(), "squared_error": Amounts()}


def scale_of(loss: Loss) -> Scale:
    """Return what members of a loss are added up in."""
    return _SCALES[loss]
