"""The refined member: what other questions tell of the weights of one more, and how far its labels move them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.errors import DataError
from yule.metrics.scores import roc_auc
from yule.models.linear.refined import LinearPrior, Refined, refine
from yule.models.members import load_model, take_up
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
def prior() -> LinearPrior:
    """All questions say that ``often`` counts; they differ in ``lately`` alone."""
    rng = np.random.default_rng(0)
    asked = [
        ask(np.array([2.0, rng.normal(), 0.0, rng.normal(-1)]), n_users=1500, seed=number)
        for number in range(N_QUESTIONS)
    ]
    return Refined(penalty=10).fit(join(asked), asked[0], context=context())


OWN = np.array([2.0, 2.0, 0.0, -3.0])
"""A further question: as the others, but for ``lately``, and rarer."""

TEST = ask(OWN, n_users=4000, seed=100)


def judge(model) -> float:
    return roc_auc(TEST.labels, model.predict(TEST.features, n_threads=1))


def test_a_question_is_answered_without_a_label_of_it(prior: LinearPrior) -> None:
    assert judge(prior) > 0.7


@pytest.mark.parametrize("n_users", [30, 100, 1000])
def test_labels_make_it_better_even_if_they_are_few(prior: LinearPrior, n_users: int) -> None:
    refined = [judge(refine(prior, ask(OWN, n_users=n_users, seed=200 + draw))) for draw in range(10)]
    assert np.mean(refined) > judge(prior)


def test_what_all_questions_have_in_common_few_labels_do_not_change(prior: LinearPrior) -> None:
    strange = ask(np.array([-2.0, 0.0, 0.0, -1.0]), n_users=20, seed=1)
    assert judge(refine(prior, strange)) > 0.7


def test_labels_say_how_common_it_is(prior: LinearPrior) -> None:
    predictions = refine(prior, ask(OWN, n_users=2000, seed=3)).predict(TEST.features, n_threads=1)
    assert abs(predictions.mean() - TEST.labels.mean()) < 0.02


def test_weights_move_in_nothing_but_what_questions_differ_in(prior: LinearPrior) -> None:
    moves = refine(prior, ask(OWN, n_users=500, seed=4)).weights[:-1] - prior.model.weights[:-1]
    axes = prior.prior.directions / np.linalg.norm(prior.prior.directions, axis=1, keepdims=True)
    np.testing.assert_allclose(axes.T @ (axes @ moves), moves, atol=1e-9)


def test_the_same_labels_give_the_same_bits(prior: LinearPrior) -> None:
    learned = ask(OWN, n_users=300, seed=5)
    assert refine(prior, learned).weights.tobytes() == refine(prior, learned).weights.tobytes()


def test_a_refined_model_is_a_logistic_regression(prior: LinearPrior, tmp_path: Path) -> None:
    labelled = ask(OWN, n_users=300, seed=6)
    model = take_up(prior, labelled, names=labelled.features.names)
    model.save(tmp_path)
    loaded = load_model(tmp_path).predict(TEST.features, n_threads=1)
    assert loaded.tobytes() == model.predict(TEST.features, n_threads=1).tobytes()


def test_questions_that_everybody_answers_alike_tell_nothing(prior: LinearPrior) -> None:
    one = ask(np.array([2.0, 0.0, 0.0, -1.0]), n_users=500, seed=7)
    nobody = replace(one, labels=np.zeros_like(one.labels))
    without = Refined().fit(join([one, one]), one, context=context())
    beside = Refined().fit(join([one, nobody, one]), one, context=context())
    assert abs(judge(without) - judge(beside)) < 0.01
    with pytest.raises(DataError, match="No question"):
        Refined().fit(join([nobody, nobody]), one, context=context())


def test_how_common_it_is_is_told_by_columns_that_are_the_same_for_all_users() -> None:
    levels = np.random.default_rng(1).uniform(-3, 1, N_QUESTIONS + 1)
    asked = []
    for number, level in enumerate(levels):
        part = ask(np.array([2.0, 0.0, 0.0, level]), n_users=1500, seed=number)
        numeric = part.features.numeric.copy()
        numeric[:, 2] = level
        asked.append(replace(part, features=replace(part.features, numeric=numeric)))
    prior = Refined(penalty=10).fit(join(asked[1:]), asked[1], context=context())
    predictions = prior.predict(asked[0].features, n_threads=1)
    assert abs(predictions.mean() - asked[0].labels.mean()) < 0.05
