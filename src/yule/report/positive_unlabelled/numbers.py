"""The numbers of a report on known positives."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.core.errors import CorruptedOutput
from yule.ensemble.prior import ClassPrior
from yule.metrics.intervals import Interval, roc_auc_interval
from yule.metrics.recall import RecallRow, recall_table
from yule.metrics.scores import roc_auc
from yule.report.board import Metric, Metrics
from yule.report.data import ReportData
from yule.report.head import ReportHead, make_head
from yule.report.quality import CURVE_FRACTIONS, FRACTIONS, CurvePoint, share_range

TENTH = 0.1


def _recall(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    (row,) = recall_table(labels, scores, [TENTH])
    return row.recall


# A chance that a known positive ranks above an unlabelled user. Some of these are positive too, so the chance to rank
# above a negative is higher.
AUC = Metric(name="auc_against_unlabelled", title="AUC against unlabelled", compute=roc_auc)
RECALL = Metric(name="recall", title="positives in the top 10%", compute=_recall, form=".1%")

METRICS = Metrics(columns=(AUC, RECALL), by=AUC)


@dataclass(frozen=True, kw_only=True)
class PositiveUnlabelledBody:
    """What a report says of known positives. None of it needs a user who is known not to be positive.

    Parameters
    ----------
    n_known, n_unlabelled
        Users the list was tested on.
    prior
        Share of positives among the unlabelled users, by two methods.
    is_chance
        Whether scores are chances: the two methods agree.
    recalls, curve
        Share of the known positives in a top fraction of the list, for each of ``FRACTIONS`` and at about fifty depths.
    auc_against_unlabelled, auc_range
        Chance that a known positive ranks above an unlabelled user; the range holds 90 of 100 resamples of the users.
    """

    n_known: int
    n_unlabelled: int
    prior: ClassPrior
    is_chance: bool
    recalls: tuple[RecallRow, ...]
    curve: tuple[CurvePoint, ...]
    auc_against_unlabelled: float
    auc_range: Interval


def compute_positive_unlabelled(data: ReportData) -> tuple[ReportHead, PositiveUnlabelledBody]:
    """Compute all numbers of a report on known positives."""
    (part,) = data.parts
    if part.prior is None:
        raise CorruptedOutput("The blend of a list of positives says nothing of the others. Delete it and run again.")
    scores, n_known = part.ensemble.predictions, int(data.labels.sum())
    return make_head(data, data.findings, METRICS, [data.labels]), PositiveUnlabelledBody(
        n_known=n_known,
        n_unlabelled=len(data.labels) - n_known,
        prior=part.prior,
        is_chance=part.prior.is_known,
        recalls=recall_table(data.labels, scores, FRACTIONS),
        curve=_curve(data.labels, scores),
        auc_against_unlabelled=roc_auc(data.labels, scores),
        auc_range=roc_auc_interval(data.labels, scores, seed=0),
    )


def _curve(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> tuple[CurvePoint, ...]:
    n_known = int(labels.sum())
    points = []
    for row in recall_table(labels, scores, CURVE_FRACTIONS):
        low, high = share_range(row.recall, n_known) if row.fraction < 1 else (1.0, 1.0)
        points.append(CurvePoint(fraction=row.fraction, recall=row.recall, low=low, high=high))
    return tuple(points)
