"""Recency: whether the data reach up to the predict cut-off as they reached up to the label cut-offs."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from yule.checks.evidence import Sample, Snapshot
from yule.checks.finding import Finding, name_some
from yule.features.wording import describe_feature

USUAL_DAYS = 1.0
"""Before every label cut-off something happened within so many days: the log is a busy one."""

MAX_DAYS = 3.0
"""Before the predict cut-off the last event of a busy log may be as long ago."""


def check_recency(sample: Sample, scored: Snapshot) -> Iterator[Finding]:
    """Compare the last event before the predict cut-off with those before the label cut-offs, by ``recency``.

    A log that ends early makes all users look as if they had stopped, and everything that is expected of them wrong.

    Parameters
    ----------
    sample
        Labelled users with their features.
    scored
        Users of the population with theirs.
    """
    cutoffs = sample.examples.cutoffs
    busy, late = [], {}
    for place, name in enumerate(sample.features.numeric_names):
        if name.split("__")[1:] != ["recency"]:
            continue
        values = sample.features.numeric[:, place]
        before = [_shortest(values[cutoffs == cutoff]) for cutoff in np.unique(cutoffs)]
        if before and max(before) <= USUAL_DAYS:
            busy.append(name)
            days = _shortest(scored.features.numeric[:, scored.features.numeric_names.index(name)])
            if days > MAX_DAYS:
                late[name] = days
    if late:
        reasons = [
            f"{describe_feature(name)} is {f'{days:.0f} days at least' if np.isfinite(days) else 'missing'}"
            for name, days in late.items()
        ]
        yield Finding(
            check="recency",
            severity="warn",
            title="The data end before the predict cut-off",
            seen=f"Before each label cut-off something had happened within {USUAL_DAYS:.0f} day, but as of the predict "
            f"cut-off {name_some(reasons)}.",
            remedy="Fetch newer data, or write the day on which they end as `predict.cutoff`.",
        )
    else:
        seen = f"In {len(busy)} logs with events every day, the last one is {MAX_DAYS:.0f} days before it at the most."
        yield Finding(check="recency", severity="ok", title="The data reach up to the predict cut-off", seen=seen)


def _shortest(days: NDArray[np.float32]) -> float:
    known = days[~np.isnan(days)]
    return float(known.min()) if len(known) else np.inf
