"""Greedy selection: adds, again and again, the member that helps the blend most.

Probabilities are blended by the weighted mean of their log-odds, not of themselves: what a feature adds to a
member's log-odds then adds, times the member's weight, to those of the blend, so reasons stay sums. A mean of
log-odds is also the better blend where positives are rare, because it keeps ratios between small probabilities.
Amounts are blended as they are.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

TIE = 1e-12
"""Losses closer than this, relative to the smaller one, are equal."""

Counts: TypeAlias = tuple[int, ...]
"""How often each member was added."""

NextLosses: TypeAlias = Callable[[Counts], NDArray[np.float64]]
"""Loss, summed over each block of users, after adding each member to a blend: (n_members, n_blocks)."""

FindLosses: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def next_losses(
    members: Sequence[NDArray[np.float64]], find_losses: FindLosses, blocks: NDArray[np.int32], *, n_blocks: int
) -> NextLosses:
    """Return the function that looks one step ahead from any blend.

    Parameters
    ----------
    members
        Out-of-fold log-odds, or amounts, of each member, (n_users,).
    find_losses
        Gives the loss of each user, (n_users,), for the values of a blend.
    blocks
        (n_users,); from 0. Selections differ only in how much each block of users counts.
    n_blocks
        Number of blocks.

    Returns
    -------
    callable
        It remembers its answers: selections mostly walk the same way.
    """

    @cache
    def losses_after(counts: Counts) -> NDArray[np.float64]:
        total = np.zeros(len(blocks))
        for count, member in zip(counts, members, strict=True):
            if count:
                total += count * member
        size = sum(counts) + 1
        losses = [find_losses((total + member) / size) for member in members]
        return np.stack([np.bincount(blocks, weights=loss, minlength=n_blocks) for loss in losses])

    return losses_after


def select_greedily(
    losses_after: NextLosses, *, n_members: int, n_steps: int, block_weights: NDArray[np.float64]
) -> Counts:
    """Add members with replacement, each time the one that lowers the loss most.

    Parameters
    ----------
    losses_after
        See :func:`next_losses`.
    n_members
        Number of members to choose from.
    n_steps
        How many times a member is added.
    block_weights
        (n_blocks,); how much the users of each block count.

    Returns
    -------
    tuple of int
        How often each member was added at the best of all steps, the earliest one if several are equal.

    Notes
    -----
    The first step takes the best single member. Of members that are equally good, one that is in the blend already
    is preferred, then the first: a second copy of a member stays out.
    Differs from [1]_: no sorted start; the loss of the mean decides.

    References
    ----------
    .. [1] Caruana et al., Ensemble selection from libraries of models, ICML 2004.
    """
    counts: Counts = (0,) * n_members
    trajectory: list[tuple[float, Counts]] = []
    for _ in range(n_steps):
        losses = losses_after(counts) @ block_weights
        tied = np.flatnonzero(losses <= losses.min() * (1 + TIE))
        added = next((member for member in tied if counts[member]), tied[0])
        counts = tuple(count + (member == added) for member, count in enumerate(counts))
        trajectory.append((float(losses[added]), counts))
    least = min(loss for loss, _ in trajectory)
    return next(counts for loss, counts in trajectory if loss <= least * (1 + TIE))
