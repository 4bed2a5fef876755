"""Whether something is so: a yes or no of every user."""

import numpy as np
from numpy.typing import NDArray

from yule.kinds.curves import CHANCES
from yule.kinds.kind import Kind, LabelCounts
from yule.kinds.labelled import (
    USERS_LIST,
    YES_OR_NO,
    count_all,
    keep_blend,
    name_the_only_one,
    tabulate_members,
    take_as_they_are,
)
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.prediction.ranking import rank_users
from yule.report.binary.cards import draw_binary
from yule.report.binary.numbers import METRICS, BinaryBody, compute_binary
from yule.report.binary.words import describe_binary, judge_binary


def _tell_all(summary: LabelSummary, _: tuple[str, ...]) -> str:
    return f"{summary.n_positives} positives among {summary.n_users} labelled users"


def _tell_cutoff(cutoff: CutoffSummary, _: NDArray[np.float64], __: tuple[str, ...]) -> str:
    n_users, n_positives = cutoff.n_users, cutoff.n_positives
    return f"{n_users:>9} users  {n_positives:>8} positives  {n_positives / n_users:.1%}"


BINARY = Kind(
    name="binary",
    target="binary",
    supervision="full",
    name_parts=name_the_only_one,
    checks=YES_OR_NO,
    body=BinaryBody,
    compute=compute_binary,
    metrics=METRICS,
    describe=describe_binary,
    judge=judge_binary,
    draw=draw_binary,
    tabulate=lambda head, _: tabulate_members(head, METRICS),
    lists=(USERS_LIST,),
    rank=rank_users,
    combine=take_as_they_are,
    calibrate=keep_blend,
    counts=LabelCounts(tell_all=_tell_all, tell_cutoff=_tell_cutoff, divide=count_all),
    charts=CHANCES,
)
