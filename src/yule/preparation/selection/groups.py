"""Groups of features that pay: shuffled, they raise the loss of rows that were not learned from, later in time.

A group is what its features' meanings share: the feature set and the kind of aggregate, ``purchases__sum``, and of
shares the column too (see :func:`yule.core.meanings.find_group`). Whole groups are judged because a single one of
hundreds of features is worth too little to be told from noise, and each has others that stand in for it.

References
----------
Au et al., Grouped feature importance and combined features effect plot, Data Mining and Knowledge Discovery 2022.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.meanings import Meaning, find_group
from yule.core.seeds import derive_seed
from yule.messages.message import Message
from yule.messages.values import Figure
from yule.preparation.learner import fit_quickly, losses
from yule.preparation.sample import Sample, thin_sample
from yule.preparation.selection.record import Verdict, judge, name_group
from yule.preparation.selection.splits import split_inside

MAX_ROWS = 8_000
"""The learner learns from, and is checked on, at most so many rows of each split."""

N_SHUFFLES = 3
"""Times a group is shuffled in each split."""


def score_groups(
    train: Sample, *, min_score: float, horizon: timedelta, seed: int, n_threads: int
) -> tuple[Verdict, ...]:
    """Judge each group by what is lost when its features are shuffled together.

    Parameters
    ----------
    train
        Training rows of a fold.
    min_score
        A group is kept if the loss rises by more than this many standard errors.
    horizon
        How far labels look ahead.
    seed, n_threads
        Of all that is random; threads change nothing.

    Returns
    -------
    tuple
        A verdict for each group, by name; the score is the rise of the loss in standard errors. A group that the
        learner makes no use of has none and is kept: with few rows that says little. So is the group with the highest
        score, and all of them when no inner split has both labels on both sides.
    """
    meanings = {name_group(group): group for group in find_groups(train.features).values()}
    groups = sorted(meanings)
    splits = split_inside(train, horizon=horizon, seed=derive_seed(seed, "splits"))
    if not splits:
        return judge(meanings, {}, {})
    measured = [_measure_rises(learned, checked, groups, seed=seed, n_threads=n_threads) for learned, checked in splits]
    by_group = np.concatenate(measured, axis=1)
    scores = {group: _standardise(rows) for group, rows in zip(groups, by_group, strict=True) if rows.any()}
    best = max(scores, key=lambda group: scores[group], default="")
    dropped = {
        group: Message(
            code="dropped-rising-little" if score > 0 else "dropped-falling", values={"errors": Figure(abs(score))}
        )
        for group, score in scores.items()
        if group != best and score <= min_score
    }
    return judge(meanings, scores, dropped)


def find_groups(features: Features) -> dict[str, Meaning]:
    """Return the group of each feature."""
    return {name: find_group(features.meaning_of(name)) for name in features.names}


def _measure_rises(
    learned: Sample, checked: Sample, groups: Sequence[str], *, seed: int, n_threads: int
) -> NDArray[np.float64]:
    """Return by how much the loss of each checked row rises when each group is shuffled, (n_groups, n_checked)."""
    learned, checked = (thin_sample(half, MAX_ROWS, seed=seed) for half in (learned, checked))
    model = fit_quickly(learned, checked, seed=seed, n_threads=n_threads)

    def measure(features: Features) -> NDArray[np.float64]:
        return losses(checked, model.predict(features, n_threads=n_threads))

    unchanged = measure(checked.features)
    of_feature = {name: name_group(group) for name, group in find_groups(checked.features).items()}
    used = {of_feature[name] for name, gain in model.importance.items() if gain > 0}
    random = np.random.default_rng(derive_seed(seed, "shuffles"))
    orders = [random.permutation(checked.n_rows) for _ in range(N_SHUFFLES)]
    rises = np.zeros((len(groups), checked.n_rows))
    for place, group in enumerate(groups):
        if group in used:
            members = {name for name, of in of_feature.items() if of == group}
            shuffled = (measure(features) for features in _shuffle(checked.features, members, orders))
            rises[place] = sum(shuffled) / N_SHUFFLES - unchanged
    return rises


def _shuffle(features: Features, members: Collection[str], orders: Sequence[NDArray[np.intp]]) -> Iterator[Features]:
    """Give the features with a group of them in each of some orders, together; each is good until the next is asked."""
    numeric, codes = features.numeric.copy(), features.codes.copy()
    columns, categories = (
        [place for place, name in enumerate(names) if name in members]
        for names in (features.numeric_names, features.categorical_names)
    )
    for order in orders:
        numeric[:, columns] = features.numeric[:, columns][order]
        codes[:, categories] = features.codes[:, categories][order]
        yield replace(features, numeric=numeric, codes=codes)


def _standardise(rises: NDArray[np.float64]) -> float:
    """Return the mean rise of the rows' losses in standard errors; the losses do not all rise by as much."""
    error = float(rises.std()) / math.sqrt(len(rises))
    return round(float(rises.mean()) / error, 6)
