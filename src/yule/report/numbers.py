"""The numbers of a report: the content of ``report.json``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yule.labels.summary import LabelSummary
from yule.metrics.gains import CalibrationBin, GainsRow, calibration_bins, gains_curve, gains_table, top_size
from yule.metrics.intervals import Interval, hits_intervals, roc_auc_interval
from yule.metrics.scores import average_precision, neg_brier, neg_log_loss, roc_auc
from yule.report.data import FeatureImportance, MemberResult, ReportData

FRACTIONS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)

N_CURVE_POINTS = 100
N_HISTOGRAM_BINS = 30
N_FEATURES = 20

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How good a ranking was, on users whose labels are known.

    Parameters
    ----------
    n_users, n_positives
        The users.
    roc_auc, roc_auc_range, average_precision, log_loss, brier
        Metrics; the range holds 90 of 100 resamples of the users.
    gains, hits_ranges
        What the first users of the list hold, for ``FRACTIONS`` of them; ranges as above.
    curve
        Share of users contacted, share of positives reached.
    calibration
        Predicted against actual, in groups of equal size.
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
    curve: tuple[Point, ...]
    calibration: tuple[CalibrationBin, ...]


@dataclass(frozen=True, kw_only=True)
class MemberScores:
    """One line of the leaderboard. Metrics are of all out-of-fold predictions, ``folds`` holds the AUC fold by fold."""

    name: str
    kind: str
    weight: float
    roc_auc: float
    average_precision: float
    log_loss: float
    folds: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class ForecastRow:
    """What to expect when the first users of the list are contacted, and as many at random."""

    fraction: float
    n_users: int
    expected: float
    at_random: float


@dataclass(frozen=True, kw_only=True)
class ReportNumbers:
    """All numbers of a report.

    Parameters
    ----------
    version
        Raised when the meaning of a field changes.
    case, question, cutoff, horizon, resolved, history, validation_cutoffs, is_later, told_weight
        See :class:`~yule.report.data.ReportData`.
    n_users, expected_positives
        The scored population, and the sum of its probabilities.
    forecast
        What to expect from the first users of the list.
    expected_curve
        Users contacted, positives expected among them.
    histogram
        Lower edges of the probability bins and share of users in each.
    validation
        Quality on the validated users, out of fold.
    outcome
        Quality of the list itself, by what happened since; None when that is not known yet.
    ensemble, members, features
        Leaderboard, the best first; the strongest features.
    """

    version: int = 1
    case: str
    question: str
    cutoff: datetime
    horizon: timedelta
    n_users: int
    expected_positives: float
    forecast: tuple[ForecastRow, ...]
    expected_curve: tuple[Point, ...]
    histogram: tuple[Point, ...]
    validation: Quality
    validation_cutoffs: tuple[datetime, ...]
    is_later: bool
    outcome: Quality | None
    ensemble: MemberScores
    members: tuple[MemberScores, ...]
    features: tuple[FeatureImportance, ...]
    told_weight: float
    history: LabelSummary
    resolved: str


def compute_numbers(data: ReportData) -> ReportNumbers:
    """Compute all numbers of a report."""
    expected = np.cumsum(data.scores)
    members = sorted((_score_member(member, data) for member in data.members), key=lambda member: member.log_loss)
    return ReportNumbers(
        case=data.case,
        question=data.question,
        cutoff=data.cutoff,
        horizon=data.horizon,
        n_users=len(data.scores),
        expected_positives=float(expected[-1]),
        forecast=tuple(_forecast(expected, fraction) for fraction in FRACTIONS),
        expected_curve=tuple((float(n), float(expected[n - 1])) for n in _thin(len(expected))),
        histogram=_histogram(data.scores),
        validation=_judge(data.labels, data.ensemble.probabilities),
        validation_cutoffs=data.validation_cutoffs,
        is_later=data.is_later,
        outcome=_judge_outcome(data),
        ensemble=_score_member(data.ensemble, data),
        members=tuple(members),
        features=data.features[:N_FEATURES],
        told_weight=data.told_weight,
        history=data.history,
        resolved=data.resolved,
    )


def _judge(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> Quality:
    n_at, hits_at = gains_curve(labels, scores)
    n_positives = int(labels.sum())
    places = np.linspace(0, len(labels), N_CURVE_POINTS + 1)
    reached = np.interp(places, n_at, hits_at) / n_positives
    return Quality(
        n_users=len(labels),
        n_positives=n_positives,
        roc_auc=roc_auc(labels, scores),
        roc_auc_range=roc_auc_interval(labels, scores, seed=0),
        average_precision=average_precision(labels, scores),
        log_loss=-neg_log_loss(labels, scores),
        brier=-neg_brier(labels, scores),
        gains=gains_table(labels, scores, FRACTIONS),
        hits_ranges=hits_intervals(labels, scores, FRACTIONS, seed=0),
        curve=tuple(zip((places / len(labels)).tolist(), reached.tolist(), strict=True)),
        calibration=calibration_bins(labels, scores),
    )


def _judge_outcome(data: ReportData) -> Quality | None:
    """Judge the list by what happened since; None when that is unknown, or the same for everybody."""
    if data.outcome is None:
        return None
    known = np.isfinite(data.outcome)
    labels = data.outcome[known]
    return _judge(labels, data.scores[known]) if 0 < labels.sum() < len(labels) else None


def _score_member(member: MemberResult, data: ReportData) -> MemberScores:
    by_fold = [data.folds == fold for fold in np.unique(data.folds)]
    return MemberScores(
        name=member.name,
        kind=member.kind,
        weight=member.weight,
        roc_auc=roc_auc(data.labels, member.probabilities),
        average_precision=average_precision(data.labels, member.probabilities),
        log_loss=-neg_log_loss(data.labels, member.probabilities),
        folds=tuple(roc_auc(data.labels[rows], member.probabilities[rows]) for rows in by_fold),
    )


def _forecast(expected: NDArray[np.float64], fraction: float) -> ForecastRow:
    n_users = top_size(fraction, len(expected))
    return ForecastRow(
        fraction=fraction,
        n_users=n_users,
        expected=float(expected[n_users - 1]),
        at_random=float(expected[-1]) * n_users / len(expected),
    )


def _histogram(scores: NDArray[np.float64]) -> tuple[Point, ...]:
    counts, edges = np.histogram(scores, bins=N_HISTOGRAM_BINS, range=(0.0, float(max(scores.max(), 1e-6))))
    return tuple(zip(edges[:-1].tolist(), (counts / len(scores)).tolist(), strict=True))


def _thin(n_users: int) -> Sequence[int]:
    """Return at most ``N_CURVE_POINTS`` sizes of the top of a list, dense at its head."""
    sizes = np.unique(np.round(np.linspace(1, np.sqrt(n_users), N_CURVE_POINTS) ** 2).astype(int))
    return [int(size) for size in sizes]
