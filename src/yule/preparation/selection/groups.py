"""Groups of features that pay: the others are left out together.

A group is what its features' names begin with: the feature set and the kind of aggregate, ``purchases__sum``. Whole
groups are judged because a single one of hundreds of features is worth too little to be told from noise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from yule.core.schema import describe_features, take_features
from yule.core.seeds import derive_seed
from yule.preparation.learner import fit_quickly, losses
from yule.preparation.sample import Sample, thin_sample
from yule.preparation.selection.record import Verdict
from yule.preparation.selection.splits import split_inside

MAX_ROWS = 8_000
"""A trial learns from, and is checked on, at most so many rows of each split."""

MAX_FEATURES = 300
"""Features in a trial at most: each group is stood for by its best ones."""


@dataclass(frozen=True, kw_only=True)
class Trials:
    """What a set of groups is tried on.

    Parameters
    ----------
    splits
        Rows to learn from and rows to check on.
    members
        For each group the features that stand for it.
    seed, n_threads
        Of the fits.
    """

    splits: tuple[tuple[Sample, Sample], ...]
    members: Mapping[str, tuple[str, ...]]
    seed: int
    n_threads: int

    def measure(self, groups: Sequence[str]) -> NDArray[np.float64]:
        """Return the loss of each checked row with the features of some groups alone, (n_checked,)."""
        names = {name for group in groups for name in self.members[group]}
        return np.concatenate([self._measure(learned, checked, names) for learned, checked in self.splits])

    def _measure(self, learned: Sample, checked: Sample, names: set[str]) -> NDArray[np.float64]:
        schema = describe_features(learned.features).only(names)
        learned, checked = (half.with_features(take_features(half.features, schema)) for half in (learned, checked))
        model = fit_quickly(learned, checked, seed=self.seed, n_threads=self.n_threads)
        return losses(checked, model.predict(checked.features, n_threads=self.n_threads))


def name_group(feature: str) -> str:
    """Return the group of a feature.

    >>> name_group("purchases__sum__spend__28d"), name_group("profile__age")
    ('purchases__sum', 'profile__age')
    """
    return "__".join(feature.split("__")[:2])


def score_groups(
    train: Sample, *, min_score: float, horizon: timedelta, seed: int, n_threads: int
) -> tuple[Verdict, ...]:
    """Try what is lost without groups, the weakest first, and judge each group.

    Parameters
    ----------
    train
        Training rows of a fold.
    min_score
        A group is kept if the loss without it rises by more than this many standard errors.
    horizon
        How far labels look ahead.
    seed, n_threads
        Of all that is random; threads change nothing.

    Returns
    -------
    tuple
        A verdict for each group, by name; the score is the rise of the loss without it in standard errors. The group
        with the most gain is always kept, and so are all when no inner split has both labels on both sides.
    """
    halves = split_inside(train, horizon=horizon, seed=derive_seed(seed, "splits"))
    splits = tuple(
        (thin_sample(learned, MAX_ROWS, seed=seed), thin_sample(checked, MAX_ROWS, seed=seed))
        for learned, checked in halves
    )
    gains = _measure_gains(splits, seed=seed, n_threads=n_threads)
    by_group: dict[str, list[str]] = {}
    for name in sorted(train.features.names, key=lambda name: (-gains.get(name, 0.0), name)):
        by_group.setdefault(name_group(name), []).append(name)
    if not splits:
        return tuple(Verdict(name=group) for group in sorted(by_group))
    strength = {group: sum(gains.get(name, 0.0) for name in names) for group, names in by_group.items()}
    weakest_first = sorted(by_group, key=lambda group: (strength[group], group))
    trials = Trials(splits=splits, members=_choose_members(by_group), seed=seed, n_threads=n_threads)
    verdicts = _eliminate(trials, weakest_first, min_score=min_score)
    return tuple(sorted(verdicts, key=lambda verdict: verdict.name))


def _measure_gains(splits: Sequence[tuple[Sample, Sample]], *, seed: int, n_threads: int) -> dict[str, float]:
    """Return the mean share of each feature in the gain, over the splits."""
    gains: dict[str, float] = {}
    for learned, checked in splits:
        for name, share in fit_quickly(learned, checked, seed=seed, n_threads=n_threads).importance.items():
            gains[name] = gains.get(name, 0.0) + share / len(splits)
    return gains


def _choose_members(by_group: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Let each group be stood for by as many of its best features as there is room for."""
    sizes = [len(names) for names in by_group.values()]
    fitting = [n for n in range(1, MAX_FEATURES + 1) if sum(min(size, n) for size in sizes) <= MAX_FEATURES]
    n_each = max(fitting, default=1)
    return {group: tuple(names[:n_each]) for group, names in by_group.items()}


def _eliminate(trials: Trials, weakest_first: Sequence[str], *, min_score: float) -> list[Verdict]:
    """Leave out blocks of groups while nothing is lost; a block that is missed is halved, its weaker half first."""
    *others, strongest = weakest_first
    verdicts = [Verdict(name=strongest)]
    kept, best = list(weakest_first), trials.measure(weakest_first)
    blocks = [others] if others else []
    while blocks:
        block = blocks.pop()
        remaining = [group for group in kept if group not in block]
        without = trials.measure(remaining)
        score = _standard_rise(without - best)
        if score <= min_score:
            kept = remaining
            best = min(best, without, key=np.mean)
            verdicts += [Verdict(name=group, score=score, dropped=_explain(score, len(block) - 1)) for group in block]
        elif len(block) == 1:
            verdicts.append(Verdict(name=block[0], score=score))
        else:
            blocks += [block[len(block) // 2 :], block[: len(block) // 2]]
    return verdicts


def _standard_rise(rises: NDArray[np.float64]) -> float:
    """Return the mean rise of the rows' losses in standard errors; 0 when no loss changes."""
    error = float(rises.std()) / np.sqrt(len(rises))
    return round(float(rises.mean()) / error, 6) if error > 0 else 0.0


def _explain(score: float, n_others: int) -> str:
    others = f" and {n_others} other groups" if n_others > 1 else " and another group" if n_others else ""
    return (
        f"without it{others} the loss rises by {score:.1f} standard errors"
        if score > 0
        else (f"without it{others} the loss falls by {-score:.1f} standard errors")
    )
