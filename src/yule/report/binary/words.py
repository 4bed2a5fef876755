"""What the numbers of a report on a yes or no say, in plain words."""

from collections.abc import Iterator

import numpy as np

from yule.report.advice import MAX_DRIFT, Advice, judge_calibration, judge_promise
from yule.report.binary.numbers import BinaryBody
from yule.report.head import ReportHead
from yule.report.quality import AUC, LOG_LOSS, Quality
from yule.report.words import HEADLINE, count, share, tell_horizon, tell_outcome, tell_test

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


def advise_binary(head: ReportHead, body: BinaryBody) -> tuple[Advice, ...]:
    """Look at the numbers the way a careful colleague would."""
    return (
        *_check_calibration(body),
        *_check_outcome(body),
        *_check_drift(head, body),
        *_check_folds(head),
        *_check_ensemble(head),
    )


def _check_calibration(body: BinaryBody) -> Iterator[Advice]:
    is_right, text = judge_calibration(body.validation)
    if is_right:
        yield Advice(kind="ok", title="Chances can be taken at face value", text=text)
    else:
        text = f"{text} The order can be trusted more than the size."
        yield Advice(kind="warn", title="Take the chances with care", text=text)


def _check_outcome(body: BinaryBody) -> Iterator[Advice]:
    quality = body.outcome
    if quality is not None:
        promised, row = quality.promised[HEADLINE], quality.gains[HEADLINE]
        found = f"For the first {count(row.n_users)} users it promised {count(promised)}; {count(row.hits)} were a yes."
        yield judge_promise(promised, row.hits, quality.hits_ranges[HEADLINE], found)


def _check_drift(head: ReportHead, body: BinaryBody) -> Iterator[Advice]:
    expected = body.expected_positives / head.n_users
    validated = body.validation.n_positives / body.validation.n_users
    if abs(expected - validated) > MAX_DRIFT * validated:
        yield Advice(
            kind="warn",
            title="The ranked users differ from those the list was tested on",
            text=f"{share(expected)} of them are expected to be a yes; {share(validated)} were in the test. "
            "Look whether the population or the data changed.",
        )


def _check_folds(head: ReportHead) -> Iterator[Advice]:
    areas = [(fold.fold, fold.scores[AUC.name]) for fold in head.parts[0].board.ensemble.folds]
    told = [(fold, area) for fold, area in areas if area is not None]
    if len(told) < 3:
        return
    worst, area = min(told, key=lambda pair: pair[1])
    others = np.array([other for fold, other in told if fold != worst])
    if area < others.mean() - 3 * max(others.std(ddof=1), 0.005):
        yield Advice(
            kind="warn",
            title=f"Fold {worst} is harder than the others",
            text=f"AUC {area:.3f} there against {others.mean():.3f} elsewhere. Look at how its users differ.",
        )


def _check_ensemble(head: ReportHead) -> Iterator[Advice]:
    board = head.parts[0].board
    if len(board.members) < 2:
        return
    best, blend = board.members[0], board.ensemble.scores[LOG_LOSS.name]
    alone = best.scores[LOG_LOSS.name]
    gain = alone - blend
    if gain < SMALL_GAIN:
        yield Advice(
            kind="tip",
            title="More members will add little",
            text=f"The blend is {'hardly' if gain > 0 else 'not'} better than {best.name} alone. "
            "More labelled users, or features that say something new, are the likelier way forward.",
        )
    else:
        yield Advice(
            kind="ok",
            title="The blend pays",
            text=f"Its log loss is {blend:.4f}; the best member alone, {best.name}, has {alone:.4f}.",
        )


def _describe_quality(quality: Quality) -> str:
    row = quality.gains[HEADLINE]
    return (
        f"the first {count(row.n_users)} of {count(quality.n_users)} users held {count(row.hits)} of the "
        f"{count(quality.n_positives)} that were a yes: {row.lift:.1f} times as many as at random"
    )
