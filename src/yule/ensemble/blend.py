"""The ensemble of a case: which members count how much, and what their blend is worth on users nobody has seen."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yule.core.losses import Loss
from yule.ensemble.greedy import choose_greedily
from yule.ensemble.judged import Judged
from yule.ensemble.log_odds import weighted_mean
from yule.ensemble.scales import AnyCalibrator, scale_of
from yule.ensemble.settings import EnsembleSettings, GreedySelection, Stacking
from yule.ensemble.stacking import stack


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """Members' weights and the calibrator of their blend.

    Parameters
    ----------
    weights
        float64 (n_members,); at least 0, summing to 1.
    calibrator
        Applied to the weighted mean of the members' log-odds, or amounts.
    cross_fitted
        float64 (n_users,): prediction for each labelled user, from weights and a slope chosen without the user's fold.
        Everything reported is computed on these.
    """

    weights: NDArray[np.float64]
    calibrator: AnyCalibrator
    cross_fitted: NDArray[np.float64]


def blend(
    oof: NDArray[np.float64],
    labels: NDArray[np.float64],
    folds: NDArray[np.int32],
    settings: EnsembleSettings,
    *,
    loss: Loss = "log_loss",
    transferred: Collection[int] = (),
) -> Ensemble:
    """Choose weights and a calibrator on out-of-fold predictions.

    Parameters
    ----------
    oof
        Predictions, (n_users, n_members): each user predicted by models that did not see them.
    labels
        (n_users,); 0 or 1, or amounts.
    folds
        (n_users,); the fold each user was held out in, from 0.
    settings
        How to choose.
    loss
        What the members were fitted by.
    transferred
        Places of the members that learn from other questions.

    Returns
    -------
    Ensemble
        The blend. The order of rows and members does not matter.

    >>> oof = np.tile([[0.3, 0.5], [0.7, 0.5]], (50, 1))
    >>> labels, folds = np.tile([0.0, 1.0], 50), np.repeat(np.arange(5, dtype=np.int32), 20)
    >>> blend(oof, labels, folds, Stacking()).weights
    array([1., 0.])
    """
    scale = scale_of(loss)
    values = scale.to_values(oof)
    order = np.lexsort((values.min(axis=1), values.max(axis=1), labels, folds))  # sums depend on the order of rows
    judged = Judged(
        members=[np.ascontiguousarray(column) for column in values[order].T],
        labels=labels[order],
        folds=folds[order],
        scale=scale,
        transferred=transferred,
    )
    if isinstance(settings, GreedySelection):
        weights, without = choose_greedily(judged, settings)
    else:
        weights, without = _stack_all(judged, settings)
    cross_fitted = np.empty(len(labels))
    cross_fitted[order] = _cross_fit(judged, without)
    calibrator = scale.fit_calibrator(weighted_mean(judged.members, weights), judged.labels)
    return Ensemble(weights=weights, calibrator=calibrator, cross_fitted=cross_fitted)


def _stack_all(judged: Judged, settings: Stacking) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Return weights chosen on all users, and for each fold weights chosen without its users."""
    some = judged.sample()
    without = [stack(some.take(some.folds != fold), settings) for fold in range(judged.n_folds)]
    return stack(some, settings), without


def _cross_fit(judged: Judged, weights: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return what weights and slopes chosen without a fold predict for its users, fold by fold.

    The level is that of all folds: one chosen without a fold is too low where the fold has many positives, so users of
    different folds could not be compared.
    """
    blended = np.empty(len(judged.labels))
    for fold, chosen in enumerate(weights):
        held_out = judged.folds == fold
        blended[held_out] = weighted_mean([member[held_out] for member in judged.members], chosen)
    center = float(blended.mean())
    calibrators = []
    for fold, chosen in enumerate(weights):
        others = judged.folds != fold
        values = weighted_mean([member[others] for member in judged.members], chosen)
        calibrators.append(judged.scale.fit_calibrator(values, judged.labels[others]))
    level = float(np.mean([one.slope * center + one.intercept for one in calibrators]))
    predicted = np.empty(len(blended))
    for fold, one in enumerate(calibrators):
        rows = judged.folds == fold
        predicted[rows] = replace(one, intercept=level - one.slope * center).apply(blended[rows])
    return predicted
