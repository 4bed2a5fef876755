"""Duplicates: users whom the features cannot tell apart."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.examples import Examples
from yule.messages.finding import Finding
from yule.messages.values import Count, Names, Share, name_some

MAX_DUPLICATES = 0.2
"""Share of the examples that may have the features of another user."""

MAX_CONFLICTS = 0.05
"""Share of the examples that may have the features of another user and the other label."""


def check_duplicates(features: Features, examples: Examples) -> Iterator[Finding]:
    """Count the users who have exactly the features of another user at the same cut-off."""
    if not examples.n_examples or not features.names:
        return
    group, sizes = group_rows(features, examples.cutoffs)
    is_repeated = sizes[group] > 1
    share = float(is_repeated.mean())
    if not is_repeated.any():
        yield Finding(
            check="duplicates",
            code="users-distinct",
            severity="ok",
            values={"n_examples": Count(examples.n_examples)},
        )
        return
    are_many = share > MAX_DUPLICATES
    yield Finding(
        check="duplicates",
        code="users-equal-many" if are_many else "users-equal-few",
        severity="warn" if are_many else "ok",
        values={
            "n_equal": Count(int(is_repeated.sum())),
            "n_examples": Count(examples.n_examples),
            "share": Share(share),
            "users": _name_group(examples, group, is_repeated),
        },
    )


def check_conflicts(features: Features, examples: Examples) -> Iterator[Finding]:
    """Count the users who have the features of another user but the other label."""
    if not examples.n_examples or not features.names:
        return
    group, sizes = group_rows(features, examples.cutoffs)
    n_positives = np.bincount(group, weights=examples.labels)
    is_conflict = (n_positives[group] > 0) & (n_positives[group] < sizes[group])
    n_wrong = int(np.minimum(n_positives, sizes - n_positives).sum())
    share = float(is_conflict.mean())
    if not is_conflict.any():
        yield Finding(
            check="conflicting-labels",
            code="labels-agree",
            severity="ok",
            values={"n_examples": Count(examples.n_examples)},
        )
        return
    are_many = share > MAX_CONFLICTS
    yield Finding(
        check="conflicting-labels",
        code="labels-conflict-many" if are_many else "labels-conflict-few",
        severity="warn" if are_many else "ok",
        values={
            "n_conflicts": Count(int(is_conflict.sum())),
            "n_examples": Count(examples.n_examples),
            "share": Share(share),
            "users": _name_group(examples, group, is_conflict),
            "n_wrong": Count(n_wrong),
        },
    )


def group_rows(features: Features, cutoffs: NDArray[np.datetime64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Group rows with equal features at one cut-off.

    Returns
    -------
    group
        intp (n_rows,): number of each row's group.
    sizes
        intp (n_groups,): rows in it.
    """
    numeric = features.numeric + np.float32(0)  # -0 becomes 0
    numeric[np.isnan(numeric)] = np.nan  # all NaN get the same bits
    cutoff = np.unique(cutoffs, return_inverse=True)[1].astype(np.int32)
    rows = np.ascontiguousarray(np.column_stack([cutoff, numeric.view(np.int32), features.codes]))
    keys = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    _, group, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    return group, sizes


def _name_group(examples: Examples, group: NDArray[np.intp], is_found: NDArray[np.bool_]) -> Names:
    """Name the users of one of the groups found: the one with the first row."""
    first = group[np.flatnonzero(is_found)[0]]
    users: list[str] = examples.user_ids[group == first].tolist()
    return name_some(users)
