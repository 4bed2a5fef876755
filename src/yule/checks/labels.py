"""Labels: enough positives, and a share of them, or a mean amount, that is steady from cut-off to cut-off."""

import math
from collections.abc import Iterator, Sequence

from yule.labels.summary import CutoffSummary, LabelSummary
from yule.messages.finding import Finding
from yule.messages.values import Amount, Count, Figure, Instants, Share

MIN_POSITIVES = 50
"""Fewer positives than this and every figure is a rough one."""

MAX_RATIO = 1.25
"""The share of positives at one cut-off may be this many times another's, chance set aside."""

Z_EXTREMES = 3.0
"""Standard errors set aside as chance; more than for one comparison, since the highest and the lowest are compared."""


def check_positives(summary: LabelSummary) -> Iterator[Finding]:
    """Count the positives; of amounts, those that are not 0."""
    few, enough = ("amounts-few", "amounts-enough") if summary.is_amount else ("positives-few", "positives-enough")
    are_few = summary.n_positives < MIN_POSITIVES
    yield Finding(
        check="positives",
        code=few if are_few else enough,
        severity="warn" if are_few else "ok",
        values={"n_positives": Count(summary.n_positives), "n_users": Count(summary.n_users)},
    )


def check_rates(summary: LabelSummary) -> Iterator[Finding]:
    """Compare shares of positives, or mean amounts, at the cut-offs: the highest may exceed the lowest by chance."""
    counted = [cutoff for cutoff in summary.cutoffs if cutoff.n_users]
    if len(counted) < 2:
        return
    if summary.is_amount:
        yield _judge_means(summary, counted)
        return
    low, high = min(counted, key=_rate), max(counted, key=_rate)
    ratio = least_ratio(low, high)
    is_steady = ratio <= MAX_RATIO
    yield Finding(
        check="label-rate",
        code="label-share-steady" if is_steady else "label-share-unsteady",
        severity="ok" if is_steady else "warn",
        values={
            "low": Share(_rate(low)),
            "low_at": Instants((low.cutoff,)),
            "high": Share(_rate(high)),
            "high_at": Instants((high.cutoff,)),
            "ratio": Figure(ratio),
            "n_cutoffs": Count(len(counted)),
        },
    )


def least_ratio(low: CutoffSummary, high: CutoffSummary) -> float:
    """Return how many times the share at one cut-off surely is that at another, 1 or more.

    The logarithm of the ratio less three of its standard errors; half a positive is added to both.

    >>> from datetime import datetime
    >>> def labels(n_positives):
    ...     return CutoffSummary(cutoff=datetime(2024, 1, 1), n_users=1000, n_positives=n_positives)
    >>> round(least_ratio(labels(100), labels(200)), 2), least_ratio(labels(10), labels(20))
    (1.42, 1.0)
    """
    logarithms, variances = [], []
    for side in (low, high):
        n_positives = side.n_positives + 0.5
        logarithms.append(math.log(n_positives / (side.n_users + 0.5)))
        variances.append(1 / n_positives - 1 / (side.n_users + 0.5))
    difference = logarithms[1] - logarithms[0] - Z_EXTREMES * math.sqrt(max(sum(variances), 0.0))
    return math.exp(max(difference, 0.0))


def _judge_means(summary: LabelSummary, counted: Sequence[CutoffSummary]) -> Finding:
    """Compare the mean amounts: they may differ by as large a part of the mean over all as shares of positives may."""
    low, high = min(counted, key=_mean), max(counted, key=_mean)
    error = math.sqrt(sum((cutoff.deviation or 0.0) ** 2 / cutoff.n_users for cutoff in (low, high)))
    surely = max(_mean(high) - _mean(low) - Z_EXTREMES * error, 0.0)
    is_steady = surely <= (MAX_RATIO - 1) * abs(summary.total / summary.n_users)
    return Finding(
        check="label-rate",
        code="label-mean-steady" if is_steady else "label-mean-unsteady",
        severity="ok" if is_steady else "warn",
        values={
            "low": Amount(_mean(low)),
            "low_at": Instants((low.cutoff,)),
            "high": Amount(_mean(high)),
            "high_at": Instants((high.cutoff,)),
            "surely": Amount(surely),
            "n_cutoffs": Count(len(counted)),
        },
    )


def _mean(cutoff: CutoffSummary) -> float:
    return (cutoff.total or 0.0) / cutoff.n_users


def _rate(cutoff: CutoffSummary) -> float:
    return cutoff.n_positives / cutoff.n_users
