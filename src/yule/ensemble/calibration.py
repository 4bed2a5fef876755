"""Calibration: turns the blend's log-odds into probabilities that can be taken at their word."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt
from numpy.typing import NDArray

from yule.ensemble.log_odds import LEAST, log_odds, probabilities_of

MIN_SLOPE = 1e-3
"""Slopes are at least this: calibration keeps the order of users and never turns it round."""


@dataclass(frozen=True, kw_only=True)
class Calibrator:
    """A curve on log-odds: with ``x = exp(slope * log_odds + intercept)``, ``p = x / (1 + x**bend) ** (1 / bend)``.

    Parameters
    ----------
    slope
        1 keeps the spread of the log-odds; less than 1 tames members that were too sure.
    intercept
        Added to the log-odds of every user.
    bend
        1 is the sigmoid. A larger one follows ``p = x`` nearly up to 1 (:mod:`yule.ensemble.prior` says what for).
    """

    slope: Annotated[float, Gt(0)] = 1.0
    intercept: float = 0.0
    bend: Annotated[float, Ge(1)] = 1.0

    def apply(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated probabilities.

        Parameters
        ----------
        values
            Log-odds, (n_users,).

        Returns
        -------
        ndarray
            (n_users,), strictly between 0 and 1, each user on its own.

        >>> Calibrator(slope=2.0).apply(np.array([0.0]))
        array([0.5])
        """
        moved, bend = self.slope * values + self.intercept, self.bend
        if bend == 1:
            return probabilities_of(moved)
        return np.clip(np.exp(moved - np.logaddexp(0.0, bend * moved) / bend), LEAST, 1 - LEAST)


IDENTITY = Calibrator()


def fit_calibrator(values: NDArray[np.float64], labels: NDArray[np.float64]) -> Calibrator:
    """Fit the sigmoid to labels of users the members did not see.

    Parameters
    ----------
    values
        Out-of-fold log-odds, (n_users,).
    labels
        (n_users,); 0 or 1.

    Returns
    -------
    Calibrator
        Its probabilities average to about the share of positives.

    Notes
    -----
    As in [1]_, a positive user counts as positive with probability ``(n_positives + 1) / (n_positives + 2)`` and a
    negative one with ``1 / (n_negatives + 2)``: the slope stays finite even if the positives are all on top.
    Differs from [1]_: the slope is at least ``MIN_SLOPE``.

    References
    ----------
    .. [1] Platt, Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods,
       Advances in Large Margin Classifiers, 1999.

    >>> calibrator = fit_calibrator(np.repeat([-4.0, 4.0], 50), np.repeat([0.0, 1.0, 0.0, 1.0], [40, 10, 10, 40]))
    >>> calibrator.apply(np.array([-4.0, 4.0])).round(1)
    array([0.2, 0.8])
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    n_positives = float(labels.sum())
    n_negatives = len(labels) - n_positives
    beliefs = np.where(labels == 1, (n_positives + 1) / (n_positives + 2), 1 / (n_negatives + 2))
    center, spread = float(values.mean()), float(values.std()) or 1.0
    standardised = ((values - center) / spread)[:, None]
    with threadpool_limits(1):  # sums over threads are not bit-stable
        regression = LogisticRegression(C=np.inf, tol=1e-8).fit(
            np.concatenate([standardised, standardised]),
            np.repeat([1, 0], len(labels)),
            sample_weight=np.concatenate([beliefs, 1 - beliefs]),
        )
    slope = float(regression.coef_[0, 0]) / spread
    if slope < MIN_SLOPE:  # the members know nothing: everyone gets about the share of positives
        share = np.array([beliefs.mean()])
        return Calibrator(slope=MIN_SLOPE, intercept=float(log_odds(share)[0]) - MIN_SLOPE * center)
    return Calibrator(slope=slope, intercept=float(regression.intercept_[0]) - slope * center)
