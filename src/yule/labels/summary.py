"""What is known of labels: counts by cut-off, what was dropped, what is worth a warning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yule.labels.alike import Alike, describe_alike
from yule.labels.reach import Strays, describe_strays
from yule.labels.settings import Supervision

MIN_POSITIVES = 10
"""Fewer positives (or negatives) than this and nothing can be learned or judged: refused."""


@dataclass(frozen=True, kw_only=True)
class CutoffSummary:
    """Labels at one cut-off.

    Parameters
    ----------
    cutoff
        The cut-off.
    n_users, n_positives
        Labelled users, and how many of them are positive. Of a list of positives, the others are unlabelled. Of
        amounts, those that are not 0 are counted; of classes, the users of a class that was asked for.
    total, deviation
        Of amounts their sum and their standard deviation; None of other labels.
    """

    cutoff: datetime
    n_users: int
    n_positives: int
    total: float | None = None
    deviation: float | None = None


@dataclass(frozen=True, kw_only=True)
class Immature:
    """Labels that cannot be known yet, because their horizon ends after the data. They are left out.

    Parameters
    ----------
    cutoffs
        Their cut-offs, ascending.
    n_users
        Users over these cut-offs who would have been labelled.
    latest
        The latest cut-off whose horizon has closed in the data.
    """

    cutoffs: tuple[datetime, ...]
    n_users: int
    latest: datetime


@dataclass(frozen=True, kw_only=True)
class LabelSummary:
    """All labels of a case: the content of ``labels.json``.

    Parameters
    ----------
    cutoffs
        Counts, cut-off by cut-off.
    immature
        What was left out because it cannot be known yet; None when nothing was.
    strays
        Events that tell nothing of how far the log goes; None where there are none.
    n_unknown
        Rows dropped because their user is not in the population.
    n_unobserved
        Rows dropped because their label is empty.
    n_repeated
        Rows dropped because the same user has the same label twice.
    alike
        Users of the events or labels who are in the population only by another spelling of their id; None where there
        are none.
    near_classes
        Values of events that are a class but for case and blanks; their events do not count.
    warnings
        Plain sentences on what a reader should know.
    """

    cutoffs: tuple[CutoffSummary, ...]
    immature: Immature | None = None
    strays: Strays | None = None
    n_unknown: int = 0
    n_unobserved: int = 0
    n_repeated: int = 0
    alike: Alike | None = None
    near_classes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def n_users(self) -> int:
        """Labelled users over all cut-offs."""
        return sum(cutoff.n_users for cutoff in self.cutoffs)

    @property
    def n_positives(self) -> int:
        """Positive ones among them."""
        return sum(cutoff.n_positives for cutoff in self.cutoffs)

    @property
    def is_amount(self) -> bool:
        """Whether labels are amounts."""
        return any(cutoff.total is not None for cutoff in self.cutoffs)

    @property
    def total(self) -> float:
        """Sum of the amounts over all cut-offs; 0 of other labels."""
        return sum(cutoff.total or 0.0 for cutoff in self.cutoffs)


def describe_immature(immature: Immature) -> str:
    """Say what was left out because it cannot be known yet.

    >>> at = datetime(2017, 10, 15)
    >>> describe_immature(Immature(cutoffs=(at,), n_users=2469, latest=datetime(2017, 10, 1)))
    '2469 labels at 2017-10-15 cannot be known yet and were left out: the latest possible cut-off is 2017-10-01.'
    """
    return (
        f"{immature.n_users} labels at {list_days(immature.cutoffs)} cannot be known yet and were left out: "
        f"the latest possible cut-off is {immature.latest:%Y-%m-%d}."
    )


def list_days(cutoffs: Iterable[datetime]) -> str:
    """Write cut-offs one after the other.

    >>> list_days([datetime(2017, 10, 1), datetime(2017, 10, 15)])
    '2017-10-01, 2017-10-15'
    """
    return ", ".join(f"{cutoff:%Y-%m-%d}" for cutoff in cutoffs)


_LISTED: Mapping[Supervision, str] = {"full": "labelled users", "positive_unlabelled": "known positives"}


def find_warnings(summary: LabelSummary, supervision: Supervision) -> tuple[str, ...]:
    """Say what a reader should know of labels, in plain sentences; their counts are judged in ``checks``."""
    warnings = []
    if summary.immature is not None:
        warnings.append(describe_immature(summary.immature))
    if summary.strays is not None:
        warnings.append(describe_strays(summary.strays))
    if summary.n_unknown:
        left_out = f"{summary.n_unknown} {_LISTED[supervision]} are not in the population and were left out."
        warnings.append(f"{left_out}{describe_alike(summary.alike)}")
    elif summary.alike is not None:
        warnings.append(f"Users of the events are not in the population.{describe_alike(summary.alike)}")
    if summary.near_classes:
        values = ", ".join(map(repr, summary.near_classes))
        warnings.append(f"Events of {values} do not count: classes are compared exactly, blanks and case as well.")
    if summary.n_unobserved:
        warnings.append(f"{summary.n_unobserved} rows have no label and were left out.")
    return tuple(warnings)
