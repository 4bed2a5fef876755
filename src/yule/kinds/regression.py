"""How much: an amount of every user."""

import numpy as np
from numpy.typing import NDArray

from yule.checks.listing import OF_COLUMNS, OF_COUNTS, OF_DUPLICATES, OF_FOLDS, OF_SECRETS, OF_USERS, Checks
from yule.kinds.curves import AMOUNTS
from yule.kinds.kind import Kind, LabelCounts
from yule.kinds.labelled import USERS_LIST, count_all, keep_blend, name_the_only_one, tabulate_members, take_as_they_are
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.prediction.ranking import rank_users
from yule.report.regression.cards import draw_regression
from yule.report.regression.numbers import METRICS, RegressionBody, compute_regression
from yule.report.regression.words import describe_regression, judge_regression


def _tell_all(summary: LabelSummary, _: tuple[str, ...]) -> str:
    return f"{summary.total:,.2f} in all; {summary.n_positives} of {summary.n_users} labels are not 0"


def _tell_cutoff(cutoff: CutoffSummary, _: NDArray[np.float64], __: tuple[str, ...]) -> str:
    mean = (cutoff.total or 0.0) / cutoff.n_users
    return f"{cutoff.n_users:>9} users  {cutoff.n_positives:>8} not 0  mean {mean:,.2f}"


REGRESSION = Kind(
    name="regression",
    target="regression",
    supervision="full",
    name_parts=name_the_only_one,
    checks=Checks(
        whole=(*OF_FOLDS, *OF_SECRETS, *OF_USERS, *OF_COUNTS, *OF_DUPLICATES, *OF_COLUMNS),
    ),
    body=RegressionBody,
    compute=compute_regression,
    metrics=METRICS,
    describe=describe_regression,
    judge=judge_regression,
    draw=draw_regression,
    tabulate=lambda head, _: tabulate_members(head, METRICS),
    lists=(USERS_LIST,),
    rank=rank_users,
    combine=take_as_they_are,
    calibrate=keep_blend,
    counts=LabelCounts(tell_all=_tell_all, tell_cutoff=_tell_cutoff, divide=count_all),
    charts=AMOUNTS,
)
