"""Report data for the tests of the report room: a made-up population with known odds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from yule.core.meanings import Meaning
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.report.data import FeatureImportance, MemberResult, PartResult, ReportData

CUTOFF = datetime(2024, 3, 1, tzinfo=UTC)


def make_report_data(n_users: int = 500, *, n_members: int = 3, n_folds: int = 5) -> ReportData:
    """Make up the data of a report."""
    random = np.random.default_rng(0)
    chances = random.beta(0.6, 3.0, n_users)
    labels = (random.random(n_users) < chances).astype(np.float64)
    labels[:2] = (0.0, 1.0)
    folds = np.arange(n_users, dtype=np.int32) % n_folds
    for fold in range(n_folds):
        labels[np.flatnonzero(folds == fold)[:2]] = (0.0, 1.0)
    members = tuple(
        MemberResult(
            name=f"member {number}",
            kind="lightgbm",
            weight=1 / n_members,
            predictions=np.clip(chances + random.normal(0, 0.05, n_users), 0.001, 0.999),
        )
        for number in range(n_members)
    )
    return ReportData(
        case="made-up",
        question="Who will buy <b>tea</b> & biscuits?",
        cutoff=CUTOFF,
        horizon=timedelta(days=28),
        scores=np.sort(np.clip(chances, 0.001, 0.999))[::-1, None],
        outcome=None,
        labels=labels,
        folds=folds,
        validation_cutoffs=(CUTOFF - timedelta(days=28),),
        is_later=True,
        all_labels=labels,
        all_cutoffs=np.full(n_users, CUTOFF.replace(tzinfo=None), dtype="datetime64[us]"),
        parts=(
            PartResult(
                ensemble=MemberResult(
                    name="blend", kind="ensemble", weight=1.0, predictions=np.clip(chances, 0.001, 0.999)
                ),
                members=members,
                features=(
                    FeatureImportance(
                        name="shop__count__28d",
                        meaning=Meaning(feature_set="shop", aggregate="count", windows=(timedelta(days=28),)),
                        share=0.6,
                    ),
                    FeatureImportance(name="age", meaning=Meaning(column="age"), share=0.4),
                ),
                told_weight=1.0,
            ),
        ),
        history=LabelSummary(cutoffs=(CutoffSummary(cutoff=CUTOFF, n_users=n_users, n_positives=int(labels.sum())),)),
        resolved="question: Who?\n",
    )


def with_outcome(data: ReportData, outcome: np.ndarray) -> ReportData:
    """Return the data with what came of the users."""
    return replace(data, outcome=outcome)


def change_part(data: ReportData, **changes: object) -> ReportData:
    """Return the data with another only model."""
    (part,) = data.parts
    return replace(data, parts=(replace(part, **changes),))
