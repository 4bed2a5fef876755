"""Inner splits: the training rows of a fold divided once more, to learn and to check."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from yule.preparation.sample import Sample, divide_users

N_SPLITS = 3
"""Parts of the users with one cut-off."""

N_CUTOFFS = 2
"""Cut-offs that are checked on, the last ones, when there are several."""


def split_inside(sample: Sample, *, horizon: timedelta, seed: int) -> list[tuple[Sample, Sample]]:
    """Divide training rows into pairs of rows to learn from and rows to check on.

    Parameters
    ----------
    sample
        Training rows of a fold.
    horizon
        How far labels look ahead.
    seed
        Seed of the order in which users are divided.

    Returns
    -------
    list
        With several cut-offs, the last ones are checked on, and those whose horizon has closed by then are learned
        from. With one, or when no such cut-off is left, each part of the users is checked on in turn. Pairs in which
        all labels of a side are the same are left out.
    """
    pairs = list(_split_by_time(sample, horizon)) or list(_split_by_user(sample, seed))
    halves = [(sample.take(learned), sample.take(checked)) for learned, checked in pairs]
    return [pair for pair in halves if all(half.n_rows and np.ptp(half.labels) > 0 for half in pair)]


def _split_by_time(sample: Sample, horizon: timedelta) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    for cutoff in np.unique(sample.cutoffs)[1:][-N_CUTOFFS:]:
        learned = (sample.cutoffs < cutoff) & (sample.cutoffs <= cutoff - np.timedelta64(horizon))
        if learned.any():
            yield learned, sample.cutoffs == cutoff


def _split_by_user(sample: Sample, seed: int) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    parts = divide_users(sample.user_ids, N_SPLITS, seed=seed)
    for part in range(N_SPLITS):
        yield parts != part, parts == part
