"""The numbers of a report: the content of ``report.json``."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yule.checks.finding import Finding
from yule.checks.listing import judge_result
from yule.labels.summary import LabelSummary
from yule.metrics.intervals import Interval
from yule.metrics.scores import average_precision, neg_log_loss, roc_auc
from yule.preparation.selection.record import MergedSelection
from yule.report.data import Fact, FeatureImportance, MemberResult, ReportData
from yule.report.forecast import ForecastRow, forecast_curve, forecast_top
from yule.report.quality import N_HISTOGRAM_BINS, Quality, judge

N_FEATURES = 20


@dataclass(frozen=True, kw_only=True)
class FoldScores:
    """Metrics on the users of one fold; None when they are all of one kind, so that nothing can be told apart."""

    fold: int
    n_users: int
    n_positives: int
    roc_auc: float | None
    average_precision: float | None
    log_loss: float | None


@dataclass(frozen=True, kw_only=True)
class MemberScores:
    """One line of the leaderboard: metrics of all out-of-fold predictions, and fold by fold."""

    name: str
    kind: str
    weight: float
    roc_auc: float
    average_precision: float
    log_loss: float
    folds: tuple[FoldScores, ...]


@dataclass(frozen=True, kw_only=True)
class ScoreBin:
    """Share of the ranked users with a probability in [low, high)."""

    low: float
    high: float
    users: float


@dataclass(frozen=True, kw_only=True)
class ReportNumbers:
    """All numbers of a report.

    Parameters
    ----------
    version
        Raised when the meaning of a field changes.
    case, question, run_id, cutoff, horizon, resolved, facts, selection, history, validation_cutoffs, is_later
        See :class:`~yule.report.data.ReportData`; ``horizon`` in seconds.
    told_weight
        See :class:`~yule.report.data.ReportData`.
    n_users, expected_positives
        The scored population, and the sum of its probabilities.
    forecast
        What to expect from the first users of the list, for each of ``FRACTIONS``.
    expected_curve, expected_ranges
        Users contacted, positives expected among them, at about fifty depths; the ranges they fall in 90 times of 100.
    spread
        How the probabilities of the population are spread.
    validation
        Quality on the validated users, out of fold.
    outcome
        Quality of the list itself, by what happened since; None when that is not known yet, or the same for everybody.
    ensemble, members
        Leaderboard; members by log loss, the best first.
    features
        The strongest features, at most ``N_FEATURES``.
    findings
        What the checks of the data and of the result have found, the worst first; none in reports of before they were.
    """

    version: int = 2
    case: str
    question: str
    run_id: str
    cutoff: datetime
    horizon: timedelta
    n_users: int
    expected_positives: float
    forecast: tuple[ForecastRow, ...]
    expected_curve: tuple[tuple[float, float], ...]
    expected_ranges: tuple[Interval, ...]
    spread: tuple[ScoreBin, ...]
    validation: Quality
    validation_cutoffs: tuple[datetime, ...]
    is_later: bool
    outcome: Quality | None
    ensemble: MemberScores
    members: tuple[MemberScores, ...]
    features: tuple[FeatureImportance, ...]
    told_weight: float
    history: LabelSummary
    findings: tuple[Finding, ...] = ()
    resolved: str
    facts: tuple[Fact, ...]
    selection: MergedSelection | None = None


def compute_numbers(data: ReportData) -> ReportNumbers:
    """Compute all numbers of a report."""
    validation = judge(data.labels, data.ensemble.predictions)
    curve = forecast_curve(data.scores, validation)
    members = sorted((_score_member(member, data) for member in data.members), key=lambda member: member.log_loss)
    return ReportNumbers(
        case=data.case,
        question=data.question,
        run_id=data.run_id,
        cutoff=data.cutoff,
        horizon=data.horizon,
        n_users=len(data.scores),
        expected_positives=float(data.scores.sum()),
        forecast=forecast_top(data.scores, validation),
        expected_curve=tuple((float(row.n_users), row.expected) for row in curve),
        expected_ranges=tuple(Interval(low=row.low, high=row.high) for row in curve),
        spread=_spread(data.scores),
        validation=validation,
        validation_cutoffs=data.validation_cutoffs,
        is_later=data.is_later,
        outcome=_judge_outcome(data),
        ensemble=_score_member(data.ensemble, data),
        members=tuple(members),
        features=data.features[:N_FEATURES],
        told_weight=data.told_weight,
        history=data.history,
        findings=judge_result(
            data.findings, validation.roc_auc, {feature.meaning: feature.share for feature in data.features[:1]}
        ),
        resolved=data.resolved,
        facts=data.facts,
        selection=data.selection,
    )


def _judge_outcome(data: ReportData) -> Quality | None:
    """Judge the list by what happened since; None when that is unknown, or the same for everybody."""
    if data.outcome is None:
        return None
    is_known = np.isfinite(data.outcome)
    labels = data.outcome[is_known]
    return judge(labels, data.scores[is_known]) if 0 < labels.sum() < len(labels) else None


def _score_member(member: MemberResult, data: ReportData) -> MemberScores:
    probabilities = member.predictions
    return MemberScores(
        name=member.name,
        kind=member.kind,
        weight=member.weight,
        roc_auc=roc_auc(data.labels, probabilities),
        average_precision=average_precision(data.labels, probabilities),
        log_loss=-neg_log_loss(data.labels, probabilities),
        folds=tuple(
            _score_fold(int(fold), data.labels[data.folds == fold], probabilities[data.folds == fold])
            for fold in np.unique(data.folds)
        ),
    )


def _score_fold(fold: int, labels: NDArray[np.float64], probabilities: NDArray[np.float64]) -> FoldScores:
    n_positives = int(labels.sum())
    can_tell = 0 < n_positives < len(labels)
    return FoldScores(
        fold=fold,
        n_users=len(labels),
        n_positives=n_positives,
        roc_auc=roc_auc(labels, probabilities) if can_tell else None,
        average_precision=average_precision(labels, probabilities) if can_tell else None,
        log_loss=-neg_log_loss(labels, probabilities) if can_tell else None,
    )


def _spread(scores: NDArray[np.float64]) -> tuple[ScoreBin, ...]:
    counts, edges = np.histogram(scores, bins=N_HISTOGRAM_BINS, range=(0.0, max(float(scores.max()), 1e-6)))
    return tuple(
        ScoreBin(low=low, high=high, users=share)
        for low, high, share in zip(
            edges[:-1].tolist(), edges[1:].tolist(), (counts / len(scores)).tolist(), strict=True
        )
    )
