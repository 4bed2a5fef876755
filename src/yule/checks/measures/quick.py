"""A small, fast model through the folds of the case: good enough to see what is wrong with data."""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yule.checks.evidence import Sample, choose_examples
from yule.core.seeds import derive_seed, draw_numbers
from yule.core.tracker import SilentTracker
from yule.metrics.scores import roc_auc
from yule.models.gbdt.light_gbm import LightGBM
from yule.models.protocol import FitContext
from yule.preparation.selection.duplicates import find_constants
from yule.training.fitting import fit_fold
from yule.training.folds import split_fold
from yule.training.prepared import see_as_they_are

MAX_EXAMPLES = 8_000
"""Examples that the model is shown."""

MAX_CUTOFFS = 2
"""Cut-offs it learns from, the last ones: more users say more than more rows of the same ones."""

QUICK = LightGBM(name="quick", learning_rate=0.1, max_trees=100, num_leaves=8)
"""Not the learner of the preparation, which sees a smaller share of the features in each tree: that one no longer finds
users who are learned from and judged (docs/experiments.md)."""


@dataclass(frozen=True, kw_only=True)
class QuickResult:
    """What a small model reached out of fold.

    Parameters
    ----------
    auc
        Mean over the folds, each AUC on its own held-out users.
    noise
        Standard error of ``auc`` if nothing can be learned: the spread of a random order of the users.
    n_examples
        Examples it was judged on.
    importance
        Share of each feature in the decisions, the largest first.
    """

    auc: float
    noise: float
    n_examples: int
    importance: dict[str, float]


def choose_quick(sample: Sample, *, seed: int) -> Sample:
    """Return the part of a sample that a small model is shown and judged on."""
    cutoffs, folds = sample.examples.cutoffs, sample.folds
    learned = np.unique(cutoffs[folds.is_training])[-MAX_CUTOFFS:]
    recent = sample.take(folds.is_validation | (folds.is_training & np.isin(cutoffs, learned)))
    return recent.take(choose_examples(recent.examples, most=MAX_EXAMPLES, seed=derive_seed(seed, "quick sample")))


def fit_quickly(sample: Sample, *, seed: int) -> QuickResult | None:
    """Fit a small model on every fold and judge it on the users held out there; None when no fold has both kinds."""
    if not sample.examples.n_examples:
        return None
    aucs, variances, n_examples = [], [], 0
    shares: dict[str, float] = defaultdict(float)
    for fold in range(sample.folds.n_folds):
        if not _can_fit(sample, fold):
            continue
        context = FitContext(seed=derive_seed(seed, "quick", fold), n_threads=1, tracker=SilentTracker())
        fit = fit_fold(
            QUICK,
            sample.examples,
            see_as_they_are(sample.features),
            sample.folds,
            fold=fold,
            context=context,
        )
        labels = sample.examples.labels[fit.rows]
        aucs.append(roc_auc(labels, fit.scores))
        variances.append(_null_variance(labels) * len(labels) / len(np.unique(sample.examples.user_ids[fit.rows])))
        n_examples += len(labels)
        for name, share in fit.model.importance.items():
            shares[name] += share
    if not aucs:
        return None
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return QuickResult(
        auc=float(np.mean(aucs)),
        noise=float(np.sqrt(np.sum(variances))) / len(aucs),
        n_examples=n_examples,
        importance={name: share / len(aucs) for name, share in ordered},
    )


def shuffle_labels(sample: Sample, *, seed: int) -> Sample:
    """Return a sample in which users have the labels of other users, within each cut-off.

    A user gets the labels of the same other user at all cut-offs, as far as both are there: so a model that is shown
    the users it is judged on still learns something, and is found out.
    """
    examples = sample.examples
    to, of = (
        np.lexsort((draw_numbers(examples.user_ids.tolist(), derive_seed(seed, "shuffle", name)), examples.cutoffs))
        for name in ("to", "of")
    )
    labels = np.empty_like(examples.labels)
    labels[to] = examples.labels[of]
    return replace(sample, examples=replace(examples, labels=labels))


def _can_fit(sample: Sample, fold: int) -> bool:
    rows = split_fold(sample.examples, sample.folds, fold)
    can_be_told_apart = all(
        len(np.unique(sample.examples.labels[part])) > 1 for part in (rows.train, rows.stop, rows.held_out)
    )
    return can_be_told_apart and len(find_constants(sample.features.take(rows.train))) < len(sample.features.names)


def _null_variance(labels: NDArray[np.float64]) -> float:
    """Return the variance of the AUC of a random order [1]_.

    References
    ----------
    .. [1] Mann and Whitney, On a test of whether one of two random variables is stochastically larger, 1947.
    """
    n_positives = float(labels.sum())
    n_negatives = len(labels) - n_positives
    return (len(labels) + 1) / (12 * n_positives * n_negatives)
