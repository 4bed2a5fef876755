"""What the reports of all kinds of answers begin with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yule.labels.summary import LabelSummary
from yule.messages.finding import Finding
from yule.preparation.selection.record import MergedSelection
from yule.report.board import Leaderboard, Metrics, compare_members
from yule.report.data import Fact, FeatureImportance, ReportData

N_FEATURES = 20


@dataclass(frozen=True, kw_only=True)
class PartHead:
    """One of the models of a case: how good it is, and what drives it.

    Parameters
    ----------
    name
        The class it tells from the rest; empty where a case has one model.
    board
        How good its members are.
    features
        The strongest features, at most ``N_FEATURES``.
    told_weight, selection
        See :class:`~yule.report.data.PartResult`.
    """

    name: str = ""
    board: Leaderboard
    features: tuple[FeatureImportance, ...]
    told_weight: float
    selection: MergedSelection | None = None


@dataclass(frozen=True, kw_only=True)
class ReportHead:
    """What a report says whatever is predicted.

    Parameters
    ----------
    n_users
        The scored population.
    parts
        The models of the case.
    findings
        What the checks of the data and of the result have found, the worst first.
    case, question, run_id, cutoff, horizon, validation_cutoffs, is_later, history, resolved, facts
        See :class:`~yule.report.data.ReportData`; ``horizon`` in seconds.
    """

    case: str
    question: str
    run_id: str
    cutoff: datetime
    horizon: timedelta
    n_users: int
    validation_cutoffs: tuple[datetime, ...]
    is_later: bool
    parts: tuple[PartHead, ...]
    history: LabelSummary
    findings: tuple[Finding, ...]
    resolved: str
    facts: tuple[Fact, ...]


def make_head(
    data: ReportData, findings: tuple[Finding, ...], metrics: Metrics, labels: Sequence[NDArray[np.float64]]
) -> ReportHead:
    """Gather what a report says whatever is predicted.

    Parameters
    ----------
    data
        What the report is made from.
    findings
        Of the data and of the result.
    metrics
        Columns of the leaderboards.
    labels
        For each of the models, what it is judged on.
    """
    return ReportHead(
        case=data.case,
        question=data.question,
        run_id=data.run_id,
        cutoff=data.cutoff,
        horizon=data.horizon,
        n_users=len(data.scores),
        validation_cutoffs=data.validation_cutoffs,
        is_later=data.is_later,
        parts=tuple(
            PartHead(
                name=part.name,
                board=compare_members(part, of_part, data.folds, metrics),
                features=part.features[:N_FEATURES],
                told_weight=part.told_weight,
                selection=part.selection,
            )
            for part, of_part in zip(data.parts, labels, strict=True)
        ),
        history=data.history,
        findings=findings,
        resolved=data.resolved,
        facts=data.facts,
    )
