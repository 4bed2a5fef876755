import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from yule.core.dataset import Features
from yule.core.examples import Examples
from yule.core.tracker import SilentTracker
from yule.metrics.scores import roc_auc
from yule.models.protocol import FitContext
from yule.training.fitting import (
    MODEL,
    fit_fold,
    join_out_of_fold,
    read_importance,
    read_out_of_fold,
    write_fold_fit,
)
from yule.training.folds import assign_folds, split_fold
from yule.training.prepared import see_as_they_are
from yule.training.settings import FoldSettings

CONTEXT = FitContext(seed=0, n_threads=1, tracker=SilentTracker())


@dataclass(frozen=True)
class LinearModel:
    names: tuple[str, ...]
    weights: np.ndarray
    n_steps: int
    seen: frozenset[float]

    @property
    def importance(self) -> Mapping[str, float]:
        shares = np.abs(self.weights) / np.abs(self.weights).sum()
        return dict(zip(self.names, shares.tolist(), strict=True))

    def predict(self, features, *, n_threads):
        assert n_threads == 1
        return 1 / (1 + np.exp(-(features.numeric.astype(np.float64) * self.weights).sum(axis=1)))

    def save(self, folder):
        (folder / "weights.json").write_text(json.dumps(self.weights.tolist()))


@dataclass(frozen=True)
class LinearScorer:
    """Ridge regression in closed form; a step is a tenfold smaller penalty. The first column numbers the rows."""

    name: str = "linear"

    def fit(self, train, stop, *, context):
        models = [self._solve(train, n_steps=n_steps, context=context) for n_steps in range(1, 6)]
        losses = [((model.predict(stop.features, n_threads=1) - stop.labels) ** 2).mean() for model in models]
        return models[int(np.argmin(losses))]

    def _solve(self, train, *, n_steps, context):
        assert context is CONTEXT
        values = train.features.numeric.astype(np.float64)
        values[:, 0] = 0
        penalty = 10.0 ** (3 - n_steps) * np.eye(values.shape[1])
        weights = np.linalg.solve(values.T @ values + penalty, values.T @ (2 * train.labels - 1))
        weights[0] = 1e-12
        return LinearModel(train.features.names, weights, n_steps, frozenset(train.features.numeric[:, 0].tolist()))


def make_case(n_users=200, n_cutoffs=3):
    random = np.random.default_rng(0)
    values = random.normal(size=(n_users * n_cutoffs, 3))
    labels = (values[:, 1] + random.normal(size=len(values)) > 0.8).astype(np.float64)
    values[:, 0] = np.arange(len(values))
    examples = Examples(
        user_ids=np.tile(np.array([f"user-{i:03}" for i in range(n_users)], dtype=object), n_cutoffs),
        cutoffs=np.repeat(np.datetime64("2024-01-01", "us") + np.arange(n_cutoffs) * np.timedelta64(14, "D"), n_users),
        labels=labels,
    )
    features = Features(
        numeric=values.astype(np.float32),
        codes=np.zeros((len(values), 0), np.int32),
        numeric_names=("row", "cause", "noise"),
        categorical_names=(),
        vocabularies=(),
    )
    folds = assign_folds(examples, FoldSettings(n_folds=4), horizon=timedelta(days=14))
    return examples, features, folds


def fit(examples, features, folds, *, fold):
    return fit_fold(LinearScorer(), examples, see_as_they_are(features), folds, fold=fold, context=CONTEXT)


def test_a_fold_is_fitted_without_the_users_it_holds_out():
    examples, features, folds = make_case()
    fitted = fit(examples, features, folds, fold=1)
    rows = split_fold(examples, folds, 1)
    assert fitted.model.seen == set(rows.train.tolist())
    np.testing.assert_array_equal(fitted.rows, rows.held_out)
    assert not set(examples.user_ids[sorted(int(row) for row in fitted.model.seen)]) & set(
        examples.user_ids[fitted.rows]
    )


def test_out_of_fold_scores_rank_users_nobody_has_seen():
    examples, features, folds = make_case()
    fitted = fit(examples, features, folds, fold=0)
    assert roc_auc(examples.labels[fitted.rows], fitted.scores) > 0.7


def test_a_written_fold_fit_reads_back_equal(tmp_path):
    examples, features, folds = make_case()
    fitted = fit(examples, features, folds, fold=2)
    write_fold_fit(fitted, tmp_path)
    rows, scores = read_out_of_fold(tmp_path)
    np.testing.assert_array_equal(rows, fitted.rows)
    np.testing.assert_array_equal(scores, fitted.scores)
    assert read_importance(tmp_path) == fitted.model.importance
    assert (tmp_path / MODEL / "weights.json").exists()


def test_equal_fits_are_written_as_equal_bytes(tmp_path):
    written = []
    for name in ("first", "second"):
        folder: Path = tmp_path / name
        folder.mkdir()
        examples, features, folds = make_case()
        write_fold_fit(fit(examples, features, folds, fold=0), folder)
        written.append([file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()])
    assert written[0] == written[1]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1)])
def test_out_of_fold_predictions_of_all_members_stand_side_by_side(tmp_path, order):
    examples, features, folds = make_case()
    fits, expected = [], np.full((examples.n_examples, 2), np.nan)
    for member in range(2):
        folders = []
        for fold in order:
            fitted = fit(examples, features, folds, fold=fold)
            folders.append(tmp_path / f"{member}-{fold}")
            folders[-1].mkdir()
            write_fold_fit(fitted, folders[-1])
            expected[fitted.rows, member] = fitted.scores
        fits.append(folders)
    rows, predictions = join_out_of_fold(fits)
    np.testing.assert_array_equal(rows, np.flatnonzero(folds.is_validation))
    np.testing.assert_array_equal(predictions, expected[rows])
