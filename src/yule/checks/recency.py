"""Recency: whether the data reach up to the predict cut-off as they reached up to the label cut-offs."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from yule.checks.evidence import Sample, Snapshot
from yule.messages.finding import Finding
from yule.messages.values import Count, Days, FeatureList

USUAL_DAYS = 1.0
"""Before every label cut-off something happened within so many days: the log is a busy one."""

MAX_DAYS = 3.0
"""Before the predict cut-off the last events of a busy log may be as long ago."""

LEAST_SHARE = 0.05
"""Of the users with an event within the usual days at each label cut-off so many, at least, must have one by then."""


def check_recency(sample: Sample, scored: Snapshot) -> Iterator[Finding]:
    """Compare the last event before the predict cut-off with those before the label cut-offs, by ``recency``.

    A log that ends early makes all users look as if they had stopped, and everything that is expected of them wrong. A
    few events with a wrong clock do not make up for it.

    Parameters
    ----------
    sample
        Labelled users with their features.
    scored
        Users of the population with theirs.
    """
    cutoffs = sample.examples.cutoffs
    busy: list[str] = []
    late: dict[str, float | None] = {}
    for place, name in enumerate(sample.features.numeric_names):
        if sample.features.meaning_of(name).aggregate != "recency":
            continue
        values = sample.features.numeric[:, place]
        usual = min((_count(values[cutoffs == cutoff], USUAL_DAYS) for cutoff in np.unique(cutoffs)), default=0)
        if usual:
            busy.append(name)
            now = scored.features.numeric[:, scored.features.numeric_names.index(name)]
            least = max(1, math.ceil(LEAST_SHARE * usual))
            if _count(now, MAX_DAYS) < least:
                late[name] = _shortest(now, least)
    if late:
        yield Finding(
            check="recency",
            code="data-end-early",
            severity="warn",
            values={
                "usual": Days(USUAL_DAYS),
                "late": FeatureList(
                    tuple(map(sample.features.meaning_of, late)), figures=tuple(late.values()), measure="days"
                ),
            },
        )
    else:
        yield Finding(
            check="recency",
            code="data-reach-cutoff",
            severity="ok",
            values={"n_logs": Count(len(busy)), "most": Days(MAX_DAYS)},
        )


def _count(days: NDArray[np.float32], most: float) -> int:
    return int((days <= most).sum())  # those that are missing are no more than anything


def _shortest(days: NDArray[np.float32], n_users: int) -> float | None:
    """Return within how many days so many users had an event; None if fewer ever had one."""
    known = np.sort(days[~np.isnan(days)])
    return float(known[n_users - 1]) if len(known) >= n_users else None
