"""The ensemble of a case: which members count how much, and what their blend is worth on users nobody has seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.core.losses import Loss
from yule.ensemble.log_odds import weighted_mean
from yule.ensemble.scales import AnyCalibrator, Scale, scale_of
from yule.ensemble.selection import NextLosses, next_losses, select_greedily
from yule.ensemble.settings import GreedySelection

MAX_USERS = 100_000
"""Weights are chosen on so many users at the most, taken at equal distances; more of them change nothing."""

BLOCKS_PER_FOLD = 20
"""Users are resampled in blocks, so that a resample costs a sum over blocks and not over users."""


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
        float64 (n_users,): prediction for each labelled user, from weights and a calibrator chosen without the user's
        fold. Everything reported is computed on these.
    """

    weights: NDArray[np.float64]
    calibrator: AnyCalibrator
    cross_fitted: NDArray[np.float64]


def blend(
    oof: NDArray[np.float64],
    labels: NDArray[np.float64],
    folds: NDArray[np.int32],
    settings: GreedySelection,
    *,
    loss: Loss = "log_loss",
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
        How to select.
    loss
        What the members were fitted by.

    Returns
    -------
    Ensemble
        The blend, or the best single member if its loss is no higher than the blend's cross-fitted one; likewise
        calibrated, or as it is. So it never loses to its best member out of fold.

    >>> oof = np.tile([[0.3, 0.6], [0.7, 0.5]], (50, 1))
    >>> labels, folds = np.tile([0.0, 1.0], 50), np.repeat(np.arange(5, dtype=np.int32), 20)
    >>> blend(oof, labels, folds, GreedySelection()).weights
    array([1., 0.])
    """
    members = [np.ascontiguousarray(column) for column in scale_of(loss).to_values(oof).T]
    known = _Known(labels=labels, folds=folds, scale=scale_of(loss))
    weights, weights_without = _choose_weights(members, known, settings)
    return _choose_calibrator(members, known, weights=weights, weights_without=weights_without)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """Labels, folds and what the members are added up in."""

    labels: NDArray[np.float64]
    folds: NDArray[np.int32]
    scale: Scale

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.folds.max()) + 1

    def take(self, rows: slice) -> "_Known":
        """Return some users."""
        return _Known(labels=self.labels[rows], folds=self.folds[rows], scale=self.scale)

    def loss(self, values: NDArray[np.float64]) -> float:
        """Return the mean loss of a blend's values."""
        return float(self.scale.losses(self.labels, values).mean())


def _choose_weights(
    members: Sequence[NDArray[np.float64]], known: _Known, settings: GreedySelection
) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Return weights chosen on all users, and for each fold weights chosen without its users."""
    n_folds = known.n_folds
    some = slice(None, None, -(-len(known.labels) // MAX_USERS))
    losses_after = _look_ahead([member[some] for member in members], known.take(some), n_folds=n_folds)
    fold_of_block = np.repeat(np.arange(n_folds), BLOCKS_PER_FOLD)

    def select(n_steps: int, block_weights: NDArray[np.float64]) -> NDArray[np.float64]:
        counts = select_greedily(losses_after, n_members=len(members), n_steps=n_steps, block_weights=block_weights)
        return np.array(counts) / sum(counts)

    def select_often(left_out: int | None) -> NDArray[np.float64]:
        samples = _resample_blocks(fold_of_block != left_out, n_samples=settings.n_bags)
        weights: NDArray[np.float64] = np.mean([select(settings.n_steps, sample) for sample in samples], axis=0)
        return weights

    single = select(1, np.ones(len(fold_of_block)))
    without = [select_often(fold) for fold in range(n_folds)]
    blended = np.empty(len(known.labels))
    for fold, weights in enumerate(without):
        rows = known.folds == fold
        blended[rows] = weighted_mean([member[rows] for member in members], weights)
    if known.loss(blended) < known.loss(weighted_mean(members, single)):
        return select_often(None), without
    return single, [single] * n_folds


def _look_ahead(members: Sequence[NDArray[np.float64]], known: _Known, *, n_folds: int) -> NextLosses:
    """Deal the users of every fold at random to its blocks; block b belongs to fold b // BLOCKS_PER_FOLD."""
    order = np.lexsort((np.max(members, axis=0), np.min(members, axis=0)))  # not the order of rows or members
    block = np.empty(len(known.folds), dtype=np.int32)
    block[order] = np.random.default_rng(0).permutation(len(block)) % BLOCKS_PER_FOLD

    def find_losses(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return known.scale.losses(known.labels, values)

    return next_losses(members, find_losses, known.folds * BLOCKS_PER_FOLD + block, n_blocks=n_folds * BLOCKS_PER_FOLD)


def _resample_blocks(is_used: NDArray[np.bool_], *, n_samples: int) -> list[NDArray[np.float64]]:
    """Draw blocks with replacement, as many as are used, several times over."""
    random, n_used = np.random.default_rng(0), int(is_used.sum())
    return [random.multinomial(n_used, is_used / n_used).astype(np.float64) for _ in range(n_samples)]


def _choose_calibrator(
    members: Sequence[NDArray[np.float64]],
    known: _Known,
    *,
    weights: NDArray[np.float64],
    weights_without: Sequence[NDArray[np.float64]],
) -> Ensemble:
    """Return the ensemble with a calibrator fitted on all users, or with none if that is better on unseen ones."""
    scale, labels = known.scale, known.labels
    as_is, calibrated = np.empty(len(labels)), np.empty(len(labels))
    for fold, chosen in enumerate(weights_without):
        values, held_out = weighted_mean(members, chosen), known.folds == fold
        calibrator = scale.fit_calibrator(values[~held_out], labels[~held_out])
        as_is[held_out] = scale.no_calibrator(labels[~held_out]).apply(values[held_out])
        calibrated[held_out] = calibrator.apply(values[held_out])
    if known.loss(scale.to_values(calibrated)) < known.loss(scale.to_values(as_is)):
        calibrator = scale.fit_calibrator(weighted_mean(members, weights), labels)
        return Ensemble(weights=weights, calibrator=calibrator, cross_fitted=calibrated)
    return Ensemble(weights=weights, calibrator=scale.no_calibrator(labels), cross_fitted=as_is)
