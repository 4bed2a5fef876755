"""Refits: a member fitted once more, on all labelled users, for as many steps as its folds needed.

A refit learns from the newest cut-offs and from the users of every fold, and one model predicts in the place of one for
each fold. Nobody is left to judge it by: whatever is told of quality comes from the models of the folds.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from yule.core.dataset import Labelled
from yule.core.examples import Examples
from yule.messages.finding import Finding
from yule.messages.values import Count, Days, Instants, Value, name_some
from yule.models.protocol import Estimator, FitContext, Model
from yule.training.fitting import read_n_steps
from yule.training.folds import FoldRows, Folds, find_every_tenth
from yule.training.prepared import Prepared
from yule.training.settings import Refits

LEAST_RARER = 500
"""Users of the rarer kind from which on a refit is as good as the mean of the folds' models, or better."""


def find_least(refits: Refits) -> int | None:
    """Return how many users of the rarer kind a refit takes; None where there are no refits."""
    return {"auto": LEAST_RARER, "all": 0, "none": None}[refits]


def count_rarer(examples: Examples) -> int:
    """Return how many users have, at some cut-off, a label that is not the most common one.

    Of the same user at several cut-offs little more is learned than at one.

    >>> examples = Examples(
    ...     user_ids=np.array(["ann", "bob", "cid", "bob"], dtype=object),
    ...     cutoffs=np.array(["2024-01-01"] * 3 + ["2024-02-01"], "datetime64[us]"),
    ...     labels=np.array([0.0, 1.0, 0.0, 1.0]),
    ... )
    >>> count_rarer(examples)
    1
    """
    labels, counts = np.unique(examples.labels, return_counts=True)
    return len(set(examples.user_ids[examples.labels != labels[counts.argmax()]]))


def split_whole(examples: Examples) -> FoldRows:
    """Return all rows, to learn from; one in ten says what a preparation has to find out on others."""
    is_stop = find_every_tenth(examples, np.ones(examples.n_examples, dtype=np.bool_))
    return FoldRows(train=np.flatnonzero(~is_stop), stop=np.flatnonzero(is_stop), held_out=np.empty(0, dtype=np.intp))


def describe_refits(members: Sequence[str], examples: Examples, folds: Folds, *, cutoff: datetime) -> Finding:
    """Tell what the models learned from that predict, and of which others the figures of quality are.

    Parameters
    ----------
    members
        Those that were fitted once more; none where there are too few users of the rarer kind.
    examples, folds
        The labelled users, row by row the same in both.
    cutoff
        As of when users are scored.
    """
    if not members:
        few: dict[str, Value] = {"n_rarer": Count(count_rarer(examples)), "least": Count(LEAST_RARER)}
        return Finding(check="refits", code="refits-too-few", severity="ok", values=few)
    values: dict[str, Value] = {"members": name_some(list(members)), "n_labelled": Count(examples.n_examples)}
    newest, learned = examples.cutoffs.max(), examples.cutoffs[folds.is_training].max()
    if newest == learned:
        return Finding(check="refits", code="refits-of-all", severity="ok", values=values)
    days = (np.datetime64(cutoff.replace(tzinfo=None), "us") - newest) / np.timedelta64(1, "D")
    later: dict[str, Value] = {
        **values,
        "newest": _tell_instant(newest),
        "days": Days(float(days)),
        "learned": _tell_instant(learned),
    }
    return Finding(check="refits", code="refits-of-newest", severity="ok", values=later)


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


def _tell_instant(cutoff: np.datetime64) -> Instants:
    return Instants((cutoff.astype("datetime64[us]").item().replace(tzinfo=UTC),))
