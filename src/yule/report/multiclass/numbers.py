"""The numbers of a report on classes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from yule.checks.listing import judge_result
from yule.messages.finding import Finding, sort_findings
from yule.metrics.classes import confusion_counts, likeliest_hits, log_likelihoods, macro_auc_parts
from yule.metrics.intervals import Interval, mean_interval
from yule.report.board import Metrics
from yule.report.data import PartResult, ReportData
from yule.report.forecast import ForecastRow, forecast_curve, forecast_top, take_curve, take_ranges
from yule.report.head import ReportHead, make_head
from yule.report.quality import AUC, LOG_LOSS, Quality, judge, judge_outcome

METRICS = Metrics(columns=(AUC, LOG_LOSS), by=LOG_LOSS)


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
    expected_curve, expected_ranges
        The same at about fifty depths, with the ranges it falls in 90 times of 100; empty in reports of
        earlier versions.
    validation
        Quality of the class's list on the validated users, out of fold.
    outcome
        Quality of the list itself, by what happened since; None when that is not known yet, or nobody is of the class.
    """

    name: str
    expected: float
    n_likeliest: int
    forecast: tuple[ForecastRow, ...]
    validation: Quality
    outcome: Quality | None
    expected_curve: tuple[tuple[float, float], ...] = ()
    expected_ranges: tuple[Interval, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClassHistory:
    """Labels at one cut-off: users of each class."""

    cutoff: datetime
    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class MulticlassBody:
    """What a report says of classes.

    Parameters
    ----------
    classes
        The classes, in the order of the case.
    validation
        How well they were told apart on the validated users, out of fold.
    outcome
        The same for the scored users, by what happened since; None when that is not known yet.
    counts
        Labels by cut-off.
    """

    classes: tuple[ClassNumbers, ...]
    validation: ClassQuality
    outcome: ClassQuality | None
    counts: tuple[ClassHistory, ...]


def compute_multiclass(data: ReportData) -> tuple[ReportHead, MulticlassBody]:
    """Compute all numbers of a report on classes."""
    classes = tuple(_describe_class(part, number, data) for number, part in enumerate(data.parts))
    is_known = np.zeros(0, dtype=np.bool_) if data.outcome is None else np.isfinite(data.outcome)
    labels = [_against_the_rest(data.labels, number) for number in range(len(data.parts))]
    head = make_head(data, _judge_all(data, classes), METRICS, labels)
    return head, MulticlassBody(
        classes=classes,
        validation=judge_classes(data.labels, np.column_stack([part.ensemble.predictions for part in data.parts])),
        outcome=judge_classes(data.outcome[is_known], data.scores[is_known])
        if data.outcome is not None and is_known.any()
        else None,
        counts=_count_by_cutoff(data),
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


def _describe_class(part: PartResult, number: int, data: ReportData) -> ClassNumbers:
    chances = data.scores[:, number]
    validation = judge(_against_the_rest(data.labels, number), part.ensemble.predictions)
    ranked = np.sort(chances)[::-1]
    curve = forecast_curve(ranked, validation)
    return ClassNumbers(
        name=part.name,
        expected=float(chances.sum()),
        n_likeliest=int((data.scores.argmax(axis=1) == number).sum()),
        forecast=forecast_top(ranked, validation),
        expected_curve=take_curve(curve),
        expected_ranges=take_ranges(curve),
        validation=validation,
        outcome=None if data.outcome is None else judge_outcome(_against_the_rest(data.outcome, number), chances),
    )


def _against_the_rest(numbers: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    """Return 1 for the users of a class and 0 for the others; NaN stays NaN."""
    return np.where(np.isnan(numbers), np.nan, (numbers == number).astype(np.float64))


def _count_by_cutoff(data: ReportData) -> tuple[ClassHistory, ...]:
    return tuple(
        ClassHistory(
            cutoff=summary.cutoff,
            counts=tuple(
                np.bincount(
                    data.all_labels[data.all_cutoffs == _plain(summary.cutoff)].astype(np.intp),
                    minlength=len(data.parts),
                ).tolist()
            ),
        )
        for summary in data.history.cutoffs
    )


def _plain(instant: datetime) -> np.datetime64:
    return np.datetime64(instant.replace(tzinfo=None), "us")


def _judge_all(data: ReportData, classes: Sequence[ClassNumbers]) -> tuple[Finding, ...]:
    """Replace what quick models said of themselves by what the lists of the classes say."""
    told = tuple(
        replace(finding, about=part.name)
        for part, one in zip(data.parts, classes, strict=True)
        for finding in judge_result(
            (), one.validation.roc_auc, {feature.meaning: feature.share for feature in part.features[:1]}
        )
    )
    replaced = {finding.check for finding in told}
    return sort_findings((*told, *(finding for finding in data.findings if finding.check not in replaced)))
