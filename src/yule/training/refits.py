"""Refits: a member fitted once more, on all labelled users, for as many steps as its folds needed.

A refit learns from the newest cut-offs and from the users of every fold, and one model predicts in the place of one for
each fold. Nobody is left to judge it by: whatever is told of quality comes from the models of the folds.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from yule.core.dataset import Labelled
from yule.core.examples import Examples
from yule.models.protocol import Estimator, FitContext, Model
from yule.training.fitting import read_n_steps
from yule.training.folds import FoldRows, find_every_tenth
from yule.training.prepared import Prepared
from yule.training.settings import Refits

LEAST_RARER = 500
"""Labels of the rarer kind from which on a refit is as good as the mean of the folds' models (decision 0048)."""


def find_least(refits: Refits) -> int | None:
    """Return how many labels of the rarer kind a refit takes; None where there are no refits."""
    return {"auto": LEAST_RARER, "all": 0, "none": None}[refits]


def count_rarer(examples: Examples) -> int:
    """Return how many labels are not the most common one.

    >>> examples = Examples(
    ...     user_ids=np.array(["ann", "bob", "cid"], dtype=object),
    ...     cutoffs=np.full(3, np.datetime64("2024-01-01", "us")),
    ...     labels=np.array([0.0, 1.0, 0.0]),
    ... )
    >>> count_rarer(examples)
    1
    """
    _, counts = np.unique(examples.labels, return_counts=True)
    return examples.n_examples - int(counts.max())


def split_whole(examples: Examples) -> FoldRows:
    """Return all rows, to learn from; one in ten says what a preparation has to find out on others."""
    is_stop = find_every_tenth(examples, np.ones(examples.n_examples, dtype=np.bool_))
    return FoldRows(train=np.flatnonzero(~is_stop), stop=np.flatnonzero(is_stop), held_out=np.empty(0, dtype=np.intp))


def find_n_steps(fits: Sequence[Path]) -> int:
    """Return how many steps a refit makes: the mean of those of the folds' fits, in their folders."""
    return max(1, round(float(np.mean([read_n_steps(fit) for fit in fits]))))


def fit_whole(
    estimator: Estimator, examples: Examples, prepared: Prepared, *, n_steps: int, context: FitContext
) -> Model:
    """Fit a member on all labelled users.

    Parameters
    ----------
    estimator
        The member.
    examples
        The labelled users.
    prepared
        What it sees of them.
    n_steps
        How many steps it makes.
    context
        Seed, threads and tracker of the fit.
    """
    features = prepared.take(np.arange(examples.n_examples))
    return estimator.fit(
        Labelled(features=features, labels=examples.labels, loss=examples.loss), n_steps, context=context
    )
