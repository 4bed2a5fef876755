"""The embedded member: which of what users have had counts, by few labels."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.meanings import Meaning
from yule.metrics.scores import roc_auc
from yule.models.linear.embedded import Embedded
from yule.models.linear.logistic import LogisticRegression
from yule.models.linear.model import LinearModel
from yule.testing.models import context

N_DIMENSIONS = 16


def ask(n_users: int, *, seed: int) -> Labelled:
    """Return users with embeddings of brands and of shops and with numbers; labels go by the first four brands."""
    rng = np.random.default_rng(seed)
    sizes = 0.9 ** np.arange(N_DIMENSIONS)
    brands, shops = (rng.normal(size=(n_users, N_DIMENSIONS)) * sizes for _ in range(2))
    numbers = rng.normal(size=(n_users, 200))
    log_odds = 1.5 * brands[:, :4].sum(axis=1)
    names = [f"{of}_{place}" for of in ("brand", "shop") for place in range(N_DIMENSIONS)]
    meanings = {
        name: Meaning(feature_set="items", table="visits", aggregate="svd", column=name.partition("_")[0])
        for name in names
    }
    features = Features(
        numeric=np.concatenate([brands, shops, numbers], axis=1).astype(np.float32),
        codes=np.empty((n_users, 0), np.int32),
        numeric_names=(*names, *(f"number{place}" for place in range(numbers.shape[1]))),
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
def test_few_labels_say_more_of_embeddings_than_of_all_features(n_users: int) -> None:
    train, stop = ask(n_users, seed=1), ask(n_users // 3, seed=2)
    assert judge(fit(train)) > judge(LogisticRegression().fit(train, stop, context=context())) + 0.05


def test_it_sees_embeddings_alone() -> None:
    model = fit(ask(300, seed=1))
    assert share_of(model, "number") == 0
    changed = replace(TEST.features, numeric=TEST.features.numeric.copy())
    changed.numeric[:, 2 * N_DIMENSIONS :] = 0
    assert model.predict(changed, n_threads=1).tobytes() == model.predict(TEST.features, n_threads=1).tobytes()


def test_without_embeddings_it_sees_all_features() -> None:
    train = ask(300, seed=1)
    model = fit(replace(train, features=replace(train.features, meanings={})))
    assert share_of(model, "number") > 0


def test_an_embedding_without_a_number_is_none() -> None:
    train = ask(300, seed=1)
    empty: NDArray[np.float32] = train.features.numeric.copy()
    empty[:, : 2 * N_DIMENSIONS] = np.nan
    assert share_of(fit(replace(train, features=replace(train.features, numeric=empty))), "number") == pytest.approx(1)


def test_a_group_that_says_nothing_drops_out() -> None:
    assert share_of(fit(ask(1000, seed=1)), "shop") < 0.02


def test_what_is_far_from_others_is_not_told_apart_by_its_size_alone() -> None:
    train = ask(300, seed=1)
    larger = replace(train.features, numeric=train.features.numeric * np.float32(1e-2))
    model = fit(replace(train, features=larger))
    scores = model.predict(replace(TEST.features, numeric=TEST.features.numeric * np.float32(1e-2)), n_threads=1)
    assert roc_auc(TEST.labels, scores) == pytest.approx(judge(fit(train)), abs=0.02)
