"""What a report is made from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yule.core.meanings import Meaning
from yule.ensemble.prior import ClassPrior
from yule.ensemble.worth import Worth
from yule.labels.summary import LabelSummary
from yule.messages.finding import Finding
from yule.preparation.selection.record import MergedSelection


@dataclass(frozen=True, kw_only=True)
class MemberResult:
    """How good a member, or the whole ensemble, is out of fold.

    Parameters
    ----------
    name, kind
        The member; its kind is ``ensemble`` for the whole.
    weight
        Its weight in the ensemble.
    predictions
        float64 (n_validated,): out-of-fold probabilities, or amounts, rows as ``ReportData.labels``.
    worth
        What it brings to the ensemble; None for the whole, and where nobody has looked.
    """

    name: str
    kind: str
    weight: float
    predictions: NDArray[np.float64]
    worth: Worth | None = None


@dataclass(frozen=True, kw_only=True)
class MemberShare:
    """Share of a feature in the decisions of one member, summing to 1 over all features."""

    member: str
    share: float


@dataclass(frozen=True, kw_only=True)
class FeatureImportance:
    """How much a feature decides.

    Parameters
    ----------
    name
        Name of the feature.
    meaning
        What it means.
    share
        Share in the decisions of the members that can tell, by their weights; sums to 1 over all features.
    by_member
        The share in each member that can tell.
    """

    name: str
    meaning: Meaning
    share: float
    by_member: tuple[MemberShare, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something to know when the run is looked into: the commit, a seed, the version of a library or of data."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class PartResult:
    """One of the models a case has: the only one, or that which tells one class from the rest.

    Parameters
    ----------
    name
        The class; empty where a case has one model.
    ensemble, members
        The blend (cross-fitted) and its members.
    features
        The most important features, the strongest first.
    told_weight
        Share of the ensemble's weight in members that can tell which features matter, 0 to 1.
    selection
        Which features the members saw; None when they saw all of them.
    prior
        Of a list of known positives, how many of the others are estimated to be positive; None where every label is
        known.
    """

    name: str = ""
    ensemble: MemberResult
    members: tuple[MemberResult, ...]
    features: tuple[FeatureImportance, ...]
    told_weight: float
    selection: MergedSelection | None = None
    prior: ClassPrior | None = None


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """All a report is made from, whatever is predicted.

    Parameters
    ----------
    case, question
        The case.
    cutoff
        Users are scored as of this instant.
    horizon
        How far labels look ahead; zero when it is not known.
    parts
        The models of the case.
    scores
        float64 (n_users, n_parts): what the models say of the population, in the order of its ranked list. Of classes
        the chances of each, which sum to 1.
    outcome
        float64 (n_users,), rows as ``scores``: what came of the users since; NaN where unknown. None when the horizon
        after the cut-off has not closed in the data.
    labels, folds
        (n_validated,): what the out-of-fold predictions are judged on. Of known positives, 1 for one of them and 0 for
        an unlabelled user; of classes, their numbers.
    all_labels, all_cutoffs
        (n_labelled,): all labels and their cut-offs, datetime64[us].
    validation_cutoffs
        Cut-offs of the validated users; later than all that models learned from when ``is_later``.
    is_later
        Validation is forward in time.
    history
        The labels.
    resolved
        The case with all defaults filled in, as YAML.
    findings
        What the checks of the data have found.
    run_id
        The run; empty when the report belongs to none.
    facts
        Where the result comes from, in the order they are shown.
    """

    case: str
    question: str
    cutoff: datetime
    horizon: timedelta
    parts: tuple[PartResult, ...]
    scores: NDArray[np.float64]
    outcome: NDArray[np.float64] | None
    labels: NDArray[np.float64]
    folds: NDArray[np.int32]
    all_labels: NDArray[np.float64]
    all_cutoffs: NDArray[np.datetime64]
    validation_cutoffs: tuple[datetime, ...]
    is_later: bool
    history: LabelSummary
    resolved: str
    findings: tuple[Finding, ...] = ()
    run_id: str = ""
    facts: tuple[Fact, ...] = ()
