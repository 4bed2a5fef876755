"""Scales: what members are added up in, by what is predicted, and what a blend is judged and calibrated by.

Probabilities are added up in log-odds and judged by log loss; amounts as they are, and by a divergence
(:mod:`yule.ensemble.amounts`).
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.core.outcomes import Outcome
from yule.ensemble.amounts import LineCalibrator, apply_line, divergences, fit_line, no_line
from yule.ensemble.calibration import IDENTITY, Calibrator, calibrate, fit_calibrator
from yule.ensemble.log_odds import log_losses, log_odds

AnyCalibrator: TypeAlias = Calibrator | LineCalibrator


def to_values(outcome: Outcome, predictions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what is added up: log-odds of probabilities, amounts as they are. Any shape."""
    return predictions if outcome == "amount" else log_odds(predictions)


def losses(outcome: Outcome, labels: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each user's loss, (n_users,): log loss in nats, or the divergence of amounts."""
    return divergences(labels, values) if outcome == "amount" else log_losses(labels, values)


def to_predictions(calibrator: AnyCalibrator, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return calibrated predictions, (n_users,), each user on its own."""
    return apply_line(calibrator, values) if isinstance(calibrator, LineCalibrator) else calibrate(calibrator, values)


def fit_any(outcome: Outcome, values: NDArray[np.float64], labels: NDArray[np.float64]) -> AnyCalibrator:
    """Fit the calibrator of an outcome to labels of users the members did not see."""
    return fit_line(values, labels) if outcome == "amount" else fit_calibrator(values, labels)


def no_calibrator(outcome: Outcome, labels: NDArray[np.float64]) -> AnyCalibrator:
    """Return the calibrator of an outcome that leaves predictions as they are."""
    return no_line(labels) if outcome == "amount" else IDENTITY
