"""What is found in the numbers of a report, whatever its kind."""

import math
from typing import Literal, TypeAlias

import numpy as np

from yule.messages.finding import Finding
from yule.messages.values import Choice, Count, Figure, Share, Total, name_one
from yule.metrics.intervals import Interval
from yule.report.board import Leaderboard, Metric
from yule.report.quality import Quality

MAX_GAP = 0.1  # of the actual share of positives: how far predicted and actual may differ on average
CHANCE_GAPS = 1.2  # standard errors that chance alone explains on average; a right model shows about 0.8
MAX_DRIFT = 0.3  # of the validated share or mean: how far that which is expected of the population may differ

Promised: TypeAlias = Literal["yes", "class", "amount"]
"""What the first users of a list were promised to be, or to come to."""


def judge_calibration(quality: Quality, *, about: str | None = None) -> Finding:
    """Say whether chances are right up to what chance explains, and by how much they are off."""
    bins = quality.calibration
    weights = np.array([group.n_users for group in bins], dtype=float)
    gaps = np.array([abs(group.mean_probability - group.positive_fraction) for group in bins])
    gap = float((gaps * weights).sum() / weights.sum())
    by_chance = np.array(
        [math.sqrt(group.mean_probability * (1 - group.mean_probability) / group.n_users) for group in bins]
    )
    rate = quality.n_positives / quality.n_users
    is_right = gap <= max(MAX_GAP * rate, CHANCE_GAPS * float((by_chance * weights).sum() / weights.sum()))
    return Finding(
        check="calibration",
        code="chances-right" if is_right else "chances-off",
        severity="ok" if is_right else "warn",
        values={"points": Figure(100 * gap), "rate": Share(rate)},
        about=about,
    )


def judge_promise(
    promised: float, came: float, limits: Interval, *, n_users: int, of: Promised, about: str | None = None
) -> Finding:
    """Say whether the first users of the list came to what they promised.

    Parameters
    ----------
    promised, came
        What was expected of them, and what it was.
    limits
        Where ``came`` lies in 90 of 100 resamples of the users.
    n_users
        How many they are.
    of
        What was promised.
    about
        The class, if it is of one.
    """
    is_kept = limits.low <= promised <= limits.high or round(promised) == came
    broken = "promise-too-much" if promised > came else "promise-too-little"
    return Finding(
        check="promise",
        code="promise-kept" if is_kept else broken,
        severity="ok" if is_kept else "warn",
        values={"of": Choice(of), "n_users": Count(n_users), "promised": Total(promised), "came": Total(came)},
        about=about,
    )


def judge_blend(board: Leaderboard, metric: Metric, *, least: float) -> Finding | None:
    """Say whether the blend of several members is better than the best of them alone.

    Parameters
    ----------
    board
        The members and their blend.
    metric
        The error it is judged by.
    least
        A smaller gain is hardly one.
    """
    if len(board.members) < 2:
        return None
    best, error = board.members[0], board.ensemble.scores[metric.name]
    alone = best.scores[metric.name]
    member = name_one(best.name)
    if alone - error < least:
        return Finding(
            check="blend",
            code="blend-adds-little",
            severity="tip",
            values={"gain": Choice("hardly" if error < alone else "none"), "member": member},
        )
    return Finding(
        check="blend",
        code="blend-pays",
        severity="ok",
        values={"metric": Choice(metric.name), "error": Figure(error), "member": member, "alone": Figure(alone)},
    )
