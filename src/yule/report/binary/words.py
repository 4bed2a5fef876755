"""What the numbers of a report on a yes or no say, in plain words."""

import numpy as np

from yule.messages.finding import Finding
from yule.messages.values import Choice, Count, Figure, Share
from yule.report.binary.numbers import BinaryBody
from yule.report.head import ReportHead
from yule.report.judging import MAX_DRIFT, judge_blend, judge_calibration, judge_promise
from yule.report.quality import AUC, LOG_LOSS, Quality
from yule.report.words import HEADLINE, count, tell_horizon, tell_outcome, tell_test

SMALL_GAIN = 0.002  # of log loss


def describe_binary(head: ReportHead, body: BinaryBody) -> tuple[str, ...]:
    """Say in a few sentences what was found and how far it can be trusted. No names of metrics."""
    row = body.forecast[HEADLINE]
    sentences = [
        f"Contact the first {count(row.n_users)} of the {count(head.n_users)} users on the list and expect about "
        f"{count(row.expected)} of them to be a yes{tell_horizon(head)}.",
        f"The same number drawn at random would hold about {count(row.at_random)}.",
    ]
    sentences.append(f"{tell_test(head)}, {_describe_quality(body.validation)}.")
    if body.outcome is not None:
        sentences.append(f"{tell_outcome(head)}: {_describe_quality(body.outcome)}.")
    return tuple(sentences)


def judge_binary(head: ReportHead, body: BinaryBody) -> tuple[Finding, ...]:
    """Look at the numbers the way a careful colleague would."""
    found = (
        judge_calibration(body.validation),
        _judge_outcome(body),
        _judge_drift(head, body),
        _judge_folds(head),
        judge_blend(head.parts[0].board, LOG_LOSS, least=SMALL_GAIN),
    )
    return tuple(finding for finding in found if finding is not None)


def _judge_outcome(body: BinaryBody) -> Finding | None:
    quality = body.outcome
    if quality is None:
        return None
    row, limits = quality.gains[HEADLINE], quality.hits_ranges[HEADLINE]
    return judge_promise(quality.promised[HEADLINE], row.hits, limits, n_users=row.n_users, of="yes")


def _judge_drift(head: ReportHead, body: BinaryBody) -> Finding | None:
    expected = body.expected_positives / head.n_users
    validated = body.validation.n_positives / body.validation.n_users
    if abs(expected - validated) <= MAX_DRIFT * validated:
        return None
    return Finding(
        check="expectations",
        code="expected-share-differs",
        severity="warn",
        values={"of": Choice("yes"), "expected": Share(expected), "tested": Share(validated)},
    )


def _judge_folds(head: ReportHead) -> Finding | None:
    areas = [(fold.fold, fold.scores[AUC.name]) for fold in head.parts[0].board.ensemble.folds]
    told = [(fold, area) for fold, area in areas if area is not None]
    if len(told) < 3:
        return None
    worst, area = min(told, key=lambda pair: pair[1])
    others = np.array([other for fold, other in told if fold != worst])
    if area >= others.mean() - 3 * max(others.std(ddof=1), 0.005):
        return None
    return Finding(
        check="fold-scores",
        code="fold-harder",
        severity="warn",
        values={"fold": Count(worst), "auc": Figure(area), "others": Figure(float(others.mean()))},
    )


def _describe_quality(quality: Quality) -> str:
    row = quality.gains[HEADLINE]
    return (
        f"the first {count(row.n_users)} of {count(quality.n_users)} users held {count(row.hits)} of the "
        f"{count(quality.n_positives)} that were a yes: {row.lift:.1f} times as many as at random"
    )
