"""How good predictions of amounts were, on users whose amounts are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.metrics.amounts import (
    AmountBin,
    TotalRow,
    amount_bins,
    amount_intervals,
    neg_mae,
    neg_rmse,
    r2,
    spearman,
    totals_table,
)
from yule.metrics.gains import top_size
from yule.metrics.intervals import Interval
from yule.report.quality import CURVE_FRACTIONS, FRACTIONS, CurvePoint


@dataclass(frozen=True, kw_only=True)
class AmountQuality:
    """How good predictions were.

    Parameters
    ----------
    n_users, total
        The users they are judged on, and the sum of their amounts.
    rmse, mae, r2, spearman
        Metrics; errors in the unit of the amounts.
    rmse_range, spearman_range
        Hold 90 of 100 resamples of the users.
    totals, amount_ranges
        What the first users of the list held, for each of ``FRACTIONS``; ranges as above.
    promised
        Sums of the predictions for the same users.
    curve
        Share of the total in a top fraction of the list.
    deciles
        Expected against observed, in groups of equal size.
    """

    n_users: int
    total: float
    rmse: float
    mae: float
    r2: float
    spearman: float
    rmse_range: Interval
    spearman_range: Interval
    totals: tuple[TotalRow, ...]
    amount_ranges: tuple[Interval, ...]
    promised: tuple[float, ...]
    curve: tuple[CurvePoint, ...]
    deciles: tuple[AmountBin, ...]


def judge_amounts(amounts: NDArray[np.float64], predictions: NDArray[np.float64]) -> AmountQuality:
    """Judge predictions, (n_users,) each.

    Raises
    ------
    DataError
        The amounts are all the same, or their total is not above 0.

    >>> quality = judge_amounts(np.array([6.0, 1.0, 3.0, 0.0]), np.array([5.0, 4.0, 2.0, 1.0]))
    >>> quality.total, quality.totals[-1].share, quality.promised[-1]
    (10.0, 0.7, 9.0)
    """
    expected = np.cumsum(np.sort(predictions)[::-1])
    ranges = amount_intervals(amounts, predictions, FRACTIONS, seed=0)
    return AmountQuality(
        n_users=len(amounts),
        total=float(amounts.sum()),
        rmse=-neg_rmse(amounts, predictions),
        mae=-neg_mae(amounts, predictions),
        r2=r2(amounts, predictions),
        spearman=spearman(amounts, predictions),
        rmse_range=ranges.rmse,
        spearman_range=ranges.spearman,
        totals=totals_table(amounts, predictions, FRACTIONS),
        amount_ranges=ranges.amounts,
        promised=tuple(float(expected[top_size(fraction, len(expected)) - 1]) for fraction in FRACTIONS),
        curve=_draw_curve(amounts, predictions),
        deciles=amount_bins(amounts, predictions),
    )


def _draw_curve(amounts: NDArray[np.float64], predictions: NDArray[np.float64]) -> tuple[CurvePoint, ...]:
    """Thin the curve of totals; a small population has fewer sizes than the curve has points."""
    n_users = len(amounts)
    fractions = [size / n_users for size in sorted({top_size(part, n_users) for part in CURVE_FRACTIONS})]
    shares = [row.share for row in totals_table(amounts, predictions, fractions)]
    ranges = amount_intervals(amounts, predictions, fractions, seed=0).shares
    return tuple(
        CurvePoint(fraction=fraction, recall=share, low=limits.low, high=limits.high)
        for fraction, share, limits in zip(fractions, shares, ranges, strict=True)
    )
