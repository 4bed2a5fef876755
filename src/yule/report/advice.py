"""Checks and advice: what stands out in the numbers, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yule.report.numbers import ReportNumbers
from yule.report.words import share

MAX_GAP = 0.1  # of the actual share of positives: how far predicted and actual may differ on average
SUSPICIOUS_AUC = 0.98
DOMINANT_SHARE = 0.5
FEW_POSITIVES = 100
SMALL_GAIN = 0.002


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One check.

    Parameters
    ----------
    kind
        ``ok``, ``warn``, or ``tip``.
    title, text
        What was found; what to do.
    """

    kind: Literal["ok", "warn", "tip"]
    title: str
    text: str


def find_advice(numbers: ReportNumbers) -> tuple[Advice, ...]:
    """Look at the numbers the way a careful colleague would."""
    checks = (_check_leak, _check_calibration, _check_count, _check_folds, _check_ensemble, _check_labels)
    return tuple(advice for check in checks for advice in check(numbers))


def _check_leak(numbers: ReportNumbers) -> Iterator[Advice]:
    strongest = numbers.features[0] if numbers.features else None
    if numbers.validation.roc_auc > SUSPICIOUS_AUC:
        yield Advice(
            kind="warn",
            title="Too good to be true?",
            text=f"The ranking is almost perfect (AUC {numbers.validation.roc_auc:.3f}). "
            "Look whether a feature holds the answer.",
        )
    elif strongest is not None and strongest.share > DOMINANT_SHARE:
        yield Advice(
            kind="warn",
            title=f"{strongest.name} decides alone",
            text=f"It carries {share(strongest.share)} of the influence. Make sure it was known at the cut-off.",
        )
    else:
        yield Advice(
            kind="ok",
            title="No sign of a leak",
            text="No single feature decides, and the ranking is not suspiciously good.",
        )


def _check_calibration(numbers: ReportNumbers) -> Iterator[Advice]:
    bins = numbers.validation.calibration
    weights = np.array([group.n_users for group in bins], dtype=float)
    gaps = np.array([abs(group.mean_probability - group.positive_fraction) for group in bins])
    gap = float((gaps * weights).sum() / weights.sum())
    rate = numbers.validation.n_positives / numbers.validation.n_users
    text = f"Predicted and actual shares differ by {100 * gap:.1f} points on average, at {share(rate)} overall."
    if gap <= max(MAX_GAP * rate, 0.01):
        yield Advice(kind="ok", title="Chances can be taken at face value", text=text)
    else:
        yield Advice(
            kind="warn", title="Take the chances with care", text=f"{text} The order can be trusted more than the size."
        )


def _check_count(numbers: ReportNumbers) -> Iterator[Advice]:
    if numbers.validation.n_positives < FEW_POSITIVES:
        yield Advice(
            kind="warn",
            title=f"Only {numbers.validation.n_positives} positives to judge by",
            text="Expect a campaign to differ from these figures by much. "
            "More cut-offs, or a wider condition, give firmer ones.",
        )


def _check_folds(numbers: ReportNumbers) -> Iterator[Advice]:
    folds = np.array(numbers.ensemble.folds)
    worst = int(folds.argmin())
    others = np.delete(folds, worst)
    if len(folds) > 2 and folds[worst] < others.mean() - 3 * max(others.std(ddof=1), 0.005):
        yield Advice(
            kind="warn",
            title=f"Fold {worst} is harder than the others",
            text=f"AUC {folds[worst]:.3f} there against {others.mean():.3f} elsewhere. Look at how its users differ.",
        )


def _check_ensemble(numbers: ReportNumbers) -> Iterator[Advice]:
    best = min(numbers.members, key=lambda member: member.log_loss)
    if len(numbers.members) > 1 and best.log_loss - numbers.ensemble.log_loss < SMALL_GAIN:
        yield Advice(
            kind="tip",
            title="More members will add little",
            text=f"The blend is hardly better than {best.name} alone. "
            "More labelled users, or features that say something new, are the likelier way forward.",
        )


def _check_labels(numbers: ReportNumbers) -> Iterator[Advice]:
    for warning in numbers.history.warnings:
        title, _, text = warning.partition(": ")
        yield Advice(kind="warn", title=title, text=text)
