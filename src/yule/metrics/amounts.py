"""How good predictions of amounts are: errors, order, and what the top of the list holds of the total.

Users with the same prediction stand together, as in :mod:`yule.metrics.gains`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.core.errors import DataError
from yule.metrics.gains import deal_bins, gains_curve, top_size
from yule.metrics.intervals import Interval, central_intervals, draw_weights
from yule.metrics.ranks import standard_ranks

MAX_BLOCKS = 1000
"""Users are resampled in at most so many random blocks: a resample costs a sum over blocks and not over users."""


@dataclass(frozen=True, kw_only=True)
class TotalRow:
    """What the top of the list holds of the total.

    Parameters
    ----------
    fraction
        Top fraction of the list, above 0, at most 1.
    n_users
        Users in it; at least 1.
    amount
        Sum of their amounts, expected over the order of users with equal predictions.
    share
        Share of the total that they hold.
    lift
        ``share`` over the share of users: how many times as much as among users taken at random.
    """

    fraction: float
    n_users: int
    amount: float
    share: float
    lift: float


@dataclass(frozen=True, kw_only=True)
class AmountBin:
    """Users with similar predictions.

    Parameters
    ----------
    n_users
        Users in the bin; at least 1.
    expected, observed
        Their mean prediction and their mean amount.
    error
        Standard error of ``observed``.
    """

    n_users: int
    expected: float
    observed: float
    error: float


@dataclass(frozen=True, kw_only=True)
class AmountIntervals:
    """Where numbers lie in a share of resamples of the users.

    Parameters
    ----------
    rmse, spearman
        Of the metrics of these names.
    amounts, shares
        Of the top fractions of the list, in the order given.
    """

    rmse: Interval
    spearman: Interval
    amounts: tuple[Interval, ...]
    shares: tuple[Interval, ...]


def neg_rmse(amounts: NDArray[np.float64], predictions: NDArray[np.float64]) -> float:
    """Return minus the root of the mean squared error, in the unit of the amounts; arrays are (n_users,).

    >>> neg_rmse(np.array([0.0, 4.0]), np.array([1.0, 3.0]))
    -1.0
    """
    return -float(np.sqrt(((amounts - predictions) ** 2).mean()))


def neg_mae(amounts: NDArray[np.float64], predictions: NDArray[np.float64]) -> float:
    """Return minus the mean absolute error, in the unit of the amounts; arrays are (n_users,).

    >>> neg_mae(np.array([0.0, 4.0]), np.array([1.0, 3.0]))
    -1.0
    """
    return -float(np.abs(amounts - predictions).mean())


def r2(amounts: NDArray[np.float64], predictions: NDArray[np.float64]) -> float:
    """Return the share of the variance that is explained: 1 at best, 0 for the mean; arrays are (n_users,).

    Raises
    ------
    DataError
        The amounts are all the same.

    >>> r2(np.array([0.0, 4.0]), np.array([1.0, 3.0]))
    0.75
    """
    variance = float(amounts.var())
    if not variance:
        raise DataError(f"Nothing can be explained: the amounts of all {len(amounts)} users are the same.")
    return 1 - float(((amounts - predictions) ** 2).mean()) / variance


def spearman(amounts: NDArray[np.float64], predictions: NDArray[np.float64]) -> float:
    """Return the correlation of ranks, -1 to 1; ties share their rank, 0 if all predictions are the same.

    >>> round(spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0])), 6)
    0.5
    """
    first, second = standard_ranks(amounts), standard_ranks(predictions)
    return float((first * second).mean())


def totals_table(
    amounts: NDArray[np.float64], predictions: NDArray[np.float64], fractions: Sequence[float]
) -> tuple[TotalRow, ...]:
    """Add up the amounts in the top of the list.

    Parameters
    ----------
    amounts
        (n_users,); what the amounts came to.
    predictions
        (n_users,); only their order counts.
    fractions
        Top fractions of the list, each above 0 and at most 1.

    Returns
    -------
    tuple of TotalRow
        One for each fraction, in the order given.

    Raises
    ------
    DataError
        The total is not above 0: no part of the list holds a share of it.

    >>> (row,) = totals_table(np.array([6.0, 1.0, 3.0, 0.0]), np.array([9.0, 5.0, 5.0, 1.0]), [0.5])
    >>> row.n_users, row.amount, row.share, row.lift
    (2, 8.0, 0.8, 1.6)
    """
    n_users_at, amount_at = gains_curve(amounts, predictions)
    total = float(amounts.sum())
    if total <= 0:
        raise DataError(f"The amounts of {len(amounts)} users add up to {total:,.2f}: there is no total to reach.")
    sizes = [top_size(fraction, len(amounts)) for fraction in fractions]
    return tuple(
        TotalRow(
            fraction=fraction,
            n_users=size,
            amount=amount,
            share=amount / total,
            lift=amount / total * len(amounts) / size,
        )
        for fraction, size, amount in zip(
            fractions, sizes, np.interp(sizes, n_users_at, amount_at).tolist(), strict=True
        )
    )


def amount_bins(
    amounts: NDArray[np.float64], predictions: NDArray[np.float64], n_bins: int = 10
) -> tuple[AmountBin, ...]:
    """Compare predicted with observed means in bins of about equally many users, from the lowest predictions up.

    >>> amount_bins(np.array([0.0, 5.0]), np.array([1.0, 4.0]), n_bins=2)[1]
    AmountBin(n_users=1, expected=4.0, observed=5.0, error=0.0)
    """
    bins = deal_bins(predictions, n_bins)
    return tuple(
        AmountBin(
            n_users=int(is_in.sum()),
            expected=float(predictions[is_in].mean()),
            observed=float(amounts[is_in].mean()),
            error=float(amounts[is_in].std() / np.sqrt(is_in.sum())),
        )
        for is_in in (bins == number for number in np.unique(bins))
    )


def amount_intervals(
    amounts: NDArray[np.float64],
    predictions: NDArray[np.float64],
    fractions: Sequence[float],
    *,
    seed: int,
    n_resamples: int = 1000,
) -> AmountIntervals:
    """Return where metrics lie in 90 of 100 resamples of the users.

    Parameters
    ----------
    amounts, predictions, fractions
        See :func:`totals_table`.
    seed
        Seed of the resampling.
    n_resamples
        Number of resamples.

    Notes
    -----
    A Poisson bootstrap of blocks of users. Ranks, and who is in the top of the list, stay as they are.

    >>> amounts = np.tile([0.0, 10.0], 500)
    >>> found = amount_intervals(amounts, amounts, [0.5], seed=0)
    >>> found.rmse
    Interval(low=0.0, high=0.0)
    >>> found.shares[0].low
    1.0
    """
    n_users = len(amounts)
    sizes = np.array([top_size(fraction, n_users) for fraction in fractions])
    counts, totals, squares, products, *tops = _resample_sums(
        amounts, predictions, sizes, random=np.random.default_rng(seed), n_resamples=n_resamples
    )
    users_in, amounts_in = np.array(tops[: len(sizes)]), np.array(tops[len(sizes) :])
    # As many users in the top, and outside, as there are: only what they hold is uncertain.
    reached = _mean(amounts_in, users_in) * sizes[:, None]
    total = reached + _mean(totals - amounts_in, counts - users_in) * (n_users - sizes[:, None])
    rmse, correlation = central_intervals(np.stack([np.sqrt(squares / counts), products / counts], axis=1))
    return AmountIntervals(
        rmse=rmse,
        spearman=correlation,
        amounts=central_intervals(reached.T),
        shares=central_intervals(_mean(reached, total).T),
    )


def _resample_sums(
    amounts: NDArray[np.float64],
    predictions: NDArray[np.float64],
    sizes: NDArray[np.int64],
    *,
    random: np.random.Generator,
    n_resamples: int,
) -> NDArray[np.float64]:
    """Return what resamples of blocks of users add up to, (n_numbers, n_drawn).

    The numbers are users, amounts, squared errors, products of ranks, and for each size users in the top, and then
    for each size their amounts.
    """
    parts = np.stack([_part_in_top(predictions, size) for size in sizes])
    by_user = [
        np.ones(len(amounts)),
        amounts,
        (amounts - predictions) ** 2,
        standard_ranks(amounts) * standard_ranks(predictions),
        *parts,
        *(parts * amounts),
    ]
    n_blocks = min(MAX_BLOCKS, len(amounts))
    block = np.empty(len(amounts), np.intp)
    block[np.lexsort((amounts, predictions))] = random.permutation(len(amounts)) % n_blocks  # not the order of rows
    sums = np.stack([np.bincount(block, weights=column) for column in by_user])  # (n_numbers, n_blocks)
    drawn = draw_weights(random, np.ones(n_blocks), n_resamples=n_resamples)
    weights = np.concatenate([weights for (weights,) in drawn])
    resampled: NDArray[np.float64] = (weights[weights.sum(axis=1) > 0] @ sums.T).T
    return resampled


def _mean(sums: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sums over counts; 0 where nobody is counted, as a resample of a handful of users may be."""
    return np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 1e-9)


def _part_in_top(predictions: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return for each user the chance to be among the first ``size``: between 0 and 1 for ties at the cut."""
    last = np.sort(predictions)[len(predictions) - size]
    is_above, is_tied = predictions > last, predictions == last
    part: NDArray[np.float64] = is_above + is_tied * ((size - is_above.sum()) / is_tied.sum())
    return part
