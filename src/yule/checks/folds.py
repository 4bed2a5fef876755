"""Folds: nobody is on both sides, and nothing is learned from what is judged later."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from yule.core.examples import Examples
from yule.messages.finding import Finding
from yule.messages.values import Count, Instants, name_some
from yule.training.folds import Folds

MIN_JUDGED = 100
"""Fewer positives than this to judge by and every figure is a rough one."""

MIN_PER_FOLD = 10


def check_folds(examples: Examples, folds: Folds, horizon: timedelta) -> Iterator[Finding]:
    """Make sure that a user is in one fold and that models learn from the past alone.

    Parameters
    ----------
    examples, folds
        Labelled users and how they are divided, row by row the same.
    horizon
        How long after a cut-off its labels look.
    """
    users = pa.array(examples.user_ids, pa.string()).dictionary_encode()
    user = users.indices.to_numpy()
    pairs = np.unique(np.column_stack([user, folds.fold]), axis=0)
    n_folds_of_user = np.bincount(pairs[:, 0], minlength=len(users.dictionary))
    divided = sorted(users.dictionary.take(np.flatnonzero(n_folds_of_user > 1)).to_pylist())
    if divided:
        yield Finding(
            check="folds",
            code="folds-share-users",
            severity="stop",
            values={
                "n_divided": Count(len(divided)),
                "n_users": Count(len(users.dictionary)),
                "divided": name_some(divided),
            },
        )
    is_forward = len(np.unique(examples.cutoffs)) > 1
    first_judged = examples.cutoffs[folds.is_validation].min()
    is_late = is_forward & folds.is_training & (examples.cutoffs + np.timedelta64(horizon) > first_judged)
    if is_late.any():
        yield Finding(
            check="folds",
            code="folds-learn-from-later",
            severity="stop",
            values={"n_late": Count(int(is_late.sum())), "judged_from": Instants((_instant(first_judged),))},
        )
    if not divided and not is_late.any():
        yield Finding(
            check="folds",
            code="folds-apart-in-time" if is_forward else "folds-apart",
            severity="ok",
            values={"n_users": Count(len(users.dictionary))},
        )


def check_judged_positives(examples: Examples, folds: Folds) -> Iterator[Finding]:
    """Count the positives that figures rest on, in all and fold by fold."""
    few, enough = (
        ("judged-positives-few", "judged-positives-enough")
        if examples.loss == "log_loss"
        else ("judged-amounts-few", "judged-amounts-enough")
    )
    held_out = folds.fold[folds.is_validation & (examples.labels != 0)]
    counts = np.bincount(held_out, minlength=folds.n_folds)
    n_positives, fewest = int(counts.sum()), int(counts.min())
    are_few = n_positives < MIN_JUDGED or fewest < MIN_PER_FOLD
    yield Finding(
        check="positives-to-judge-by",
        code=few if are_few else enough,
        severity="warn" if are_few else "ok",
        values={"n_positives": Count(n_positives), "fewest": Count(fewest)},
    )


def _instant(instant: np.datetime64) -> datetime:
    at: datetime = instant.astype("datetime64[us]").item()
    return at.replace(tzinfo=UTC)
