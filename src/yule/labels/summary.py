"""What is known of labels: counts by cut-off, what was dropped, what is worth a warning."""

from dataclasses import dataclass
from datetime import datetime

MIN_POSITIVES = 10
"""Fewer positives (or negatives) than this and nothing can be learnt or judged: refused."""


@dataclass(frozen=True, kw_only=True)
class CutoffSummary:
    """Labels at one cut-off.

    Parameters
    ----------
    cutoff
        The cut-off.
    n_users, n_positives
        Labelled users, and how many of them are positive.
    """

    cutoff: datetime
    n_users: int
    n_positives: int


@dataclass(frozen=True, kw_only=True)
class LabelSummary:
    """All labels of a case: the content of ``labels.json``.

    Parameters
    ----------
    cutoffs
        Counts, cut-off by cut-off.
    n_unknown
        Rows dropped because their user is not in the population.
    n_unobserved
        Rows dropped because their label is empty.
    n_repeated
        Rows dropped because the same user has the same label twice.
    warnings
        Plain sentences on what a reader should know.
    """

    cutoffs: tuple[CutoffSummary, ...]
    n_unknown: int = 0
    n_unobserved: int = 0
    n_repeated: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def n_users(self) -> int:
        """Labelled users over all cut-offs."""
        return sum(cutoff.n_users for cutoff in self.cutoffs)

    @property
    def n_positives(self) -> int:
        """Positive ones among them."""
        return sum(cutoff.n_positives for cutoff in self.cutoffs)


def find_warnings(summary: LabelSummary) -> tuple[str, ...]:
    """Say what a reader should know of labels, in plain sentences; their counts are judged in ``checks``."""
    warnings = []
    if summary.n_unknown:
        warnings.append(f"{summary.n_unknown} labelled users are not in the population and were left out.")
    return tuple(warnings)
