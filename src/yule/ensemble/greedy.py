"""Weights by greedy selection, done anew on resamples of the users."""

import numpy as np
from numpy.typing import NDArray

from yule.ensemble.judged import Judged
from yule.ensemble.log_odds import weighted_mean
from yule.ensemble.selection import NextLosses, next_losses, select_greedily
from yule.ensemble.settings import GreedySelection

BLOCKS_PER_FOLD = 20
"""Users are resampled in blocks, so that a resample costs a sum over blocks and not over users."""


def choose_greedily(judged: Judged, settings: GreedySelection) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Choose weights of the members on all users, and for each fold without its users.

    Returns
    -------
    tuple
        The weights, (n_members,), and those without each fold. The best single member has all of it unless the blend is
        better on users it was not chosen on.
    """
    losses_after = _look_ahead(judged.sample())
    n_members, fold_of_block = len(judged.members), np.repeat(np.arange(judged.n_folds), BLOCKS_PER_FOLD)

    def select(n_steps: int, block_weights: NDArray[np.float64]) -> NDArray[np.float64]:
        counts = select_greedily(losses_after, n_members=n_members, n_steps=n_steps, block_weights=block_weights)
        return np.array(counts) / sum(counts)

    def select_often(left_out: int | None) -> NDArray[np.float64]:
        samples = _resample_blocks(fold_of_block != left_out, n_samples=settings.n_bags)
        weights: NDArray[np.float64] = np.mean([select(settings.n_steps, sample) for sample in samples], axis=0)
        return weights

    single = select(1, np.ones(len(fold_of_block)))
    without = [select_often(fold) for fold in range(judged.n_folds)]
    blended = np.empty(len(judged.labels))
    for fold, weights in enumerate(without):
        rows = judged.folds == fold
        blended[rows] = weighted_mean([member[rows] for member in judged.members], weights)
    if judged.loss(blended) < judged.loss(weighted_mean(judged.members, single)):
        return select_often(None), without
    return single, [single] * judged.n_folds


def _look_ahead(judged: Judged) -> NextLosses:
    """Deal the users of every fold at random to its blocks; block b belongs to fold b // BLOCKS_PER_FOLD."""
    members = judged.members
    order = np.lexsort((np.max(members, axis=0), np.min(members, axis=0)))  # not the order of rows or members
    block = np.empty(len(judged.folds), dtype=np.int32)
    block[order] = np.random.default_rng(0).permutation(len(block)) % BLOCKS_PER_FOLD

    def find_losses(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return judged.scale.losses(judged.labels, values)

    n_blocks = judged.n_folds * BLOCKS_PER_FOLD
    return next_losses(members, find_losses, judged.folds * BLOCKS_PER_FOLD + block, n_blocks=n_blocks)


def _resample_blocks(is_used: NDArray[np.bool_], *, n_samples: int) -> list[NDArray[np.float64]]:
    """Draw blocks with replacement, as many as are used, several times over."""
    random, n_used = np.random.default_rng(0), int(is_used.sum())
    return [random.multinomial(n_used, is_used / n_used).astype(np.float64) for _ in range(n_samples)]
