"""Folds: nobody is on both sides, and nothing is learned from what is judged later."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pyarrow as pa

from yule.checks.finding import Finding, name_some
from yule.core.examples import Examples
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
            severity="stop",
            title="Users are in several folds",
            seen=f"{len(divided):,} of {len(users.dictionary):,} users are in more than one fold, "
            f"such as {name_some(divided)}: models are judged on users they have seen.",
            remedy="Delete the cached folds and run again; if that does not help, please report it.",
        )
    is_forward = len(np.unique(examples.cutoffs)) > 1
    first_judged = examples.cutoffs[folds.is_validation].min()
    is_late = is_forward & folds.is_training & (examples.cutoffs + np.timedelta64(horizon) > first_judged)
    if is_late.any():
        yield Finding(
            check="folds",
            severity="stop",
            title="Models learn from what they are judged on",
            seen=f"{int(is_late.sum()):,} examples to learn from have labels that reach past {_day(first_judged)}, "
            "where the judging begins.",
            remedy="Delete the cached folds and run again; if that does not help, please report it.",
        )
    if not divided and not is_late.any():
        what = ", and all that is learnt from lies before what is judged" if is_forward else ""
        yield Finding(
            check="folds",
            severity="ok",
            title="Folds keep users apart",
            seen=f"Each of {len(users.dictionary):,} users is in one fold{what}.",
        )


def check_judged_positives(examples: Examples, folds: Folds) -> Iterator[Finding]:
    """Count the positives that figures rest on, in all and fold by fold."""
    what = "positives" if examples.loss == "log_loss" else "labels other than 0"
    held_out = folds.fold[folds.is_validation & (examples.labels != 0)]
    counts = np.bincount(held_out, minlength=folds.n_folds)
    n_positives, fewest = int(counts.sum()), int(counts.min())
    if n_positives < MIN_JUDGED or fewest < MIN_PER_FOLD:
        yield Finding(
            check="positives to judge by",
            severity="warn",
            title=f"Only {n_positives} {what} to judge by",
            seen=f"{n_positives:,} {what} are held out to judge by, {fewest:,} in the smallest fold: "
            "expect a campaign to differ from the figures by much.",
            remedy="More cut-offs, or a wider condition, give firmer ones.",
        )
    else:
        yield Finding(
            check="positives to judge by",
            severity="ok",
            title=f"Enough {what} to judge by",
            seen=f"{n_positives:,} {what} are held out to judge by, {fewest:,} or more in every fold.",
        )


def _day(instant: np.datetime64) -> str:
    return str(instant.astype("datetime64[D]"))
