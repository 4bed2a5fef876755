"""Amounts in an ensemble: members are added up as they are, and calibrated by a straight line."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Gt
from numpy.typing import NDArray

MIN_SLOPE = 1e-3
"""Slopes are at least this: calibration keeps the order of users and never turns it round."""


@dataclass(frozen=True, kw_only=True)
class LineCalibrator:
    """A straight line: ``slope * amount + intercept``, within what amounts were ever seen.

    Parameters
    ----------
    slope
        1 keeps the spread of the amounts; less than 1 tames members that were too sure.
    intercept
        Added to the amount of every user.
    least, most
        The smallest and the largest amount among labelled users; expectations stay between them.
    """

    slope: Annotated[float, Gt(0)] = 1.0
    intercept: float = 0.0
    least: float
    most: float


def apply_line(calibrator: LineCalibrator, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return calibrated amounts, (n_users,), each user on its own.

    >>> apply_line(LineCalibrator(slope=2.0, intercept=-1.0, least=0.0, most=9.0), np.array([0.0, 2.0, 8.0]))
    array([0., 3., 9.])
    """
    return np.clip(calibrator.slope * amounts + calibrator.intercept, calibrator.least, calibrator.most)


def no_line(labels: NDArray[np.float64]) -> LineCalibrator:
    """Return the calibrator that leaves amounts as they are, within what was seen."""
    return LineCalibrator(least=float(labels.min()), most=float(labels.max()))


def fit_line(amounts: NDArray[np.float64], labels: NDArray[np.float64]) -> LineCalibrator:
    """Fit a line to labels of users the members did not see, by least squares.

    Parameters
    ----------
    amounts
        Out-of-fold predictions, (n_users,).
    labels
        (n_users,); what the amounts came to.

    >>> line = fit_line(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 5.0]))
    >>> round(line.slope, 6), round(line.intercept, 6)
    (2.0, -1.0)
    """
    center, variance = float(amounts.mean()), float(amounts.var())
    covariance = float(((amounts - center) * labels).mean())
    slope = max(covariance / variance if variance else 0.0, MIN_SLOPE)
    intercept = float(labels.mean()) - slope * center
    return LineCalibrator(slope=slope, intercept=intercept, least=float(labels.min()), most=float(labels.max()))
