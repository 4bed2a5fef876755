"""Who is like known positives, where nobody is known not to be positive."""

import numpy as np
from numpy.typing import NDArray

from yule.ensemble.prior import calibrate_to_prior
from yule.kinds.curves import CHANCES
from yule.kinds.kind import Kind, LabelCounts
from yule.kinds.labelled import USERS_LIST, YES_OR_NO, count_all, name_the_only_one, tabulate_members, take_as_they_are
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.prediction.ranking import rank_users
from yule.report.positive_unlabelled.cards import draw_positive_unlabelled
from yule.report.positive_unlabelled.numbers import METRICS, PositiveUnlabelledBody, compute_positive_unlabelled
from yule.report.positive_unlabelled.words import describe_positive_unlabelled, judge_positive_unlabelled


def _tell_all(summary: LabelSummary, _: tuple[str, ...]) -> str:
    return f"{summary.n_positives} known positives"


def _tell_cutoff(cutoff: CutoffSummary, _: NDArray[np.float64], __: tuple[str, ...]) -> str:
    n_unlabelled = cutoff.n_users - cutoff.n_positives
    return f"{cutoff.n_positives:>8} positives  {n_unlabelled:>9} unlabelled users to draw from"


POSITIVE_UNLABELLED = Kind(
    name="positive_unlabelled",
    target="binary",
    supervision="positive_unlabelled",
    name_parts=name_the_only_one,
    checks=YES_OR_NO,
    body=PositiveUnlabelledBody,
    compute=compute_positive_unlabelled,
    metrics=METRICS,
    describe=describe_positive_unlabelled,
    judge=judge_positive_unlabelled,
    draw=draw_positive_unlabelled,
    tabulate=lambda head, _: tabulate_members(head, METRICS),
    lists=(USERS_LIST,),
    rank=rank_users,
    combine=take_as_they_are,
    calibrate=calibrate_to_prior,
    counts=LabelCounts(tell_all=_tell_all, tell_cutoff=_tell_cutoff, divide=count_all),
    charts=CHANCES,
)
