"""The numbers of a look-alike report: the content of its ``report.json``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yule.checks.finding import Finding
from yule.ensemble.prior import ClassPrior
from yule.labels.summary import LabelSummary
from yule.metrics.intervals import Interval, roc_auc_interval
from yule.metrics.recall import RecallRow, recall_table
from yule.metrics.scores import roc_auc
from yule.preparation.selection.record import MergedSelection
from yule.report.data import Fact, FeatureImportance, MemberResult, ReportData
from yule.report.numbers import N_FEATURES
from yule.report.quality import CURVE_FRACTIONS, FRACTIONS, CurvePoint, share_range

LOOK_ALIKE: Literal["look_alike"] = "look_alike"


@dataclass(frozen=True, kw_only=True)
class MemberRanking:
    """One line of the leaderboard.

    Parameters
    ----------
    name, kind, weight
        The member, or the blend.
    auc_against_unlabelled
        Chance that a known positive ranks above an unlabelled user. Some of these are positive too, so the chance to
        rank above a negative is higher.
    recall
        Share of the known positives in the first tenth of the list.
    """

    name: str
    kind: str
    weight: float
    auc_against_unlabelled: float
    recall: float


@dataclass(frozen=True, kw_only=True)
class LookAlikeNumbers:
    """All numbers of a look-alike report. None of them needs a user who is known not to be positive.

    Parameters
    ----------
    kind, version
        What this is; raised when the meaning of a field changes.
    case, question, run_id, cutoff, resolved, facts, selection, history, findings
        See :class:`~yule.report.data.ReportData`.
    validation_cutoffs, is_later, told_weight
        See :class:`~yule.report.data.ReportData`.
    n_users
        The scored population.
    n_known, n_unlabelled
        Users the list was tested on.
    prior
        Share of positives among the unlabelled users, by two methods.
    is_chance
        Whether scores are chances: the two methods agree.
    recalls, curve
        Share of the known positives in a top fraction of the list, for each of ``FRACTIONS`` and at about fifty depths.
    auc_against_unlabelled, auc_range
        See :class:`MemberRanking`; the range holds 90 of 100 resamples of the users.
    ensemble, members
        Leaderboard; members by their AUC, the best first.
    features
        The strongest features, at most ``N_FEATURES``.
    """

    kind: Literal["look_alike"] = LOOK_ALIKE
    version: int = 1
    case: str
    question: str
    run_id: str
    cutoff: datetime
    n_users: int
    n_known: int
    n_unlabelled: int
    prior: ClassPrior
    is_chance: bool
    recalls: tuple[RecallRow, ...]
    curve: tuple[CurvePoint, ...]
    auc_against_unlabelled: float
    auc_range: Interval
    validation_cutoffs: tuple[datetime, ...]
    is_later: bool
    ensemble: MemberRanking
    members: tuple[MemberRanking, ...]
    features: tuple[FeatureImportance, ...]
    told_weight: float
    history: LabelSummary
    findings: tuple[Finding, ...]
    resolved: str
    facts: tuple[Fact, ...]
    selection: MergedSelection | None = None


def compute_look_alike(data: ReportData, prior: ClassPrior) -> LookAlikeNumbers:
    """Compute all numbers of a look-alike report."""
    scores, n_known = data.ensemble.predictions, int(data.labels.sum())
    members = sorted(
        (_rank(member, data.labels) for member in data.members), key=lambda member: -member.auc_against_unlabelled
    )
    return LookAlikeNumbers(
        case=data.case,
        question=data.question,
        run_id=data.run_id,
        cutoff=data.cutoff,
        n_users=len(data.scores),
        n_known=n_known,
        n_unlabelled=len(data.labels) - n_known,
        prior=prior,
        is_chance=prior.is_known,
        recalls=recall_table(data.labels, scores, FRACTIONS),
        curve=_curve(data.labels, scores),
        auc_against_unlabelled=roc_auc(data.labels, scores),
        auc_range=roc_auc_interval(data.labels, scores, seed=0),
        validation_cutoffs=data.validation_cutoffs,
        is_later=data.is_later,
        ensemble=_rank(data.ensemble, data.labels),
        members=tuple(members),
        features=data.features[:N_FEATURES],
        told_weight=data.told_weight,
        history=data.history,
        findings=data.findings,
        resolved=data.resolved,
        facts=data.facts,
        selection=data.selection,
    )


def _rank(member: MemberResult, labels: NDArray[np.float64]) -> MemberRanking:
    (tenth,) = recall_table(labels, member.predictions, [0.1])
    return MemberRanking(
        name=member.name,
        kind=member.kind,
        weight=member.weight,
        auc_against_unlabelled=roc_auc(labels, member.predictions),
        recall=tenth.recall,
    )


def _curve(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> tuple[CurvePoint, ...]:
    n_known = int(labels.sum())
    points = []
    for row in recall_table(labels, scores, CURVE_FRACTIONS):
        low, high = share_range(row.recall, n_known) if row.fraction < 1 else (1.0, 1.0)
        points.append(CurvePoint(fraction=row.fraction, recall=row.recall, low=low, high=high))
    return tuple(points)
