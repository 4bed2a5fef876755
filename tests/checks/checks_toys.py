"""Evidence for the tests of the checks: made-up users in whom nothing is wrong, and ways to spoil it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from yule.checks.evidence import Evidence, Sample, Snapshot, take_folds
from yule.core.dataset import Features
from yule.core.examples import Examples
from yule.core.losses import Loss
from yule.core.meanings import Meaning
from yule.labels.summary import CutoffSummary, LabelSummary
from yule.training.folds import assign_folds
from yule.training.settings import FoldSettings

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(days=28)
MEANINGS = {
    "shop__count__28d": Meaning(feature_set="shop", aggregate="count", windows=(STEP,)),
    "shop__noise": Meaning(feature_set="shop", aggregate="noise"),
    "shop__tenure": Meaning(feature_set="shop", aggregate="tenure"),
    "shop__mean__price__28d": Meaning(feature_set="shop", aggregate="mean", column="price", windows=(STEP,)),
    "profile__town": Meaning(feature_set="profile", aggregate="column", column="town"),
}
TOWNS = ("east", "north", "south", "west")


def make_evidence(n_users: int = 400, *, n_cutoffs: int = 3, n_folds: int = 3, seed: int = 0) -> Evidence:
    """Make up evidence in which nothing is wrong: the same users at all cut-offs, one of them that of the scores."""
    random = np.random.default_rng(seed)
    users = np.array([f"u{user:05}" for user in range(n_users)], dtype=object)
    taste, joined = random.normal(size=n_users), random.uniform(100, 900, n_users)
    town = random.integers(-1, len(TOWNS), n_users)

    def look(index: int) -> Features:
        counts = random.poisson(np.exp(0.5 + 0.6 * taste))
        numeric = [
            counts,
            random.normal(size=n_users),
            joined + 28 * index,
            np.where(counts, random.gamma(2, size=n_users), np.nan),
        ]
        return make_features(np.column_stack(numeric), town)

    parts = [look(index) for index in range(n_cutoffs)]
    cutoffs = [np.datetime64((FIRST + index * STEP).replace(tzinfo=None), "us") for index in range(n_cutoffs + 1)]
    chance = 1 / (1 + np.exp(1.0 - 1.2 * taste))
    labels = [(random.random(n_users) < chance).astype(float) for _ in parts]
    for one in labels:
        one[:10], one[10:20] = 1.0, 0.0
    examples = Examples(
        user_ids=np.tile(users, n_cutoffs), cutoffs=np.repeat(cutoffs[:-1], n_users), labels=np.concatenate(labels)
    )
    folds = assign_folds(examples, FoldSettings(n_folds=n_folds), horizon=STEP)
    return Evidence(
        examples=examples,
        folds=folds,
        horizon=STEP,
        summary=summarize(examples),
        sample=Sample(examples=examples, folds=folds, features=stack(parts)),
        scored=Snapshot(user_ids=users, features=look(n_cutoffs), cutoff=cutoffs[-1]),
        seed=seed,
    )


def make_features(numeric: np.ndarray, town: np.ndarray) -> Features:
    """Return features with these values: numbers (n_users, 4), towns (n_users,)."""
    return Features(
        numeric=numeric.astype(np.float32),
        codes=town[:, None].astype(np.int32),
        numeric_names=("shop__count__28d", "shop__noise", "shop__tenure", "shop__mean__price__28d"),
        categorical_names=("profile__town",),
        vocabularies=(TOWNS,),
        meanings=MEANINGS,
    )


def stack(parts: list[Features]) -> Features:
    """Put tables with the same vocabularies below each other."""
    numeric, codes = (np.concatenate([getattr(part, name) for part in parts]) for name in ("numeric", "codes"))
    return replace(parts[0], numeric=numeric, codes=codes)


def summarize(examples: Examples) -> LabelSummary:
    """Count labels by cut-off."""
    cutoffs = []
    for cutoff in np.unique(examples.cutoffs):
        labels = examples.labels[examples.cutoffs == cutoff]
        at = cutoff.astype(datetime).replace(tzinfo=UTC)
        counted = CutoffSummary(cutoff=at, n_users=len(labels), n_positives=int(np.count_nonzero(labels)))
        if examples.loss == "squared_error":
            counted = replace(counted, total=float(labels.sum()), deviation=float(labels.std()))
        cutoffs.append(counted)
    return LabelSummary(cutoffs=tuple(cutoffs))


def with_column(evidence: Evidence, column: int | slice, values: np.ndarray) -> Evidence:
    """Return evidence in which a numeric feature of the labelled users has other values."""
    numeric = evidence.sample.features.numeric.copy()
    numeric[:, column] = values
    return replace(
        evidence, sample=replace(evidence.sample, features=replace(evidence.sample.features, numeric=numeric))
    )


def with_folds(evidence: Evidence, fold: np.ndarray) -> Evidence:
    """Return evidence with other folds."""
    folds = replace(evidence.folds, fold=fold.astype(np.int32))
    return replace(evidence, folds=folds, sample=replace(evidence.sample, folds=folds))


def with_labels(evidence: Evidence, labels: np.ndarray, loss: Loss = "log_loss") -> Evidence:
    """Return evidence with other labels, counted anew."""
    examples = replace(evidence.examples, labels=labels, loss=loss)
    return replace(
        evidence,
        examples=examples,
        sample=replace(evidence.sample, examples=examples),
        summary=summarize(examples),
    )


def reorder(evidence: Evidence, seed: int) -> Evidence:
    """Return evidence with all rows in another order."""
    random = np.random.default_rng(seed)
    rows = random.permutation(evidence.examples.n_examples)
    return replace(
        evidence,
        examples=evidence.examples.take(rows),
        folds=take_folds(evidence.folds, rows),
        sample=evidence.sample.take(random.permutation(evidence.sample.examples.n_examples)),
        scored=evidence.scored.take(random.permutation(len(evidence.scored.user_ids))),
    )


def shrink(evidence: Evidence, n_users: int) -> Evidence:
    """Return evidence of some users alone."""
    kept = np.isin(evidence.examples.user_ids, evidence.scored.user_ids[:n_users])
    examples = evidence.examples.take(kept)
    return replace(
        evidence,
        examples=examples,
        folds=take_folds(evidence.folds, kept),
        summary=summarize(examples),
        sample=evidence.sample.take(kept),
        scored=evidence.scored.take(np.arange(n_users)),
    )
