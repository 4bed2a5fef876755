"""What a kind of answer has to say for itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from yule.checks.listing import Checks
from yule.core.examples import Examples
from yule.ensemble.blend import Ensemble
from yule.ensemble.prior import ClassPrior
from yule.kinds.curves import Chart
from yule.labels.settings import Labels, Supervision, Target
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.messages.finding import Finding
from yule.prediction.ranking import Scores
from yule.report.board import Metrics
from yule.report.data import ReportData
from yule.report.head import ReportHead

Body = TypeVar("Body")


@dataclass(frozen=True, kw_only=True)
class Table:
    """What is printed at the end of a run, cell by cell."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class ListFile:
    """A list that a person opens: what it is called, its file, and what to know of it."""

    title: str
    file: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class LabelCounts:
    """How labels are counted before anything is trained.

    Parameters
    ----------
    tell_all
        Says how many there are; of classes it is told the names.
    tell_cutoff
        Says how many there are at a cut-off, by its summary, its labels (n_users,) and the names of classes.
    divide
        Returns the summary of each model's labels with the class they are of, if any.
    """

    tell_all: Callable[[LabelSummary, tuple[str, ...]], str]
    tell_cutoff: Callable[[CutoffSummary, NDArray[np.float64], tuple[str, ...]], str]
    divide: Callable[[LabelSummary, Examples, tuple[str, ...]], Iterable[tuple[str | None, LabelSummary]]]


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[Body]):
    """A kind of answer: all that differs between what can be predicted of users, in one place.

    Parameters
    ----------
    name
        What it is called in files.
    target, supervision
        The labels it is for.
    name_parts
        Names the models a case has, by its labels: the classes they tell from the rest, or one empty text.
    checks
        What is looked at in its data before anything is trained.
    body
        The part of a report that is its own.
    compute
        Computes a report.
    metrics
        Columns of its leaderboards.
    describe, judge, draw
        Say of a report what was found, what stands out, and draw its cards.
    tabulate
        Says what is printed of it at the end of a run.
    lists, rank
        Its files for people, the list of all users first; writes them.
    combine
        Brings together what its models say of the same users, (n_users, n_parts) before and after.
    calibrate
        Looks at a blend with its members' out-of-fold predictions (n_labelled, n_members) and the labels
        (n_labelled,): returns it as it is to be used, and how many unlabelled users are positive where that is asked.
    counts
        How its labels are counted.
    charts
        Which learning curves are shown side by side.
    """

    name: str
    target: Target
    supervision: Supervision
    name_parts: Callable[[Labels], tuple[str, ...]]
    checks: Checks
    body: type[Body]
    compute: Callable[[ReportData], tuple[ReportHead, Body]]
    metrics: Metrics
    describe: Callable[[ReportHead, Body], tuple[str, ...]]
    judge: Callable[[ReportHead, Body], tuple[Finding, ...]]
    draw: Callable[[ReportHead, Body], tuple[str, ...]]
    tabulate: Callable[[ReportHead, Body], Table]
    lists: tuple[ListFile, ...]
    rank: Callable[[Scores, Path], None]
    combine: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    calibrate: Callable[[Ensemble, NDArray[np.float64], NDArray[np.float64]], tuple[Ensemble, ClassPrior | None]]
    counts: LabelCounts
    charts: tuple[Chart, ...]
