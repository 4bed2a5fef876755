"""The population: whether the users who get a score are like those who were learned from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from yule.checks.evidence import Sample, Snapshot, choose_users
from yule.checks.measures.drift import MAX_USERS, Difference, find_growing, population_stability, tell_apart
from yule.core.dataset import Features
from yule.core.schema import leave_out
from yule.core.seeds import derive_seed
from yule.features.matrix import stack_features
from yule.messages.finding import Finding
from yule.messages.values import Count, FeatureList, Figure, Value
from yule.preparation.selection.duplicates import find_constants

MIN_USERS = 100
"""Fewer users on a side and nothing is said."""

MAX_AUC = 0.70
"""The scored users may be told apart from the labelled ones this well."""

MAX_RISE = 0.05
"""Or this much better than labelled users of two cut-offs, as far apart, from each other."""

MOVING_INDEX = 0.1
"""A feature with a larger population stability index between label cut-offs moves with time."""

N_NAMED = 3
"""Features named as the reason."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The scored users against those labelled last, and those against the ones labelled earlier.

    Parameters
    ----------
    left_out
        Features that tell the time by construction: they grow, or move as much between label cut-offs, or all users of
        a cut-off have the same.
    now
        Between the last label cut-off and the predict cut-off.
    before
        Between two label cut-offs about as far apart; None when there is just one.
    stability
        Population stability index of each feature that is not left out.
    """

    left_out: frozenset[str]
    now: Difference
    before: Difference | None
    stability: dict[str, float]


def check_population(sample: Sample, scored: Snapshot, seed: int) -> Iterator[Finding]:
    """Try to tell the users of the population from those labelled last.

    Features that tell the time by construction are left out. If label cut-offs differ as much from each other, there is
    no reason to worry: the forward validation has judged the models across such a step.

    Parameters
    ----------
    sample
        Labelled users with their features.
    scored
        Users of the population with theirs.
    seed
        Of the small models that tell them apart.
    """
    compared = compare_population(sample, scored, seed)
    if compared is None:
        yield Finding(check="population", code="population-too-few", severity="ok", values={"least": Count(MIN_USERS)})
        return
    yield judge_difference(compared, sample.features)


def judge_difference(compared: Comparison, features: Features) -> Finding:
    """Judge how well the users of the population can be told from those labelled last."""
    auc, reasons = compared.now.auc, list(compared.now.importance)[:N_NAMED]
    told: dict[str, Value] = {
        "auc": Figure(auc),
        "left_out": FeatureList(tuple(map(features.meaning_of, sorted(compared.left_out)))),
    }
    why = FeatureList(
        tuple(map(features.meaning_of, reasons)),
        figures=tuple(float(compared.stability[name]) for name in reasons),
        measure="psi",
    )
    if auc <= MAX_AUC:
        return Finding(check="population", code="population-alike", severity="ok", values=told)
    if compared.before is None:
        return Finding(check="population", code="population-unlike", severity="warn", values={**told, "reasons": why})
    before = Figure(compared.before.auc)
    if auc <= compared.before.auc + MAX_RISE:
        return Finding(
            check="population", code="population-moved-as-ever", severity="ok", values={**told, "before": before}
        )
    return Finding(
        check="population",
        code="population-unlike-and-not-before",
        severity="warn",
        values={**told, "before": before, "reasons": why},
    )


def compare_population(sample: Sample, scored: Snapshot, seed: int) -> Comparison | None:
    """Measure how the population differs from the labelled users; None when there are too few of either."""
    cutoffs = np.unique(sample.examples.cutoffs)
    if not len(cutoffs):
        return None
    last = _label_snapshot(sample, cutoffs[-1])
    if min(len(last.user_ids), len(scored.user_ids)) < MIN_USERS:
        return None
    earlier = [_label_snapshot(sample, cutoff) for cutoff in _choose_earlier(cutoffs, gap=scored.cutoff - cutoffs[-1])]
    sides = [*(side for side in earlier if len(side.user_ids) >= MIN_USERS), last, scored]
    growing = find_growing([_pair(first, second) for first, second in pairwise(sides)])
    sides = [side.take(choose_users(side.user_ids, most=MAX_USERS, seed=derive_seed(seed, "side"))) for side in sides]
    stability = [population_stability(first.features, second.features) for first, second in pairwise(sides)]
    left_out = growing | _find_told_alike(sides) | (_find_moving(*stability) if len(stability) > 1 else frozenset())
    sides = [replace(side, features=leave_out(side.features, left_out)) for side in sides]
    if len(find_constants(stack_features([side.features for side in sides]))) == len(sides[0].features.names):
        return None
    *before, now = (tell_apart(first, second, seed=seed) for first, second in pairwise(sides))
    return Comparison(
        left_out=left_out,
        now=now,
        before=before[0] if before else None,
        stability={name: index for name, index in stability[-1].items() if name not in left_out},
    )


def _choose_earlier(cutoffs: NDArray[np.datetime64], *, gap: np.timedelta64) -> NDArray[np.datetime64]:
    """Return the cut-off that lies before the last one as far as this does before the predict cut-off, if any."""
    distances = np.abs(cutoffs[-1] - cutoffs[:-1] - gap)
    return cutoffs[:-1][np.argsort(distances, kind="stable")[:1]]


def _label_snapshot(sample: Sample, cutoff: np.datetime64) -> Snapshot:
    rows = sample.examples.cutoffs == cutoff
    return Snapshot(user_ids=sample.examples.user_ids[rows], features=sample.features.take(rows), cutoff=cutoff)


def _pair(before: Snapshot, after: Snapshot) -> tuple[Features, Features]:
    """Return the features of the users on both sides, row by row the same."""
    _, first, second = np.intersect1d(before.user_ids.astype(str), after.user_ids.astype(str), return_indices=True)
    return before.features.take(first), after.features.take(second)


def _find_told_alike(sides: Sequence[Snapshot]) -> frozenset[str]:
    """Return the features that all users of a side have the same of, and not all sides: how common something is."""
    alike = frozenset.intersection(*(frozenset(find_constants(side.features)) for side in sides))
    return alike - frozenset(find_constants(stack_features([side.features for side in sides])))


def _find_moving(before: dict[str, float], now: dict[str, float]) -> frozenset[str]:
    """Return the features that move between label cut-offs already, and not much more now."""
    return frozenset(
        name for name, index in before.items() if index > MOVING_INDEX and now[name] <= 2 * index + MOVING_INDEX
    )
