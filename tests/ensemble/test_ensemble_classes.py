"""Facts about chances of classes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from yule.ensemble.classes import (
    Combination,
    combine,
    combine_out_of_fold,
    fit_combination,
    leave_ratios,
    read_chances,
    read_combination,
    write_combination,
)

NAMES = ("a", "b", "c")
PROBABILITIES = st.lists(
    st.lists(st.sampled_from([0.0, 1e-12, 1e-6, 0.2, 0.5, 0.9, 1 - 1e-12]), min_size=3, max_size=3),
    min_size=1,
    max_size=20,
).map(np.array)
COMBINATIONS = st.builds(
    Combination,
    names=st.just(NAMES),
    slope=st.floats(0.001, 3),
    intercepts=st.tuples(*[st.floats(-5, 5)] * 3),
)


def draw_users(seed: int, *, spread: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw chances of 600 users and their classes; ``spread`` above 1 makes the chances too sure."""
    random = np.random.default_rng(seed)
    values = random.normal(0, 1, (600, 3)) + np.array([1.0, 0.0, -1.0])
    chances = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    labels = (random.random((600, 1)) > np.cumsum(chances, axis=1)).sum(axis=1).astype(float)
    told = np.exp(spread * values)
    return told / told.sum(axis=1, keepdims=True), labels


@given(COMBINATIONS, PROBABILITIES)
@settings(deadline=None)
def test_chances_sum_to_one_and_depend_on_no_other_user(
    combination: Combination, probabilities: NDArray[np.float64]
) -> None:
    chances = combine(combination, probabilities)
    assert (np.abs(chances.sum(axis=1) - 1) < 1e-12).all()
    assert (chances >= 0).all()
    alone = np.concatenate([combine(combination, row[None]) for row in probabilities])
    assert (alone == chances).all()


@given(PROBABILITIES.filter(lambda probabilities: bool((probabilities.min(axis=1) > 0).all())))
@settings(deadline=None)
def test_ratios_are_left_by_dividing_by_the_sum(probabilities: NDArray[np.float64]) -> None:
    expected = probabilities / probabilities.sum(axis=1, keepdims=True)
    assert np.allclose(combine(leave_ratios(NAMES), probabilities), expected, rtol=1e-9, atol=1e-15)


def test_chances_that_are_too_sure_are_tamed() -> None:
    told, labels = draw_users(0, spread=2.0)
    found = fit_combination(told, labels, names=NAMES)
    assert 0.4 < found.slope < 0.6
    combined = combine_out_of_fold(told, labels, (np.arange(600) % 5).astype(np.int32), names=NAMES)
    assert combined.combination == found


def test_the_fit_gives_every_class_its_share() -> None:
    told, labels = draw_users(1, spread=1.5)
    chances = combine(fit_combination(told * [0.2, 1.0, 3.0], labels, names=NAMES), told * [0.2, 1.0, 3.0])
    assert np.allclose(chances.mean(axis=0), np.bincount(labels.astype(int)) / 600, atol=1e-3)


def test_right_chances_are_left_as_they_are_unless_unseen_users_gain() -> None:
    told, labels = draw_users(3)
    folds = (np.arange(600) % 5).astype(np.int32)
    combined = combine_out_of_fold(told, labels, folds, names=NAMES)
    rows = np.arange(600)
    loss, as_is = (-np.log(table[rows, labels.astype(int)]).mean() for table in (combined.chances, told))
    assert loss <= as_is
    assert abs(loss - as_is) < 0.01


def test_what_is_written_is_read_back(tmp_path) -> None:  # type: ignore[no-untyped-def]
    told, labels = draw_users(4, spread=2.0)
    combined = combine_out_of_fold(told, labels, (np.arange(600) % 5).astype(np.int32), names=NAMES)
    write_combination(combined, tmp_path, rows=np.arange(600) * 2)
    assert read_combination(tmp_path) == combined.combination
    rows, chances = read_chances(tmp_path)
    assert (rows == np.arange(600) * 2).all()
    assert (chances == combined.chances).all()
