"""Made-up runs to report on."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yule.core.meanings import Meaning
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.report.data import Fact, FeatureImportance, MemberResult, MemberShare, PartResult, ReportData


def draw_labels(probabilities: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Draw labels that the probabilities are right for; the first two users are of different kinds."""
    labels = (np.random.default_rng(seed).random(len(probabilities)) < probabilities).astype(float)
    labels[:2] = 1.0, 0.0
    return labels


def make_data(
    *, n_users: int = 500, n_validated: int = 500, n_members: int = 3, n_folds: int = 5, question: str = "Who buys?"
) -> ReportData:
    """Make up a run whose blend is calibrated and whose members are noisy copies of it."""
    random = np.random.default_rng(n_users + n_validated)
    probabilities = random.beta(0.6, 3.0, n_validated).clip(1e-4, 1 - 1e-4)
    log_odds = np.log(probabilities / (1 - probabilities))
    members = tuple(
        MemberResult(
            name=f"member_{number}",
            kind="lightgbm",
            weight=1 / n_members,
            predictions=1 / (1 + np.exp(-log_odds - random.normal(0, 0.3, n_validated))),
        )
        for number in range(n_members)
    )
    scores = np.sort(random.beta(0.6, 3.0, n_users).clip(1e-4, 1 - 1e-4))[::-1].copy()
    labels = draw_labels(probabilities, seed=1)
    return ReportData(
        case="made-up",
        question=question,
        run_id="made-up-1",
        cutoff=datetime(2017, 12, 3, tzinfo=UTC),
        horizon=timedelta(days=28),
        scores=scores[:, None],
        outcome=draw_labels(scores, seed=2),
        labels=labels,
        folds=(np.arange(n_validated) % n_folds).astype(np.int32),
        validation_cutoffs=(datetime(2017, 10, 15, tzinfo=UTC),),
        is_later=True,
        all_labels=labels,
        all_cutoffs=np.full(n_validated, "2017-10-15", dtype="datetime64[us]"),
        parts=(
            PartResult(
                ensemble=MemberResult(name="blend", kind="ensemble", weight=1.0, predictions=probabilities),
                members=members,
                features=(
                    FeatureImportance(
                        name="shopping__sum__spend__28d",
                        meaning=Meaning(
                            feature_set="shopping", aggregate="sum", column="spend", windows=(timedelta(days=28),)
                        ),
                        share=0.4,
                        by_member=(MemberShare(member="member_0", share=0.4),),
                    ),
                    FeatureImportance(
                        name="beer__recency", meaning=Meaning(feature_set="beer", aggregate="recency"), share=0.3
                    ),
                ),
                told_weight=1.0,
            ),
        ),
        history=LabelSummary(
            cutoffs=tuple(
                CutoffSummary(
                    cutoff=datetime(2017, month, 15, tzinfo=UTC), n_users=n_validated, n_positives=int(labels.sum())
                )
                for month in (8, 9, 10)
            ),
        ),
        resolved="question: Who buys?\n",
        facts=(Fact(name="commit", value="4f2c1ab"),),
    )
