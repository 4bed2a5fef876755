"""The multi-task member: a network that many questions share, and how far labels of one more move its head."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.errors import DataError
from yule.metrics.scores import roc_auc
from yule.models.members import load_model, take_up
from yule.models.neural.balance import balance_questions
from yule.models.neural.multitask import Multitask, SharedNetwork, move_head
from yule.testing.models import context

N_QUESTIONS = 12


def ask(weights: NDArray[np.float64], *, n_users: int, seed: int) -> Labelled:
    """Return users with labels by some weights of three columns; the intercept stands last."""
    rng = np.random.default_rng(seed)
    numeric = rng.normal(size=(n_users, 3)).astype(np.float32)
    chances = 1 / (1 + np.exp(-numeric @ weights[:3] - weights[3]))
    features = Features(
        numeric=numeric,
        codes=np.empty((n_users, 0), np.int32),
        numeric_names=("often", "lately", "else"),
        categorical_names=(),
        vocabularies=(),
    )
    return Labelled(features=features, labels=(rng.random(n_users) < chances).astype(np.float64))


def join(parts: list[Labelled]) -> Labelled:
    features = replace(
        parts[0].features,
        numeric=np.concatenate([part.features.numeric for part in parts]),
        codes=np.concatenate([part.features.codes for part in parts]),
    )
    labels = np.concatenate([part.labels for part in parts])
    questions = np.repeat(np.arange(len(parts)), [len(part.labels) for part in parts])
    return Labelled(features=features, labels=labels, questions=questions)


@pytest.fixture(scope="module")
def shared() -> SharedNetwork:
    """All questions say that ``often`` counts; they differ in ``lately`` alone."""
    rng = np.random.default_rng(0)
    asked = [
        ask(np.array([2.0, rng.normal(), 0.0, rng.normal(-1)]), n_users=800, seed=number)
        for number in range(N_QUESTIONS)
    ]
    settings = Multitask(batch_size=256, hidden_sizes=(16,), penalty=10)
    return settings.fit(join(asked), join(asked[:2]), context=context())


OWN = np.array([2.0, 2.0, 0.0, -3.0])
"""A further question: as the others, but for ``lately``, and rarer."""

TEST = ask(OWN, n_users=4000, seed=100)


def judge(model) -> float:
    return roc_auc(TEST.labels, model.predict(TEST.features, n_threads=1))


def test_a_question_is_answered_without_a_label_of_it(shared: SharedNetwork) -> None:
    assert judge(shared) > 0.7


@pytest.mark.parametrize("n_users", [50, 200, 1000])
def test_labels_make_it_better_even_if_they_are_few(shared: SharedNetwork, n_users: int) -> None:
    moved = [judge(move_head(shared, ask(OWN, n_users=n_users, seed=200 + draw))) for draw in range(10)]
    assert np.mean(moved) > judge(shared)


def test_what_all_questions_have_in_common_few_labels_do_not_change(shared: SharedNetwork) -> None:
    strange = ask(np.array([-2.0, 0.0, 0.0, -1.0]), n_users=20, seed=1)
    assert judge(move_head(shared, strange)) > 0.65


def test_labels_say_how_common_it_is(shared: SharedNetwork) -> None:
    predictions = move_head(shared, ask(OWN, n_users=2000, seed=3)).predict(TEST.features, n_threads=1)
    assert abs(predictions.mean() - TEST.labels.mean()) < 0.03


def test_labels_move_the_head_and_nothing_else(shared: SharedNetwork) -> None:
    moved = move_head(shared, ask(OWN, n_users=500, seed=4)).weights
    assert {name for name, weight in shared.model.weights.items() if weight.tobytes() != moved[name].tobytes()} == {
        "output.weight",
        "output.bias",
    }


def test_the_same_labels_give_the_same_bits(shared: SharedNetwork) -> None:
    learned = ask(OWN, n_users=300, seed=5)
    first, second = (move_head(shared, learned).weights["output.weight"] for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_what_becomes_of_it_is_a_network_that_is_kept_like_any(shared: SharedNetwork, tmp_path: Path) -> None:
    learned = ask(OWN, n_users=300, seed=6)
    model = take_up(shared, learned, names=learned.features.names)
    model.save(tmp_path)
    loaded = load_model(tmp_path).predict(TEST.features, n_threads=1)
    assert loaded.tobytes() == model.predict(TEST.features, n_threads=1).tobytes()


def test_questions_that_everybody_answers_alike_tell_nothing() -> None:
    part = ask(OWN, n_users=64, seed=7)
    parts = [replace(part, labels=np.full(64, label)) for label in (0.0, 1.0)]
    with pytest.raises(DataError, match="No question"):
        Multitask(batch_size=32, n_epochs=1).fit(join(parts), part, context=context())


def test_shuffled_labels_of_other_questions_tell_nothing() -> None:
    rng = np.random.default_rng(9)
    asked = [ask(np.array([2.0, 0.0, 0.0, -1.0]), n_users=800, seed=number) for number in range(4)]
    shuffled = [replace(part, labels=rng.permutation(part.labels)) for part in asked]
    settings = Multitask(batch_size=256, hidden_sizes=(16,))
    told, untold = (
        settings.fit(join(parts), join(parts), context=context()).predict(TEST.features, n_threads=1)
        for parts in (asked, shuffled)
    )
    assert untold.std() < 0.2 * told.std()


def test_a_large_question_weighs_by_the_root_of_its_size_and_a_rare_one_more() -> None:
    small, large = (ask(OWN, n_users=n_users, seed=8) for n_users in (400, 1600))
    rare = replace(small, labels=np.zeros(400))
    weights = balance_questions(join([small, large, rare]))
    assert weights is not None
    assert weights.mean() == pytest.approx(1)
    by_question = np.split(weights, [400, 2000])
    assert by_question[1].sum() / by_question[0].sum() == pytest.approx(2, rel=0.15)
    assert by_question[2].sum() > by_question[0].sum()


def test_a_class_takes_it_under_the_names_of_its_own_columns(shared: SharedNetwork) -> None:
    learned = ask(OWN, n_users=100, seed=10)
    renamed = replace(learned.features, numeric_names=("a", "b", "c"))
    assert list(move_head(shared, replace(learned, features=renamed)).importance) == ["a", "b", "c"]
