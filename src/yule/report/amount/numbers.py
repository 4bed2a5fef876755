"""The numbers of a report on amounts: the content of its ``report.json``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yule.checks.finding import Finding
from yule.checks.listing import judge_importance
from yule.labels.summary import LabelSummary
from yule.metrics.amounts import neg_mae, neg_rmse, r2, spearman
from yule.metrics.gains import top_size
from yule.preparation.selection.record import MergedSelection
from yule.report.amount.quality import AmountQuality, judge_amounts
from yule.report.data import Fact, FeatureImportance, MemberResult, ReportData
from yule.report.numbers import N_FEATURES
from yule.report.quality import FRACTIONS

AMOUNT: Literal["amount"] = "amount"


@dataclass(frozen=True, kw_only=True)
class FoldErrors:
    """Errors on the users of one fold, in the unit of the amounts; no Spearman where all have the same amount."""

    fold: int
    n_users: int
    rmse: float
    spearman: float | None


@dataclass(frozen=True, kw_only=True)
class MemberErrors:
    """One line of the leaderboard: metrics of all out-of-fold predictions, and fold by fold."""

    name: str
    kind: str
    weight: float
    rmse: float
    mae: float
    r2: float
    spearman: float
    folds: tuple[FoldErrors, ...]


@dataclass(frozen=True, kw_only=True)
class ExpectedRow:
    """What to expect of the first users of the list.

    Parameters
    ----------
    fraction, n_users
        Top fraction of the list, and how many users that is.
    expected
        Sum of their expected amounts.
    at_random
        That of as many users drawn at random.
    """

    fraction: float
    n_users: int
    expected: float
    at_random: float


@dataclass(frozen=True, kw_only=True)
class AmountNumbers:
    """All numbers of a report on amounts.

    Parameters
    ----------
    kind, version
        What this is; raised when the meaning of a field changes.
    case, question, run_id, cutoff, horizon, resolved, facts, selection, history, validation_cutoffs, is_later
        See :class:`~yule.report.data.ReportData`; ``horizon`` in seconds.
    told_weight
        See :class:`~yule.report.data.ReportData`.
    n_users, expected_total
        The scored population, and the sum of its expected amounts.
    forecast
        What to expect of the first users of the list, for each of ``FRACTIONS``.
    validation
        Quality on the validated users, out of fold.
    outcome
        Quality of the list itself, by what happened since; None when that is not known yet, or holds no total.
    ensemble, members
        Leaderboard; members by their error, the best first.
    features
        The strongest features, at most ``N_FEATURES``.
    findings
        What the checks of the data and of the result have found, the worst first.
    """

    kind: Literal["amount"] = AMOUNT
    version: int = 1
    case: str
    question: str
    run_id: str
    cutoff: datetime
    horizon: timedelta
    n_users: int
    expected_total: float
    forecast: tuple[ExpectedRow, ...]
    validation: AmountQuality
    validation_cutoffs: tuple[datetime, ...]
    is_later: bool
    outcome: AmountQuality | None
    ensemble: MemberErrors
    members: tuple[MemberErrors, ...]
    features: tuple[FeatureImportance, ...]
    told_weight: float
    history: LabelSummary
    findings: tuple[Finding, ...]
    resolved: str
    facts: tuple[Fact, ...]
    selection: MergedSelection | None = None


def compute_amounts(data: ReportData) -> AmountNumbers:
    """Compute all numbers of a report on amounts."""
    members = sorted((_score_member(member, data) for member in data.members), key=lambda member: member.rmse)
    return AmountNumbers(
        case=data.case,
        question=data.question,
        run_id=data.run_id,
        cutoff=data.cutoff,
        horizon=data.horizon,
        n_users=len(data.scores),
        expected_total=float(data.scores.sum()),
        forecast=_forecast(data.scores),
        validation=judge_amounts(data.labels, data.ensemble.predictions),
        validation_cutoffs=data.validation_cutoffs,
        is_later=data.is_later,
        outcome=_judge_outcome(data),
        ensemble=_score_member(data.ensemble, data),
        members=tuple(members),
        features=data.features[:N_FEATURES],
        told_weight=data.told_weight,
        history=data.history,
        findings=judge_importance(data.findings, {feature.meaning: feature.share for feature in data.features[:1]}),
        resolved=data.resolved,
        facts=data.facts,
        selection=data.selection,
    )


def _forecast(scores: NDArray[np.float64]) -> tuple[ExpectedRow, ...]:
    expected = np.cumsum(scores)
    sizes = [top_size(fraction, len(scores)) for fraction in FRACTIONS]
    return tuple(
        ExpectedRow(
            fraction=fraction,
            n_users=size,
            expected=float(expected[size - 1]),
            at_random=float(expected[-1]) * size / len(scores),
        )
        for fraction, size in zip(FRACTIONS, sizes, strict=True)
    )


def _judge_outcome(data: ReportData) -> AmountQuality | None:
    """Judge the list by what happened since; None when that is unknown, the same for everybody, or no total."""
    if data.outcome is None:
        return None
    is_known = np.isfinite(data.outcome)
    amounts = data.outcome[is_known]
    return judge_amounts(amounts, data.scores[is_known]) if amounts.sum() > 0 and np.ptp(amounts) > 0 else None


def _score_member(member: MemberResult, data: ReportData) -> MemberErrors:
    labels, predictions = data.labels, member.predictions
    folds = []
    for fold in np.unique(data.folds):
        rows = data.folds == fold
        folds.append(
            FoldErrors(
                fold=int(fold),
                n_users=int(rows.sum()),
                rmse=-neg_rmse(labels[rows], predictions[rows]),
                spearman=spearman(labels[rows], predictions[rows]) if np.ptp(labels[rows]) > 0 else None,
            )
        )
    return MemberErrors(
        name=member.name,
        kind=member.kind,
        weight=member.weight,
        rmse=-neg_rmse(labels, predictions),
        mae=-neg_mae(labels, predictions),
        r2=r2(labels, predictions),
        spearman=spearman(labels, predictions),
        folds=tuple(folds),
    )
