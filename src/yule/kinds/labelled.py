"""What kinds of answers have in common whose case has one model."""

import numpy as np
from numpy.typing import NDArray

from yule.checks.listing import CHECKS, Checks
from yule.core.examples import Examples
from yule.ensemble.blend import Ensemble
from yule.kinds.kind import ListFile, Table
from yule.labels.settings import Labels
from yule.labels.summary import LabelSummary
from yule.report.board import MemberScores, Metrics, list_columns
from yule.report.head import ReportHead
from yule.report.words import rate

USERS_LIST = ListFile(title="list", file="users.csv")
YES_OR_NO = Checks(whole=CHECKS)


def name_the_only_one(_: Labels) -> tuple[str, ...]:
    """Name the one model of a case: it needs no name."""
    return ("",)


def count_all(summary: LabelSummary, _: Examples, __: tuple[str, ...]) -> tuple[tuple[None, LabelSummary], ...]:
    """Return the labels of the one model of a case."""
    return ((None, summary),)


def take_as_they_are(predictions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the one model of a case says."""
    return predictions


def keep_blend(
    ensemble: Ensemble, predictions: NDArray[np.float64], labels: NDArray[np.float64]
) -> tuple[Ensemble, None]:
    """Return a blend as it is: every label is known."""
    del predictions, labels
    return ensemble, None


def tabulate_members(head: ReportHead, metrics: Metrics) -> Table:
    """Tell the blend and the members of the one model of a case."""
    board = head.parts[0].board
    shown = [metric for metric in list_columns(board, metrics) if metric.is_printed]

    def tell(member: MemberScores, weight: str) -> tuple[str, ...]:
        return (member.name, weight, *(format(member.scores[metric.name], metric.form) for metric in shown))

    return Table(
        headings=("member", "weight", *(metric.title for metric in shown)),
        rows=(tell(board.ensemble, ""), *(tell(member, rate(member.weight)) for member in board.members)),
    )
