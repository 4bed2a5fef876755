"""Which of several classes: a chance of each for every user, by one model for each against the rest."""

import numpy as np
from numpy.typing import NDArray

from yule.checks.evidence import summarise_class
from yule.checks.listing import (
    OF_COLUMNS,
    OF_CONFLICTS,
    OF_COUNTS,
    OF_DUPLICATES,
    OF_FOLDS,
    OF_SECRETS,
    OF_USERS,
    Checks,
)
from yule.core.examples import Examples
from yule.ensemble.classes import normalise
from yule.kinds.curves import CHANCES
from yule.kinds.kind import Kind, LabelCounts, ListFile, Table
from yule.kinds.labelled import USERS_LIST, keep_blend
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.prediction.classes import rank_classes
from yule.report.head import ReportHead
from yule.report.multiclass.cards import draw_multiclass
from yule.report.multiclass.numbers import METRICS, MulticlassBody, compute_multiclass
from yule.report.multiclass.words import describe_multiclass, judge_multiclass
from yule.report.words import count, share


def _tell_all(summary: LabelSummary, names: tuple[str, ...]) -> str:
    return f"{summary.n_users} labelled users of {len(names)} classes"


def _tell_cutoff(cutoff: CutoffSummary, labels: NDArray[np.float64], names: tuple[str, ...]) -> str:
    counts = np.bincount(labels.astype(np.intp), minlength=len(names))
    told = "  ".join(f"{number} {name}" for name, number in zip(names, counts, strict=True))
    return f"{cutoff.n_users:>9} users  {told}"


def _divide(summary: LabelSummary, examples: Examples, names: tuple[str, ...]) -> tuple[tuple[str, LabelSummary], ...]:
    return tuple((name, summarise_class(summary, examples, number)) for number, name in enumerate(names))


def _tabulate(_: ReportHead, body: MulticlassBody) -> Table:
    """Tell the classes; their members are on the page."""
    rows = [
        (
            one.name,
            count(round(one.expected)),
            count(one.n_likeliest),
            share(one.validation.n_positives / one.validation.n_users),
            f"{one.validation.roc_auc:.4f}",
            f"{one.validation.log_loss:.4f}",
        )
        for one in body.classes
    ]
    told = body.validation
    return Table(
        headings=("class", "expected", "likeliest", "share in test", "AUC", "log loss"),
        rows=(*rows, ("all classes", "", "", "", f"{told.macro_auc:.4f}", f"{told.log_loss:.4f}")),
    )


MULTICLASS = Kind(
    name="multiclass",
    target="multiclass",
    supervision="full",
    name_parts=lambda labels: labels.class_names,
    checks=Checks(
        whole=(*OF_FOLDS, *OF_USERS, *OF_DUPLICATES, *OF_COLUMNS),
        each=(*OF_SECRETS, *OF_COUNTS, *OF_CONFLICTS),
    ),
    body=MulticlassBody,
    compute=compute_multiclass,
    metrics=METRICS,
    describe=describe_multiclass,
    judge=judge_multiclass,
    draw=draw_multiclass,
    tabulate=_tabulate,
    lists=(USERS_LIST, ListFile(title="lists", file="lists.csv", note=", one for each class")),
    rank=rank_classes,
    combine=normalise,
    calibrate=keep_blend,
    counts=LabelCounts(tell_all=_tell_all, tell_cutoff=_tell_cutoff, divide=_divide),
    charts=CHANCES,
)
