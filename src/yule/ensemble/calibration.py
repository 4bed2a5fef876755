"""Calibration: turns the blend's log-odds into probabilities that can be taken at their word."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt
from numpy.typing import NDArray

from yule.ensemble.descent import descend
from yule.ensemble.log_odds import LEAST, log_losses, probabilities_of

MIN_SLOPE = 1e-3
"""Slopes are at least this: calibration keeps the order of users and never turns it round."""

SLOPE_DEVIATION = 0.2
"""How far from 1 slopes are expected to be: members stop by users they did not learn from, so most are about right."""


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

    @property
    def is_flat(self) -> bool:
        """Whether what it was fitted to tells nothing, or the wrong way round."""
        return self.slope <= MIN_SLOPE

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

    def weaken(self, share: float) -> "Calibrator":
        """Return a share of what this does to log-odds: all of it for 1, nothing for 0.

        >>> Calibrator(slope=0.8, intercept=-1.0).weaken(0.5)
        Calibrator(slope=0.9, intercept=-0.5, bend=1.0)
        """
        return replace(self, slope=1 + share * (self.slope - 1), intercept=share * self.intercept)


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
    Differs from [1]_: the slope has a prior around 1, and is at least ``MIN_SLOPE``.

    References
    ----------
    .. [1] Platt, Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods,
       Advances in Large Margin Classifiers, 1999.

    >>> calibrator = fit_calibrator(np.repeat([-4.0, 4.0], 50), np.repeat([0.0, 1.0, 0.0, 1.0], [40, 10, 10, 40]))
    >>> calibrator.apply(np.array([-4.0, 4.0])).round(1)
    array([0.2, 0.8])
    """
    n_positives = float(labels.sum())
    n_negatives = len(labels) - n_positives
    beliefs = np.where(labels == 1, (n_positives + 1) / (n_positives + 2), 1 / (n_negatives + 2))
    center = float(values.mean())
    centered = values - center

    def lose(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, level = numbers
        moved = slope * centered + level
        errors = probabilities_of(moved) - beliefs
        loss = log_losses(beliefs, moved).sum() + ((slope - 1) / SLOPE_DEVIATION) ** 2 / 2
        return float(loss), np.array([errors @ centered + (slope - 1) / SLOPE_DEVIATION**2, errors.sum()])

    share = float(beliefs.mean())
    slope, level = descend(lose, [1.0, np.log(share / (1 - share))], at_least=[MIN_SLOPE, None]).tolist()
    return Calibrator(slope=slope, intercept=level - slope * center)
