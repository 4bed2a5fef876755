"""What sources count, and what they refuse for its numbers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC

import numpy as np
from numpy.typing import NDArray

from yule.core.errors import DataError
from yule.core.examples import Examples
from yule.core.losses import Loss
from yule.labels.observing.plans import Plan
from yule.labels.settings import Classes
from yule.labels.summary import CutoffSummary, LabelSummary, list_days


def count_labels(examples: Examples, *, negative: int) -> tuple[CutoffSummary, ...]:
    """Count the labelled users at each cut-off, and those with another label than ``negative``; add up numbers."""
    counted = []
    for cutoff in np.unique(examples.cutoffs):
        labels = examples.labels[examples.cutoffs == cutoff]
        n_positives, at = int((labels != negative).sum()), cutoff.item().replace(tzinfo=UTC)
        one = CutoffSummary(cutoff=at, n_users=len(labels), n_positives=n_positives)
        counted.append(_ADDED[examples.loss](one, labels))
    return tuple(counted)


def check_cutoffs(plan: Plan, summary: LabelSummary) -> None:
    """Refuse cut-offs at which there is nobody to label."""
    labelled = {counted.cutoff for counted in summary.cutoffs}
    empty = [cutoff for cutoff in plan.cutoffs if cutoff not in labelled]
    if empty:
        raise DataError(f"Nobody is labelled at {list_days(empty)}: {plan.nobody}. Leave out these cut-offs.")


def check_enough(summary: LabelSummary, n_found: int, *, what: str, min_users: int, remedy: str) -> None:
    """Refuse labels of which too few are of some kind; ``what`` says of which, as what users do."""
    if n_found < min_users:
        raise DataError(
            f"Only {n_found} of {summary.n_users} labelled users {what}; at least {min_users} are needed to learn "
            f"and to judge. {remedy}"
        )


def check_amounts(summary: LabelSummary, *, min_users: int, remedy: str) -> None:
    """Refuse amounts that nothing can be learned from, and those of which no list could reach the larger part."""
    what = "have an amount other than 0"
    check_enough(summary, summary.n_positives, what=what, min_users=min_users, remedy=remedy)
    if not min_users:
        return
    if not any(cutoff.deviation for cutoff in summary.cutoffs):
        raise DataError(f"The amounts of all {summary.n_users} labelled users are the same: there is nothing to learn.")
    if summary.total <= 0:
        raise DataError(
            f"The amounts of the labelled users add up to {summary.total:,.2f}, but a list is made to reach as much of "
            "a total as possible, so the total has to be above 0. Is the sign right? Otherwise leave out, by the "
            "condition, what lowers it."
        )


def check_classes(
    labels: Classes, numbers: NDArray[np.float64], *, min_users: int, advise: Callable[[list[str]], str]
) -> None:
    """Refuse labels with hardly a user of some class; count every class, and say what helps for those."""
    counts = np.bincount(numbers.astype(np.intp), minlength=len(labels.class_names))
    few = [name for name, count in zip(labels.class_names, counts, strict=True) if count < min_users]
    if few:
        told = ", ".join(f"{count} of {name}" for name, count in zip(labels.class_names, counts, strict=True))
        raise DataError(
            f"Too few users of {' and of '.join(few)}: there are {told}, and at least {min_users} of each class are "
            f"needed to learn and to judge. {advise(few)}"
        )


def _add_up(counted: CutoffSummary, amounts: NDArray[np.float64]) -> CutoffSummary:
    total = math.fsum(amounts)  # exact: the same whatever the order
    squares = math.fsum((amounts - total / len(amounts)) ** 2)
    return replace(counted, total=total, deviation=math.sqrt(squares / len(amounts)))


_ADDED: Mapping[Loss, Callable[[CutoffSummary, NDArray[np.float64]], CutoffSummary]] = {
    "log_loss": lambda counted, _: counted,
    "squared_error": _add_up,
}
