"""Checks and advice: what stands out in the numbers, and what to do about it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yule.checks.finding import Finding
from yule.labels.summary import LabelSummary
from yule.metrics.intervals import Interval
from yule.report.numbers import ReportNumbers
from yule.report.quality import Quality
from yule.report.words import HEADLINE, count, share

MAX_GAP = 0.1  # of the actual share of positives: how far predicted and actual may differ on average
CHANCE_GAPS = 1.2  # standard errors that chance alone explains on average; a right model shows about 0.8
MAX_DRIFT = 0.3  # of the validated share of positives: how far the population's expected share may differ
SMALL_GAIN = 0.002  # of log loss


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One check.

    Parameters
    ----------
    kind
        ``ok``, ``tip``, ``warn``, or ``stop``: no figure can be trusted until it is settled.
    title, text
        What was found; what to do. The text may be empty.
    """

    kind: Literal["ok", "tip", "warn", "stop"]
    title: str
    text: str


def find_advice(numbers: ReportNumbers) -> tuple[Advice, ...]:
    """Look at the numbers the way a careful colleague would."""
    checks = (
        _check_data,
        _check_calibration,
        _check_outcome,
        _check_drift,
        _check_folds,
        _check_ensemble,
        _check_labels,
    )
    return tuple(advice for check in checks for advice in check(numbers))


def tell_findings(findings: Iterable[Finding]) -> Iterator[Advice]:
    """Tell what is to be looked at; what is well is told in few words, see the card."""
    for finding in findings:
        if finding.severity != "ok":
            yield Advice(kind=finding.severity, title=finding.title, text=finding.text)


def _check_data(numbers: ReportNumbers) -> Iterator[Advice]:
    return tell_findings(numbers.findings)


def _check_calibration(numbers: ReportNumbers) -> Iterator[Advice]:
    is_right, text = judge_calibration(numbers.validation)
    if is_right:
        yield Advice(kind="ok", title="Chances can be taken at face value", text=text)
    else:
        text = f"{text} The order can be trusted more than the size."
        yield Advice(kind="warn", title="Take the chances with care", text=text)


def judge_calibration(quality: Quality) -> tuple[bool, str]:
    """Say whether chances are right up to what chance explains, and by how much they are off."""
    bins = quality.calibration
    weights = np.array([group.n_users for group in bins], dtype=float)
    gaps = np.array([abs(group.mean_probability - group.positive_fraction) for group in bins])
    gap = float((gaps * weights).sum() / weights.sum())
    by_chance = np.array(
        [math.sqrt(group.mean_probability * (1 - group.mean_probability) / group.n_users) for group in bins]
    )
    rate = quality.n_positives / quality.n_users
    text = f"Predicted and actual shares differ by {100 * gap:.1f} points on average, at {share(rate)} overall."
    return gap <= max(MAX_GAP * rate, CHANCE_GAPS * float((by_chance * weights).sum() / weights.sum())), text


def judge_promise(promised: float, came: float, limits: Interval, found: str) -> Advice:
    """Say whether the first users of the list came to what they promised.

    Parameters
    ----------
    promised, came
        What was expected of them, and what it was.
    limits
        Where ``came`` lies in 90 of 100 resamples of the users.
    found
        Both, in a sentence.
    """
    if limits.low <= promised <= limits.high or round(promised) == came:
        return Advice(kind="ok", title="The list kept its promise", text=found)
    return Advice(
        kind="warn",
        title=f"The list promised too {'much' if promised > came else 'little'}",
        text=f"{found} Look what changed since the models learned, and train again on newer labels.",
    )


def _check_outcome(numbers: ReportNumbers) -> Iterator[Advice]:
    quality = numbers.outcome
    if quality is not None:
        promised, row = quality.promised[HEADLINE], quality.gains[HEADLINE]
        found = f"For the first {count(row.n_users)} users it promised {count(promised)}; {count(row.hits)} were a yes."
        yield judge_promise(promised, row.hits, quality.hits_ranges[HEADLINE], found)


def _check_drift(numbers: ReportNumbers) -> Iterator[Advice]:
    expected = numbers.expected_positives / numbers.n_users
    validated = numbers.validation.n_positives / numbers.validation.n_users
    if abs(expected - validated) > MAX_DRIFT * validated:
        yield Advice(
            kind="warn",
            title="The ranked users differ from those the list was tested on",
            text=f"{share(expected)} of them are expected to be a yes; {share(validated)} were in the test. "
            "Look whether the population or the data changed.",
        )


def _check_folds(numbers: ReportNumbers) -> Iterator[Advice]:
    told = [(fold.fold, fold.roc_auc) for fold in numbers.ensemble.folds if fold.roc_auc is not None]
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


def _check_ensemble(numbers: ReportNumbers) -> Iterator[Advice]:
    if len(numbers.members) < 2:
        return
    best = numbers.members[0]
    gain = best.log_loss - numbers.ensemble.log_loss
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
            text=f"Its log loss is {numbers.ensemble.log_loss:.4f}; the best member alone, {best.name}, "
            f"has {best.log_loss:.4f}.",
        )


def _check_labels(numbers: ReportNumbers) -> Iterator[Advice]:
    return tell_warnings(numbers.history)


def tell_warnings(history: LabelSummary) -> Iterator[Advice]:
    """Tell what a reader should know of the labels."""
    for warning in history.warnings:
        title, _, text = warning.partition(": ")
        yield Advice(kind="warn", title=title.removesuffix("."), text=text)
