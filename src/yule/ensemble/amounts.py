"""Amounts in an ensemble: members are added up as they are, and calibrated by a straight line.

They are judged by a divergence that is the squared error for small predictions and grows like the amount, not like its
square, for large ones. It is least for the expectation, as the squared error is [1]_, but a few users who spent a
fortune do not decide alone which members count and where the line goes.

References
----------
.. [1] Banerjee, Guo and Wang, On the optimality of conditional expectation as a Bregman predictor, IEEE Transactions on
   Information Theory 2005.
"""

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

    @property
    def is_flat(self) -> bool:
        """Whether what it was fitted to tells nothing, or the wrong way round."""
        return self.slope <= MIN_SLOPE

    def apply(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated amounts, (n_users,), each user on its own.

        >>> LineCalibrator(slope=2.0, intercept=-1.0, least=0.0, most=9.0).apply(np.array([0.0, 2.0, 8.0]))
        array([0., 3., 9.])
        """
        return np.clip(self.slope * values + self.intercept, self.least, self.most)


def divergences(labels: NDArray[np.float64], predictions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the divergence of each user, (n_users,), at least 0: the Bregman divergence of :func:`_potential`.

    Parameters
    ----------
    labels
        (n_users,); what the amounts came to, not all 0. Their mean size is the scale that large is measured on.
    predictions
        (n_users,).

    >>> labels = np.array([0.0, 2.0, 4.0])
    >>> divergences(labels, labels), divergences(labels, labels + 1).round(2)
    (array([0., 0., 0.]), array([0.38, 0.21, 0.15]))
    """
    scale = float(np.abs(labels).mean())
    slope = scale * np.sign(predictions) * np.log1p(np.abs(predictions) / scale)
    found: NDArray[np.float64] = (
        _potential(labels, scale) - _potential(predictions, scale) - slope * (labels - predictions)
    )
    return np.maximum(found, 0.0)


def fit_line(amounts: NDArray[np.float64], labels: NDArray[np.float64]) -> LineCalibrator:
    """Fit a line to labels of users the members did not see, by least squares; large amounts weigh less.

    Parameters
    ----------
    amounts
        Out-of-fold predictions, (n_users,).
    labels
        (n_users,); what the amounts came to, not all 0.

    Notes
    -----
    The weights are those of :func:`divergences`: one over one plus the predicted amount, in units of the scale.

    >>> line = fit_line(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 5.0]))
    >>> round(line.slope, 6), round(line.intercept, 6)
    (2.0, -1.0)
    """
    weights = 1 / (1 + np.abs(amounts) / np.abs(labels).mean())
    weights /= weights.sum()
    center, mean = float((weights * amounts).sum()), float((weights * labels).sum())
    variance = float((weights * (amounts - center) ** 2).sum())
    covariance = float((weights * (amounts - center) * (labels - mean)).sum())
    slope = max(covariance / variance if variance else 0.0, MIN_SLOPE)
    return LineCalibrator(
        slope=slope, intercept=mean - slope * center, least=float(labels.min()), most=float(labels.max())
    )


def _potential(amounts: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Return a convex function of amounts: half the square of small ones, ``|a| log |a|`` for large ones."""
    sizes = np.abs(amounts) / scale
    return scale**2 * ((1 + sizes) * np.log1p(sizes) - sizes)
