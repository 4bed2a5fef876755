"""Checks and advice: what stands out in the numbers, and what to do about it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yule.messages.finding import Finding
from yule.messages.telling import tell
from yule.metrics.intervals import Interval
from yule.report.quality import Quality
from yule.report.words import share

MAX_GAP = 0.1  # of the actual share of positives: how far predicted and actual may differ on average
CHANCE_GAPS = 1.2  # standard errors that chance alone explains on average; a right model shows about 0.8
MAX_DRIFT = 0.3  # of the validated share or mean: how far that which is expected of the population may differ


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


def tell_findings(findings: Iterable[Finding]) -> Iterator[Advice]:
    """Tell what is to be looked at; what is well is told in few words, see the card."""
    for finding in findings:
        if finding.severity != "ok":
            told = tell(finding)
            yield Advice(kind=told.severity, title=told.title, text=told.text)


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
