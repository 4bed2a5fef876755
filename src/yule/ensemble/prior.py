"""The class prior: how many of the unlabelled users are positive, where only some positives are known.

If the known positives are a random sample of all positives ("selected completely at random", SCAR), a model that tells
them from unlabelled users ranks users by their chance to be positive [1]_. The size of the chance depends on the prior,
which two methods estimate from the out-of-fold scores. Both say too much where positives cannot be told from others, so
they are believed only if they agree and if the chances that follow from them tell users apart.

References
----------
.. [1] Elkan and Noto, Learning classifiers from only positive and unlabeled data, KDD 2008.
.. [2] Garg et al., Mixture proportion estimation and PU learning: a modern approach, NeurIPS 2021.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.settings import read_json, to_json
from yule.ensemble.blend import Ensemble
from yule.ensemble.calibration import Calibrator
from yule.ensemble.log_odds import log_odds, weighted_mean

MAX_FACTOR, MIN_TOLD_APART = 1.25, 0.6
"""Estimates that differ by a larger factor, or whose chances tell users less apart, are not believed. Of 672 simulated
lists these bounds let a third through, and the smaller estimate was 0.96 to 1.14 times the truth for nine in ten of
them; of the others it was up to 31 times the truth (docs/experiments.md)."""

MAX_SHARE = 0.999
"""Chances are computed for no larger share."""

Z_BOUND = 5.0
"""Standard errors above a ratio that the best bin is chosen by: so many, because hundreds of bins compete."""

BEND = 4.0
"""See :class:`~yule.ensemble.calibration.Calibrator`: a chance of 0.84 where the odds say 1."""

MAX_SHIFT, N_HALVINGS = 50.0, 60
"""How far log-odds are moved at most, and how often that is halved to find the right place."""

PRIOR = "prior.json"


@dataclass(frozen=True, kw_only=True)
class ClassPrior:
    """Share of positives among the unlabelled users, estimated twice.

    Parameters
    ----------
    elkan_noto
        By the mean score of known positives that the models did not see.
    best_bin
        By the top of the list in which unlabelled users are rarest for its known positives.
    told_apart
        Share of the variance among unlabelled users that the chances from the smaller estimate explain: 1 if every
        chance is 0 or 1, 0 if all are the same.
    """

    elkan_noto: float
    best_bin: float
    told_apart: float

    @property
    def low(self) -> float:
        """The smaller estimate."""
        return min(self.elkan_noto, self.best_bin)

    @property
    def high(self) -> float:
        """The larger estimate."""
        return max(self.elkan_noto, self.best_bin)

    @property
    def is_known(self) -> bool:
        """Whether the estimates can be believed, so that scores can be turned into chances."""
        return self.high <= MAX_FACTOR * self.low and self.told_apart >= MIN_TOLD_APART


def estimate_prior(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> ClassPrior:
    """Estimate the share of positives among the unlabelled users.

    Parameters
    ----------
    labels
        (n_users,); 1 for a known positive, 0 for an unlabelled user; both occur.
    probabilities
        (n_users,): out-of-fold probability to be a known positive, among these users.

    >>> labels = np.repeat([1.0, 0.0], [500, 2500])
    >>> scores = np.repeat([0.5, 0.01, 0.5, 0.01], [490, 10, 500, 2000])
    >>> prior = estimate_prior(labels, scores)
    >>> round(prior.elkan_noto, 2), round(prior.best_bin, 2), prior.is_known
    (0.21, 0.2, True)
    """
    known, unlabelled = probabilities[labels == 1], probabilities[labels != 1]
    by_mean, by_bin = _estimate_by_mean(known, n_unlabelled=len(unlabelled)), _estimate_by_bin(known, unlabelled)
    share = min(by_mean, by_bin, MAX_SHARE)
    values = log_odds(probabilities)
    chances = calibrate_by_prior(Calibrator(), values, labels, share=share).apply(values[labels != 1])
    told_apart = float(chances.var() / (share * (1 - share)))
    return ClassPrior(elkan_noto=by_mean, best_bin=by_bin, told_apart=told_apart)


def calibrate_by_prior(
    calibrator: Calibrator, values: NDArray[np.float64], labels: NDArray[np.float64], *, share: float
) -> Calibrator:
    """Turn the calibrator of an ensemble into one that gives chances to be positive.

    Parameters
    ----------
    calibrator
        Gives the probability to be a known positive, among these users.
    values
        Out-of-fold log-odds of the blend, (n_users,).
    labels
        (n_users,); 1 for a known positive, 0 for an unlabelled user.
    share
        Share of positives among the unlabelled users, above 0 and below 1.

    Returns
    -------
    Calibrator
        Its probabilities average to the share over the unlabelled users, and keep the order.

    Notes
    -----
    The odds to be a known positive are, up to a factor, the chance to be positive: the density of positives over that
    of the population [1]_. The factor is the one that gives the right average; the bend keeps chances below 1.

    >>> labels, values = np.repeat([1.0, 0.0], [50, 100]), np.repeat([0.0, -9.0], [90, 60])
    >>> calibrator = calibrate_by_prior(Calibrator(), values, labels, share=0.2)
    >>> calibrator.apply(np.array([0.0, -9.0])).round(2)
    array([0.5, 0. ])
    """
    unlabelled = values[labels != 1]
    low, high = -MAX_SHIFT, MAX_SHIFT
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        moved = replace(calibrator, intercept=calibrator.intercept + middle, bend=BEND)
        low, high = (low, middle) if moved.apply(unlabelled).mean() > share else (middle, high)
    return moved


def calibrate_to_prior(
    ensemble: Ensemble, predictions: NDArray[np.float64], labels: NDArray[np.float64]
) -> tuple[Ensemble, ClassPrior]:
    """Turn the scores of an ensemble into chances, if the estimates of the prior can be believed.

    Parameters
    ----------
    ensemble
        The blend.
    predictions
        Out of fold, (n_users, n_members).
    labels
        (n_users,); 1 for a known positive, 0 for an unlabelled user.

    Returns
    -------
    tuple
        The ensemble as it is to be used, and the estimates.
    """
    prior = estimate_prior(labels, ensemble.cross_fitted)
    if not (prior.is_known and isinstance(ensemble.calibrator, Calibrator)):
        return ensemble, prior
    values = weighted_mean(list(log_odds(predictions).T), ensemble.weights)
    calibrator = calibrate_by_prior(ensemble.calibrator, values, labels, share=prior.low)
    return replace(ensemble, calibrator=calibrator), prior


def write_prior(prior: ClassPrior, folder: Path) -> None:
    """Write ``prior.json``."""
    (folder / PRIOR).write_text(to_json(prior), encoding="utf-8")


def read_prior(folder: Path) -> ClassPrior | None:
    """Read what :func:`write_prior` wrote; None where every label is known."""
    file = folder / PRIOR
    return read_json(ClassPrior, file) if file.exists() else None


def _estimate_by_mean(known: NDArray[np.float64], *, n_unlabelled: int) -> float:
    """Estimate as [1]_: if positives can be told from others, their mean score is the share of them that is known."""
    mean = float(known.mean())
    return min(len(known) * (1 - mean) / (mean * n_unlabelled), 1.0)


def _estimate_by_bin(known: NDArray[np.float64], unlabelled: NDArray[np.float64]) -> float:
    """Estimate as [2]_: in a top of the list that holds positives alone, unlabelled users are as rare as the prior.

    Differs from [2]_: the top is chosen by the standard error of its ratio, not by a band around the whole curve, which
    is too wide where positives are rare.
    """
    cuts = np.unique(known)
    n_known, n_unlabelled = len(known), len(unlabelled)
    known_above = 1 - np.searchsorted(np.sort(known), cuts) / n_known
    unlabelled_above = 1 - np.searchsorted(np.sort(unlabelled), cuts) / n_unlabelled
    # Half a user where there is none: no top is proof that nobody is positive.
    unlabelled_above = np.maximum(unlabelled_above, 0.5 / n_unlabelled)
    ratios = unlabelled_above / known_above
    errors = np.sqrt(
        (1 - unlabelled_above) / (n_unlabelled * unlabelled_above) + (1 - known_above) / (n_known * known_above)
    )
    return min(float(ratios[np.argmin(ratios * np.exp(Z_BOUND * errors))]), 1.0)
