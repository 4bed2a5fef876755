"""The numbers of a report on classes: the content of its ``report.json``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yule.checks.finding import Finding, sort_findings
from yule.checks.listing import join_classes, judge_result
from yule.labels.summary import LabelSummary
from yule.metrics.classes import confusion_counts, likeliest_hits, log_likelihoods, macro_auc_parts
from yule.metrics.intervals import Interval, mean_interval
from yule.metrics.scores import neg_log_loss, roc_auc
from yule.preparation.selection.record import MergedSelection
from yule.report.classes.data import ClassesData, ClassResult
from yule.report.data import Fact, FeatureImportance, MemberResult
from yule.report.forecast import ForecastRow, forecast_top
from yule.report.numbers import N_FEATURES
from yule.report.quality import Quality, judge

CLASSES: Literal["classes"] = "classes"


@dataclass(frozen=True, kw_only=True)
class ClassQuality:
    """How well classes were told apart.

    Parameters
    ----------
    n_users
        Users it is judged on.
    counts
        Users of each class.
    log_loss, log_loss_range, base_log_loss
        In nats; the base is that of giving everybody the shares of the classes. Ranges hold 90 of 100 resamples.
    accuracy, accuracy_range, base_accuracy
        Share of users whose likeliest class is the own one; the base is that of always naming the largest class.
    macro_auc, macro_auc_range
        Mean over the classes of the chance that a user of the class ranks above one of another.
    confusion
        Users by their class (rows) and the likeliest one (columns).
    """

    n_users: int
    counts: tuple[int, ...]
    log_loss: float
    log_loss_range: Interval
    base_log_loss: float
    accuracy: float
    accuracy_range: Interval
    base_accuracy: float
    macro_auc: float
    macro_auc_range: Interval
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, kw_only=True)
class ClassMember:
    """One line of a class's leaderboard: metrics of the out-of-fold predictions of one class against the rest."""

    name: str
    kind: str
    weight: float
    roc_auc: float
    log_loss: float


@dataclass(frozen=True, kw_only=True)
class ClassNumbers:
    """All numbers of one class.

    Parameters
    ----------
    name
        The class.
    expected
        Sum of its chances over the scored population.
    n_likeliest
        Scored users for whom it is the likeliest class.
    forecast
        What to expect from the first users of the class's list.
    validation
        Quality of the class's list on the validated users, out of fold.
    outcome
        Quality of the list itself, by what happened since; None when that is not known yet, or nobody is of the class.
    members
        Members of its model, by log loss, the best first.
    features, told_weight
        The strongest features, at most ``N_FEATURES``; see :class:`~yule.report.classes.data.ClassResult`.
    selection
        See :class:`~yule.report.classes.data.ClassResult`.
    """

    name: str
    expected: float
    n_likeliest: int
    forecast: tuple[ForecastRow, ...]
    validation: Quality
    outcome: Quality | None
    members: tuple[ClassMember, ...]
    features: tuple[FeatureImportance, ...]
    told_weight: float
    selection: MergedSelection | None


@dataclass(frozen=True, kw_only=True)
class ClassHistory:
    """Labels at one cut-off: users of each class."""

    cutoff: datetime
    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ClassesNumbers:
    """All numbers of a report on classes.

    Parameters
    ----------
    kind, version
        What this is; raised when the meaning of a field changes.
    case, question, run_id, cutoff, horizon, resolved, facts, history, validation_cutoffs, is_later
        See :class:`~yule.report.data.ReportData`; ``horizon`` in seconds.
    n_users
        The scored population.
    classes
        The classes, in the order of the case.
    validation
        How well they were told apart on the validated users, out of fold.
    outcome
        The same for the scored users, by what happened since; None when that is not known yet.
    counts
        Labels by cut-off.
    findings
        What the checks of the data and of the result have found, the worst first.
    """

    kind: Literal["classes"] = CLASSES
    version: int = 1
    case: str
    question: str
    run_id: str = ""
    cutoff: datetime
    horizon: timedelta
    n_users: int
    classes: tuple[ClassNumbers, ...]
    validation: ClassQuality
    outcome: ClassQuality | None
    counts: tuple[ClassHistory, ...]
    validation_cutoffs: tuple[datetime, ...]
    is_later: bool
    history: LabelSummary
    findings: tuple[Finding, ...]
    resolved: str
    facts: tuple[Fact, ...]


def compute_classes(data: ClassesData) -> ClassesNumbers:
    """Compute all numbers of a report on classes."""
    classes = tuple(_describe_class(result, number, data) for number, result in enumerate(data.classes))
    is_known = np.zeros(0, dtype=np.bool_) if data.outcome is None else np.isfinite(data.outcome)
    return ClassesNumbers(
        case=data.case,
        question=data.question,
        cutoff=data.cutoff,
        horizon=data.horizon,
        n_users=len(data.chances),
        classes=classes,
        validation=judge_classes(data.labels, data.held_out),
        outcome=judge_classes(data.outcome[is_known], data.chances[is_known])
        if data.outcome is not None and is_known.any()
        else None,
        counts=_count_by_cutoff(data),
        validation_cutoffs=data.validation_cutoffs,
        is_later=data.is_later,
        history=data.history,
        findings=_judge_all(data.findings, classes),
        resolved=data.resolved,
        facts=data.facts,
    )


def judge_classes(labels: NDArray[np.float64], chances: NDArray[np.float64]) -> ClassQuality:
    """Judge chances of classes.

    Parameters
    ----------
    labels
        (n_users,), at least one; number of the class.
    chances
        (n_users, n_classes); sum to 1 over the classes.

    >>> quality = judge_classes(np.array([0.0, 1.0, 1.0]), np.array([[0.6, 0.4], [0.6, 0.4], [0.1, 0.9]]))
    >>> round(quality.accuracy, 2), round(quality.base_accuracy, 2), quality.confusion
    (0.67, 0.67, ((1, 0), (1, 1)))
    """
    n_users = len(labels)
    counts = np.bincount(labels.astype(np.intp), minlength=chances.shape[1])
    shares = counts[counts > 0] / n_users
    likelihoods, hits, parts = (
        log_likelihoods(labels, chances),
        likeliest_hits(labels, chances),
        macro_auc_parts(labels, chances),
    )
    return ClassQuality(
        n_users=n_users,
        counts=tuple(counts.tolist()),
        log_loss=-float(likelihoods.mean()),
        log_loss_range=mean_interval(-likelihoods, seed=0),
        base_log_loss=-float((shares * np.log(shares)).sum()),
        accuracy=float(hits.mean()),
        accuracy_range=mean_interval(hits, seed=0),
        base_accuracy=float(counts.max()) / n_users,
        macro_auc=float(parts.mean()),
        macro_auc_range=mean_interval(parts, seed=0),
        confusion=tuple(tuple(row) for row in confusion_counts(labels, chances).tolist()),
    )


def _describe_class(result: ClassResult, number: int, data: ClassesData) -> ClassNumbers:
    chances, labels = data.chances[:, number], (data.labels == number).astype(np.float64)
    validation = judge(labels, data.held_out[:, number])
    members = sorted((_score(member, labels) for member in result.members), key=lambda member: member.log_loss)
    return ClassNumbers(
        name=result.name,
        expected=float(chances.sum()),
        n_likeliest=int((data.chances.argmax(axis=1) == number).sum()),
        forecast=forecast_top(np.sort(chances)[::-1], validation),
        validation=validation,
        outcome=_judge_outcome(data, number),
        members=tuple(members),
        features=result.features[:N_FEATURES],
        told_weight=result.told_weight,
        selection=result.selection,
    )


def _judge_outcome(data: ClassesData, number: int) -> Quality | None:
    """Judge a class's list by what happened since; None when that is unknown, or the same for everybody."""
    if data.outcome is None:
        return None
    is_known = np.isfinite(data.outcome)
    labels = (data.outcome[is_known] == number).astype(np.float64)
    return judge(labels, data.chances[is_known, number]) if 0 < labels.sum() < len(labels) else None


def _score(member: MemberResult, labels: NDArray[np.float64]) -> ClassMember:
    return ClassMember(
        name=member.name,
        kind=member.kind,
        weight=member.weight,
        roc_auc=roc_auc(labels, member.predictions),
        log_loss=-neg_log_loss(labels, member.predictions),
    )


def _count_by_cutoff(data: ClassesData) -> tuple[ClassHistory, ...]:
    return tuple(
        ClassHistory(
            cutoff=summary.cutoff,
            counts=tuple(
                np.bincount(
                    data.all_labels[data.all_cutoffs == _plain(summary.cutoff)].astype(np.intp),
                    minlength=len(data.classes),
                ).tolist()
            ),
        )
        for summary in data.history.cutoffs
    )


def _plain(instant: datetime) -> np.datetime64:
    return np.datetime64(instant.replace(tzinfo=None), "us")


def _judge_all(findings: Iterable[Finding], classes: Iterable[ClassNumbers]) -> tuple[Finding, ...]:
    """Replace what quick models said of themselves by what the lists of the classes say."""
    told = tuple(
        join_classes(
            (one.name, finding)
            for one in classes
            for finding in judge_result(
                (), one.validation.roc_auc, {feature.meaning: feature.share for feature in one.features[:1]}
            )
        )
    )
    replaced = {finding.check for finding in told}
    return sort_findings((*told, *(finding for finding in findings if finding.check not in replaced)))
