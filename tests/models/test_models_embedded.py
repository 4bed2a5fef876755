"""The embedded member: which of what users have had counts, by few labels."""

from dataclasses import replace

import numpy as np
import pytest

from yule.core.dataset import Features, Labelled
from yule.core.meanings import Meaning
from yule.metrics.scores import roc_auc
from yule.models.linear.embedded import Embedded
from yule.models.linear.logistic import LogisticRegression
from yule.models.linear.model import LinearModel
from yule.testing.models import context

N_DIMENSIONS = 16


def ask(n_users: int, *, seed: int) -> Labelled:
    """Return users with embeddings of brands and of shops; labels go by the first four dimensions of brands."""
    rng = np.random.default_rng(seed)
    sizes = 0.9 ** np.arange(N_DIMENSIONS)
    brands, shops = (rng.normal(size=(n_users, N_DIMENSIONS)) * sizes for _ in range(2))
    log_odds = 1.5 * brands[:, :4].sum(axis=1)
    names = [f"{of}_{place}" for of in ("brand", "shop") for place in range(N_DIMENSIONS)]
    meanings = {
        name: Meaning(feature_set="items", table="visits", aggregate="svd", column=name.partition("_")[0])
        for name in names
    }
    features = Features(
        numeric=np.concatenate([brands, shops], axis=1).astype(np.float32),
        codes=np.empty((n_users, 0), np.int32),
        numeric_names=tuple(names),
        categorical_names=(),
        vocabularies=(),
        meanings=meanings,
    )
    return Labelled(features=features, labels=(rng.random(n_users) < 1 / (1 + np.exp(-log_odds))).astype(np.float64))


TEST = ask(2000, seed=100)


def fit(train: Labelled) -> LinearModel:
    return Embedded().fit(train, 1, context=context())


def judge(model: LinearModel) -> float:
    return roc_auc(TEST.labels, model.predict(TEST.features, n_threads=1))


def share_of(model: LinearModel, of: str) -> float:
    return sum(share for name, share in model.importance.items() if name.startswith(of))


@pytest.mark.parametrize("n_users", [60, 300])
def test_few_labels_say_more_with_a_prior_for_each_group(n_users: int) -> None:
    train, stop = ask(n_users, seed=1), ask(n_users // 3, seed=2)
    assert judge(fit(train)) > judge(LogisticRegression().fit(train, stop, context=context())) + 0.02


def test_where_nothing_varies_all_have_the_same_chance() -> None:
    train = ask(300, seed=1)
    same = replace(train.features, numeric=np.zeros_like(train.features.numeric))
    scores = fit(replace(train, features=same)).predict(TEST.features, n_threads=1)
    assert np.ptp(scores) == 0
    assert scores[0] == pytest.approx(train.labels.mean(), abs=0.01)


def test_of_many_labels_a_group_that_says_nothing_has_next_to_no_share() -> None:
    assert share_of(fit(ask(1000, seed=1)), "shop") < 0.06


def test_what_is_far_from_others_is_not_told_apart_by_its_size_alone() -> None:
    train = ask(300, seed=1)
    larger = replace(train.features, numeric=train.features.numeric * np.float32(1e-2))
    model = fit(replace(train, features=larger))
    scores = model.predict(replace(TEST.features, numeric=TEST.features.numeric * np.float32(1e-2)), n_threads=1)
    assert roc_auc(TEST.labels, scores) == pytest.approx(judge(fit(train)), abs=0.02)
