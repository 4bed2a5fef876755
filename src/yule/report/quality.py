"""How good a ranking was, on users whose labels are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.metrics.gains import CalibrationBin, GainsRow, calibration_bins, gains_curve, gains_table, top_size
from yule.metrics.intervals import Interval, hits_intervals, roc_auc_interval
from yule.metrics.scores import average_precision, neg_brier, neg_log_loss, roc_auc

FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Tops of the list that tables show."""

CURVE_FRACTIONS = tuple(round(float(part), 4) for part in np.linspace(0.1, 1, 50) ** 2)
"""Tops of the list that curves are drawn through, dense at its head: a report stays small whatever the population."""

N_HISTOGRAM_BINS = 30


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """Share of the positives in a top fraction of the list, and its range in 90 of 100 resamples of the users."""

    fraction: float
    recall: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class HistogramBin:
    """Share of all users, and share of the positive ones, with a probability in [low, high)."""

    low: float
    high: float
    users: float
    positives: float


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How good a ranking was.

    Parameters
    ----------
    n_users, n_positives
        The users it is judged on.
    roc_auc, roc_auc_range, average_precision, log_loss, brier
        Metrics; the range holds 90 of 100 resamples of the users.
    gains, hits_ranges
        What the first users of the list held, for each of ``FRACTIONS``; ranges as above.
    promised
        Sums of the probabilities of the same users: the hits that were to be expected.
    curve
        The gains curve, from its first point after the origin to (1, 1).
    calibration
        Predicted against actual, in groups of equal size.
    histogram
        How the probabilities are spread.
    """

    n_users: int
    n_positives: int
    roc_auc: float
    roc_auc_range: Interval
    average_precision: float
    log_loss: float
    brier: float
    gains: tuple[GainsRow, ...]
    hits_ranges: tuple[Interval, ...]
    promised: tuple[float, ...]
    curve: tuple[CurvePoint, ...]
    calibration: tuple[CalibrationBin, ...]
    histogram: tuple[HistogramBin, ...]


def judge(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> Quality:
    """Judge a ranking.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1; both occur.
    probabilities
        (n_users,).

    Raises
    ------
    DataError
        The labels are all the same.

    >>> quality = judge(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.4, 0.3, 0.1]))
    >>> quality.n_positives, quality.roc_auc, quality.promised[-1]
    (2, 0.75, 1.3)
    """
    ranges = hits_intervals(labels, probabilities, FRACTIONS + CURVE_FRACTIONS, seed=0)
    return Quality(
        n_users=len(labels),
        n_positives=int(labels.sum()),
        roc_auc=roc_auc(labels, probabilities),
        roc_auc_range=roc_auc_interval(labels, probabilities, seed=0),
        average_precision=average_precision(labels, probabilities),
        log_loss=-neg_log_loss(labels, probabilities),
        brier=-neg_brier(labels, probabilities),
        gains=gains_table(labels, probabilities, FRACTIONS),
        hits_ranges=ranges[: len(FRACTIONS)],
        promised=_promise(probabilities),
        curve=_curve(labels, probabilities, ranges[len(FRACTIONS) :]),
        calibration=calibration_bins(labels, probabilities),
        histogram=_histogram(labels, probabilities),
    )


def _promise(probabilities: NDArray[np.float64]) -> tuple[float, ...]:
    expected = np.cumsum(np.sort(probabilities)[::-1])
    return tuple(float(expected[top_size(fraction, len(expected)) - 1]) for fraction in FRACTIONS)


def _curve(
    labels: NDArray[np.float64], probabilities: NDArray[np.float64], ranges: tuple[Interval, ...]
) -> tuple[CurvePoint, ...]:
    """Thin the gains curve; ``ranges`` are of the hits at each of ``CURVE_FRACTIONS``."""
    n_users_at, hits_at = gains_curve(labels, probabilities)
    n_positives = float(labels.sum())
    sizes = [top_size(fraction, len(labels)) for fraction in CURVE_FRACTIONS]
    reached = np.interp(sizes, n_users_at, hits_at) / n_positives
    points = {  # by size: a small population has fewer sizes than the curve has points
        size: CurvePoint(
            fraction=size / len(labels),
            recall=float(recall),
            low=min(interval.low / n_positives, float(recall)),
            high=min(max(interval.high / n_positives, float(recall)), 1.0),
        )
        for size, recall, interval in zip(sizes, reached, ranges, strict=True)
    }
    return tuple(points.values())


def _histogram(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> tuple[HistogramBin, ...]:
    edges = np.linspace(0.0, max(float(probabilities.max()), 1e-6), N_HISTOGRAM_BINS + 1)
    users = np.histogram(probabilities, edges)[0] / len(labels)
    positives = np.histogram(probabilities, edges, weights=labels)[0] / labels.sum()
    return tuple(
        HistogramBin(low=low, high=high, users=in_bin, positives=positive)
        for low, high, in_bin, positive in zip(
            edges[:-1].tolist(), edges[1:].tolist(), users.tolist(), positives.tolist(), strict=True
        )
    )
