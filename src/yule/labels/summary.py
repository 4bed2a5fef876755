"""What is known of labels: counts by cut-off, what was dropped, what a reader should know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from yule.labels.alike import Alike, name_alike
from yule.labels.reach import Strays, find_strays
from yule.labels.settings import Supervision
from yule.messages.finding import Finding
from yule.messages.values import Choice, Count, Instants, Texts, Value

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
    findings
        What a reader should know of them.
    """

    cutoffs: tuple[CutoffSummary, ...]
    immature: Immature | None = None
    strays: Strays | None = None
    n_unknown: int = 0
    n_unobserved: int = 0
    n_repeated: int = 0
    alike: Alike | None = None
    near_classes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

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


def list_days(cutoffs: Iterable[datetime]) -> str:
    """Write cut-offs one after the other.

    >>> list_days([datetime(2017, 10, 1), datetime(2017, 10, 15)])
    '2017-10-01, 2017-10-15'
    """
    return ", ".join(f"{cutoff:%Y-%m-%d}" for cutoff in cutoffs)


def find_label_facts(summary: LabelSummary, supervision: Supervision) -> tuple[Finding, ...]:
    """Return what a reader should know of labels; their counts are judged in ``checks``."""
    return tuple(
        finding
        for finding in (
            summary.immature and find_immature(summary.immature),
            summary.strays and find_strays(summary.strays),
            _find_unknown(summary, supervision),
            _find_near(summary),
            _find_missing(summary),
        )
        if finding
    )


def find_immature(immature: Immature) -> Finding:
    """Return what was left out because it cannot be known yet."""
    return Finding(
        check="labels",
        code="labels-immature",
        severity="warn",
        values={
            "n_users": Count(immature.n_users),
            "cutoffs": Instants(immature.cutoffs),
            "latest": Instants((immature.latest,)),
        },
    )


def _find_unknown(summary: LabelSummary, supervision: Supervision) -> Finding | None:
    unknown: dict[str, Value] = {
        "n_unknown": Count(summary.n_unknown),
        "supervision": Choice(supervision.replace("_", "-")),
    }
    if summary.alike is None:
        found = Finding(check="labels", code="users-unknown", severity="warn", values=unknown)
        return found if summary.n_unknown else None
    spelt = name_alike(summary.alike)
    if not summary.n_unknown:
        return Finding(check="labels", code="events-unknown-but-alike", severity="warn", values=spelt)
    return Finding(check="labels", code="users-unknown-but-alike", severity="warn", values={**unknown, **spelt})


def _find_near(summary: LabelSummary) -> Finding | None:
    if not summary.near_classes:
        return None
    values = {"near": Texts(summary.near_classes)}
    return Finding(check="labels", code="classes-near", severity="warn", values=values)


def _find_missing(summary: LabelSummary) -> Finding | None:
    if not summary.n_unobserved:
        return None
    values = {"n_rows": Count(summary.n_unobserved)}
    return Finding(check="labels", code="labels-missing", severity="warn", values=values)
