"""The leaderboard of a model: how good its members and their blend are, out of fold, whatever is predicted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.ensemble.worth import Worth
from yule.report.data import MemberResult, PartResult


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A column of a leaderboard.

    Parameters
    ----------
    name, title
        What files call it; what people do.
    compute
        Computes it of labels and predictions, (n_users,) each.
    form
        How a value is written, as ``format`` takes it.
    is_error
        The less of it the better.
    is_printed
        Whether it is among the few that are printed at the end of a run.
    """

    name: str
    title: str
    compute: Callable[[NDArray[np.float64], NDArray[np.float64]], float]
    form: str = ".4f"
    is_error: bool = False
    is_printed: bool = True


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """The columns of a leaderboard, and the one its members are sorted by."""

    columns: tuple[Metric, ...]
    by: Metric


@dataclass(frozen=True, kw_only=True)
class FoldScores:
    """Metrics on the users of one fold; None when their labels are all the same, so that nothing can be told apart."""

    fold: int
    n_users: int
    scores: dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class MemberScores:
    """One line of a leaderboard: metrics, by their names, of all out-of-fold predictions and fold by fold."""

    name: str
    kind: str
    weight: float
    scores: dict[str, float]
    folds: tuple[FoldScores, ...] = ()
    worth: Worth | None = None


@dataclass(frozen=True, kw_only=True)
class Leaderboard:
    """The members of a model, the best first, and their blend."""

    ensemble: MemberScores
    members: tuple[MemberScores, ...]


def list_columns(board: Leaderboard, metrics: Metrics) -> tuple[Metric, ...]:
    """Return the columns that a leaderboard has: one of before a metric was added does without it."""
    return tuple(metric for metric in metrics.columns if metric.name in board.ensemble.scores)


def compare_members(
    part: PartResult, labels: NDArray[np.float64], folds: NDArray[np.int32], metrics: Metrics
) -> Leaderboard:
    """Compare the members of a model and their blend.

    Parameters
    ----------
    part
        The model.
    labels, folds
        (n_validated,): what it is judged on.
    metrics
        What is computed.
    """
    sign = 1 if metrics.by.is_error else -1
    members = [_score(member, labels, folds, metrics.columns) for member in part.members]
    return Leaderboard(
        ensemble=_score(part.ensemble, labels, folds, metrics.columns),
        members=tuple(sorted(members, key=lambda member: sign * member.scores[metrics.by.name])),
    )


def _score(
    member: MemberResult, labels: NDArray[np.float64], folds: NDArray[np.int32], metrics: Sequence[Metric]
) -> MemberScores:
    return MemberScores(
        name=member.name,
        kind=member.kind,
        weight=member.weight,
        scores={metric.name: metric.compute(labels, member.predictions) for metric in metrics},
        folds=tuple(
            _score_fold(int(fold), labels[folds == fold], member.predictions[folds == fold], metrics)
            for fold in np.unique(folds)
        ),
        worth=member.worth,
    )


def _score_fold(
    fold: int, labels: NDArray[np.float64], predictions: NDArray[np.float64], metrics: Sequence[Metric]
) -> FoldScores:
    can_tell = np.ptp(labels) > 0
    return FoldScores(
        fold=fold,
        n_users=len(labels),
        scores={metric.name: metric.compute(labels, predictions) if can_tell else None for metric in metrics},
    )
