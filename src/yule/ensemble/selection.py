"""Greedy selection: adds, again and again, the member that helps the blend most.

Members are blended by the weighted mean of their log-odds, not of their probabilities: what a feature adds to a
member's log-odds then adds, times the member's weight, to those of the blend, so reasons stay sums. A mean of
log-odds is also the better blend where positives are rare, because it keeps ratios between small probabilities.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.ensemble.log_odds import log_losses

TIE = 1e-12
"""Log losses closer than this, relative to the smaller one, are equal."""

ROWS_PER_SLICE = 16_384
"""Rows worked on at once: their numbers stay in the processor's cache."""

Counts: TypeAlias = tuple[int, ...]
"""How often each member was added."""

NextLosses: TypeAlias = Callable[[Counts], NDArray[np.float64]]
"""Log loss, summed over each fold, after adding each member to a blend: (n_members, n_folds)."""


def next_losses(
    members: Sequence[NDArray[np.float64]], labels: NDArray[np.float64], folds: NDArray[np.int32]
) -> NextLosses:
    """Return the function that looks one step ahead from any blend.

    Parameters
    ----------
    members
        Out-of-fold log-odds of each member, (n_users,).
    labels
        (n_users,); 0 or 1.
    folds
        (n_users,); from 0.

    Returns
    -------
    callable
        It remembers its answers: selections that leave out one fold each mostly walk the same way.
    """
    order = np.argsort(folds, kind="stable")
    sorted_members = [member[order] for member in members]
    sorted_labels = labels[order]
    ends = np.cumsum(np.bincount(folds))
    slices = [
        (fold, slice(start, min(start + ROWS_PER_SLICE, end)))
        for fold, (first, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True))
        for start in range(first, end, ROWS_PER_SLICE)
    ]

    @cache
    def losses_after(counts: Counts) -> NDArray[np.float64]:
        losses = np.zeros((len(members), len(ends)))
        size = sum(counts) + 1
        for fold, rows in slices:
            total = np.zeros(rows.stop - rows.start)
            for count, member in zip(counts, sorted_members, strict=True):
                if count:
                    total += count * member[rows]
            for added, member in enumerate(sorted_members):
                losses[added, fold] += log_losses(sorted_labels[rows], (total + member[rows]) / size).sum()
        return losses

    return losses_after


def select_greedily(losses_after: NextLosses, *, n_members: int, n_steps: int, fold_used: NDArray[np.bool_]) -> Counts:
    """Add members with replacement, each time the one that lowers the log loss most.

    Parameters
    ----------
    losses_after
        See :func:`next_losses`.
    n_members
        Number of members to choose from.
    n_steps
        How many times a member is added.
    fold_used
        (n_folds,); whose users count.

    Returns
    -------
    tuple of int
        How often each member was added at the best of all steps, the earliest one if several are equal.

    Notes
    -----
    The first step takes the best single member. Of members that are equally good, one that is in the blend already
    is preferred, then the first: a second copy of a member stays out.
    Differs from [1]_: no sorted start and no bagging of members; the log loss of the mean log-odds decides.

    References
    ----------
    .. [1] Caruana et al., Ensemble selection from libraries of models, ICML 2004.
    """
    counts: Counts = (0,) * n_members
    trajectory: list[tuple[float, Counts]] = []
    for _ in range(n_steps):
        losses = losses_after(counts)[:, fold_used].sum(axis=1)
        tied = np.flatnonzero(losses <= losses.min() * (1 + TIE))
        added = next((member for member in tied if counts[member]), tied[0])
        counts = tuple(count + (member == added) for member, count in enumerate(counts))
        trajectory.append((float(losses[added]), counts))
    least = min(loss for loss, _ in trajectory)
    return next(counts for loss, counts in trajectory if loss <= least * (1 + TIE))
