"""How good a ranking was, on users whose labels are known."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.metrics.gains import CalibrationBin, GainsRow, calibration_bins, gains_curve, gains_table, top_size
from yule.metrics.intervals import Interval, hits_intervals, roc_auc_interval
from yule.metrics.scores import average_precision, neg_brier, neg_log_loss, roc_auc
from yule.report.board import Metric

FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Tops of the list that tables show."""

CURVE_FRACTIONS = tuple(round(float(part), 4) for part in np.linspace(0.1, 1, 50) ** 2)
"""Tops of the list that curves are drawn through, dense at its head: a report stays small whatever the population."""

N_HISTOGRAM_BINS = 30

Z_90 = 1.645
"""Standard errors on either side that hold 90 of 100 normal repeats."""

AUC = Metric(name="roc_auc", title="AUC", compute=roc_auc)
LOG_LOSS = Metric(
    name="log_loss",
    title="log loss",
    compute=lambda labels, probabilities: -neg_log_loss(labels, probabilities),
    is_error=True,
)


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """Share of the positives in a top fraction of the list, and where it falls in 90 of 100 repeats."""

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
    return Quality(
        n_users=len(labels),
        n_positives=int(labels.sum()),
        roc_auc=roc_auc(labels, probabilities),
        roc_auc_range=roc_auc_interval(labels, probabilities, seed=0),
        average_precision=average_precision(labels, probabilities),
        log_loss=-neg_log_loss(labels, probabilities),
        brier=-neg_brier(labels, probabilities),
        gains=gains_table(labels, probabilities, FRACTIONS),
        hits_ranges=hits_intervals(labels, probabilities, FRACTIONS, seed=0),
        promised=_promise(probabilities),
        curve=_curve(labels, probabilities),
        calibration=calibration_bins(labels, probabilities),
        histogram=_histogram(labels, probabilities),
    )


def judge_outcome(outcome: NDArray[np.float64], scores: NDArray[np.float64]) -> Quality | None:
    """Judge a list by what happened since, NaN where unknown; None when it is unknown, or the same for everybody."""
    is_known = np.isfinite(outcome)
    labels = outcome[is_known]
    return judge(labels, scores[is_known]) if 0 < labels.sum() < len(labels) else None


def share_range(share: float, n_users: int) -> tuple[float, float]:
    """Return where a share falls in 90 of 100 repeats; right for few users and for shares near 0 and 1, too.

    Parameters
    ----------
    share
        What was seen, 0 to 1.
    n_users
        Users it was seen on, at least 1.

    References
    ----------
    Wilson, Probable inference, the law of succession, and statistical inference, JASA 1927.

    >>> [round(end, 3) for end in share_range(1.0, 25)]
    [0.902, 1.0]
    """
    spread = Z_90**2 / n_users
    middle = (share + spread / 2) / (1 + spread)
    half = Z_90 * math.sqrt(share * (1 - share) / n_users + spread / (4 * n_users)) / (1 + spread)
    return min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share)


def _promise(probabilities: NDArray[np.float64]) -> tuple[float, ...]:
    expected = np.cumsum(np.sort(probabilities)[::-1])
    return tuple(float(expected[top_size(fraction, len(expected)) - 1]) for fraction in FRACTIONS)


def _curve(labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> tuple[CurvePoint, ...]:
    """Thin the gains curve; a small population has fewer sizes than the curve has points."""
    n_users_at, hits_at = gains_curve(labels, probabilities)
    n_users, n_positives = len(labels), int(labels.sum())
    sizes = sorted({top_size(fraction, n_users) for fraction in CURVE_FRACTIONS})
    recalls = np.minimum(np.interp(sizes, n_users_at, hits_at) / n_positives, 1.0)
    points = []
    for size, recall in zip(sizes, recalls.tolist(), strict=True):
        # Whoever contacts everybody reaches everybody.
        low, high = share_range(recall, n_positives) if size < n_users else (1.0, 1.0)
        points.append(CurvePoint(fraction=size / n_users, recall=recall, low=low, high=high))
    return tuple(points)


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
