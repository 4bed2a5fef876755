"""Made-up data for every kind of answer: a new kind adds how its labels and its predictions look, and nothing else."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from yule.core.meanings import Meaning
from yule.ensemble.prior import ClassPrior
from yule.kinds import KINDS
from yule.labels.settings import ClassRule, EventRule, Labels, PositiveList
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.messages.message import Message
from yule.preparation.selection.record import SelectionRecord, judge, merge_selections
from yule.report.data import Fact, FeatureImportance, MemberResult, MemberShare, PartResult, ReportData

CUTOFFS = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
AGE, TOWN = "age <u>", "town <u>"
"""Whatever comes from people or from data has a tag in it: no page may take it for one."""

NAMES = [kind.name for kind in KINDS]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Users of a kind: what is so (n_users,), and what a model says of it (n_users, n_parts)."""

    labels: NDArray[np.float64]
    predictions: NDArray[np.float64]


def draw_binary(n_users: int, seed: int) -> Sample:
    random = np.random.default_rng(seed)
    chances = random.beta(0.6, 3.0, n_users).clip(1e-4, 1 - 1e-4)
    labels = (random.random(n_users) < chances).astype(np.float64)
    labels[:2] = (1.0, 0.0)[:n_users]
    return Sample(labels=labels, predictions=chances[:, None])


def draw_regression(n_users: int, seed: int) -> Sample:
    random = np.random.default_rng(seed)
    expected = random.gamma(0.5, 20.0, n_users) + 0.1
    amounts = np.where(random.random(n_users) < 0.3, expected / 0.3, 0.0)
    amounts[:2] = (7.0, 0.0)[:n_users]
    return Sample(labels=amounts, predictions=expected[:, None])


def draw_multiclass(n_users: int, seed: int) -> Sample:
    random = np.random.default_rng(seed)
    values = np.exp(random.normal(0, 1.5, (n_users, 3)))
    chances = values / values.sum(axis=1, keepdims=True)
    labels = np.minimum((random.random((n_users, 1)) > np.cumsum(chances, axis=1)).sum(axis=1), 2).astype(float)
    labels[:3] = np.arange(3)[:n_users]
    return Sample(labels=labels, predictions=chances)


DRAWS = {
    "binary": draw_binary,
    "positive_unlabelled": draw_binary,
    "regression": draw_regression,
    "multiclass": draw_multiclass,
}
PARTS = {"multiclass": ("<b>beer</b>", "tea", "none")}
LABELS: dict[str, Labels] = {
    "binary": EventRule(event="purchases", within=timedelta(days=28), cutoffs=CUTOFFS),
    "positive_unlabelled": PositiveList(download="seeds", cutoffs=CUTOFFS),
    "regression": EventRule(kind="amount", event="purchases", of="price", within=timedelta(days=28), cutoffs=CUTOFFS),
    "multiclass": ClassRule(
        event="purchases", of="shelf", classes=PARTS["multiclass"][:-1], within=timedelta(days=28), cutoffs=CUTOFFS
    ),
}
PRIORS = {"positive_unlabelled": ClassPrior(elkan_noto=0.22, best_bin=0.2, told_apart=0.9)}


def make_data(name: str, *, n_users: int = 300, n_validated: int = 300, n_folds: int = 3) -> ReportData:
    """Make up a run of a kind."""
    scored, tested = DRAWS[name](n_users, 1), DRAWS[name](n_validated, 2)
    order = np.argsort(-scored.predictions.max(axis=1))
    record = SelectionRecord(
        method="gain",
        features=judge(
            {name: Meaning(column=name) for name in (AGE, TOWN)},
            {AGE: 0.75},
            {TOWN: Message(code="dropped-constant")},
        ),
    )
    parts = tuple(
        _make_part(part, tested.predictions[:, number], PRIORS.get(name))
        for number, part in enumerate(PARTS.get(name, ("",)))
    )
    n_positives = int((tested.labels != 0).sum())
    return ReportData(
        case="made-up <u>",
        question="What <i>comes</i> next?",
        cutoff=datetime(2024, 3, 1, tzinfo=UTC),
        horizon=timedelta(days=28),
        parts=tuple(replace(part, selection=merge_selections([record])) for part in parts),
        scores=scored.predictions[order],
        outcome=None,
        labels=tested.labels,
        folds=(np.arange(n_validated) % n_folds).astype(np.int32),
        all_labels=tested.labels,
        all_cutoffs=np.full(n_validated, CUTOFFS[1].replace(tzinfo=None), dtype="datetime64[us]"),
        validation_cutoffs=CUTOFFS[1:],
        is_later=True,
        history=LabelSummary(
            cutoffs=tuple(
                CutoffSummary(
                    cutoff=cutoff,
                    n_users=n_validated,
                    n_positives=n_positives,
                    total=float(tested.labels.sum()) if LABELS[name].loss == "squared_error" else None,
                    deviation=float(tested.labels.std()) if LABELS[name].loss == "squared_error" else None,
                )
                for cutoff in CUTOFFS
            )
        ),
        resolved="question: What?\n",
        facts=(Fact(name="seed <u>", value="0 <u>"),),
    )


def draw_outcome(name: str, n_users: int) -> NDArray[np.float64]:
    """Make up what came of users."""
    return DRAWS[name](n_users, 3).labels


def _make_part(name: str, predictions: NDArray[np.float64], prior: ClassPrior | None) -> PartResult:
    noise = np.random.default_rng(4).uniform(0.7, 1.0, (2, len(predictions)))
    return PartResult(
        name=name,
        ensemble=MemberResult(name="blend", kind="ensemble", weight=1.0, predictions=predictions),
        members=tuple(
            MemberResult(
                name=f"member {number} <u>", kind="lightgbm", weight=0.5, predictions=predictions * noise[number]
            )
            for number in range(2)
        ),
        features=(
            FeatureImportance(
                name=AGE,
                meaning=Meaning(column=AGE),
                share=0.6,
                by_member=(MemberShare(member="member 0 <u>", share=0.6),),
            ),
        ),
        told_weight=1.0,
        prior=prior,
    )
