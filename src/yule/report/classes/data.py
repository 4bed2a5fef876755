"""What a report on classes is made from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yule.checks.finding import Finding
from yule.labels.summary import LabelSummary
from yule.preparation.selection.record import MergedSelection
from yule.report.data import Fact, FeatureImportance, MemberResult


@dataclass(frozen=True, kw_only=True)
class ClassResult:
    """The model that tells one class from the rest.

    Parameters
    ----------
    name
        The class.
    members
        Its members; probabilities are out of fold, rows as ``ClassesData.labels``.
    features
        Its most important features, the strongest first.
    told_weight
        Share of the ensemble's weight in members that can tell which features matter, 0 to 1.
    selection
        Which features the members saw; None when they saw all of them.
    """

    name: str
    members: tuple[MemberResult, ...]
    features: tuple[FeatureImportance, ...]
    told_weight: float
    selection: MergedSelection | None


@dataclass(frozen=True, kw_only=True)
class ClassesData:
    """All a report on classes is made from. Labels are numbers of classes; chances sum to 1 over the classes.

    Parameters
    ----------
    case, question, cutoff, horizon, history, resolved, findings, facts, is_later, validation_cutoffs
        See :class:`~yule.report.data.ReportData`.
    classes
        The models, in the order of the classes' numbers.
    chances
        float64 (n_users, n_classes): of the population.
    outcome
        float64 (n_users,), rows as ``chances``: what came of the users since; NaN where unknown. None when the horizon
        after the cut-off has not closed in the data.
    labels, held_out
        (n_validated,) and (n_validated, n_classes): out-of-fold chances, and what they are judged on.
    all_labels, all_cutoffs
        (n_examples,): the class and the cut-off of every example.
    """

    case: str
    question: str
    cutoff: datetime
    horizon: timedelta
    classes: tuple[ClassResult, ...]
    chances: NDArray[np.float64]
    outcome: NDArray[np.float64] | None
    labels: NDArray[np.float64]
    held_out: NDArray[np.float64]
    all_labels: NDArray[np.float64]
    all_cutoffs: NDArray[np.datetime64]
    validation_cutoffs: tuple[datetime, ...]
    is_later: bool
    history: LabelSummary
    findings: tuple[Finding, ...]
    resolved: str
    facts: tuple[Fact, ...]
