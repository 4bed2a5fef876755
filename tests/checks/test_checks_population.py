import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from checks_toys import make_evidence, make_features, with_column

from yule.checks.evidence import Evidence, choose_examples, choose_users
from yule.checks.measures.drift import population_stability
from yule.checks.measures.quick import shuffle_labels
from yule.checks.population import check_population, compare_population
from yule.core.dataset import Features
from yule.messages.finding import Finding
from yule.messages.telling import tell

SOUND = make_evidence(800)


def find(evidence: Evidence) -> Finding:
    (finding,) = check_population(evidence.sample, evidence.scored, 0)
    return finding


def with_scored(evidence: Evidence, column: int, values: np.ndarray) -> Evidence:
    numeric = evidence.scored.features.numeric.copy()
    numeric[:, column] = values
    return replace(
        evidence, scored=replace(evidence.scored, features=replace(evidence.scored.features, numeric=numeric))
    )


def test_other_users_are_told_apart_and_the_reason_is_named() -> None:
    found = find(with_scored(SOUND, 1, np.random.default_rng(0).normal(3, 1, 800)))
    assert (found.severity, tell(found).title) == ("warn", "The population is unlike the labelled users")
    assert "It goes by shop: noise (PSI " in tell(found).seen


def test_a_tenure_that_grows_by_construction_is_no_drift() -> None:
    found = find(SOUND)
    assert found.severity == "ok"
    assert "shop: tenure tells the time by construction and is left out of this." in tell(found).seen


def test_growth_is_seen_with_a_single_label_cutoff_too() -> None:
    found = find(make_evidence(800, n_cutoffs=1))
    assert found.severity == "ok"
    assert "shop: tenure tells the time" in tell(found).seen


def test_what_is_the_same_for_all_users_of_a_cutoff_tells_the_time() -> None:
    evidence = make_evidence(800, n_cutoffs=1)
    found = find(with_scored(with_column(evidence, 1, np.full(800, 0.3)), 1, np.full(800, 0.4)))
    assert found.severity == "ok"
    assert "shop: noise" in tell(found).seen


def test_a_feature_that_is_empty_now_is_no_matter_of_time() -> None:
    evidence = make_evidence(800, n_cutoffs=1)
    assert find(with_scored(evidence, 1, np.zeros(800))).severity == "warn"


def test_a_feature_that_moved_between_label_cutoffs_already_is_left_out() -> None:
    place = np.repeat(np.arange(3), 800)
    noise = np.random.default_rng(0).normal(size=3200)
    moving = with_scored(with_column(SOUND, 1, place + noise[:2400]), 1, 3 + noise[2400:])
    compared = compare_population(moving.sample, moving.scored, 0)
    assert compared is not None
    assert compared.left_out == {"shop__noise", "shop__tenure"}
    assert find(moving).severity == "ok"


def test_a_feature_that_moves_much_more_than_before_is_looked_at() -> None:
    place = np.repeat(np.arange(3), 800)
    noise = np.random.default_rng(0).normal(size=3200)
    jumping = with_scored(with_column(SOUND, 1, place / 2 + noise[:2400]), 1, 8 + noise[2400:])
    assert find(jumping).severity == "warn"


def test_few_users_are_not_compared() -> None:
    assert tell(find(make_evidence(90))).title == "Too little for this check"


def test_new_users_of_the_same_kind_are_like_the_labelled_ones() -> None:
    others = make_evidence(800, seed=1).scored
    ids = np.array([f"new-{user}" for user in range(800)], dtype=object)
    tenure = make_evidence(800, seed=1).sample.features.numeric[1600:, 2]
    new = with_scored(replace(SOUND, scored=replace(others, user_ids=ids)), 2, tenure)
    assert find(new).severity == "ok"


@given(shift=st.floats(-5, 5), n_users=st.integers(2, 300))
@settings(deadline=None, max_examples=20)
def test_a_stability_index_is_never_negative_and_zero_for_equal_tables(shift: float, n_users: int) -> None:
    before = SOUND.scored.features.take(np.arange(n_users))
    after = replace(before, numeric=(before.numeric + np.float32(shift)).astype(np.float32))
    assert set(population_stability(before, before).values()) == {0.0}
    assert all(0 <= index < np.inf for index in population_stability(before, after).values())


@given(most=st.integers(30, 1500), seed=st.integers(0, 5))
@settings(deadline=None, max_examples=20)
def test_a_sample_keeps_whole_users_of_both_kinds_whatever_the_order_of_rows(most: int, seed: int) -> None:
    examples = SOUND.examples
    rows = choose_examples(examples, most=most, seed=seed)
    users, counts = np.unique(examples.user_ids[rows].astype(str), return_counts=True)
    assert most - 3 < len(rows) <= most
    assert set(counts) == {3}
    assert set(examples.labels[rows]) == {0.0, 1.0}
    order = np.random.default_rng(seed).permutation(examples.n_examples)
    again = choose_examples(examples.take(order), most=most, seed=seed)
    assert set(examples.user_ids[order][again]) == set(users)


def test_users_of_a_population_are_chosen_by_their_ids() -> None:
    users = SOUND.scored.user_ids
    chosen = users[choose_users(users, most=50, seed=0)]
    assert len(chosen) == 50
    assert set(chosen) == set(users[::-1][choose_users(users[::-1], most=50, seed=0)])


@given(seed=st.integers(0, 50))
@settings(deadline=None, max_examples=10)
def test_shuffled_labels_keep_their_number_at_each_cutoff_and_users_stay_whole(seed: int) -> None:
    labels = SOUND.examples.labels.reshape(3, 800)
    shuffled = shuffle_labels(SOUND.sample, seed=seed).examples.labels.reshape(3, 800)
    assert (shuffled.sum(axis=1) == labels.sum(axis=1)).all()
    assert sorted(map(tuple, shuffled.T)) == sorted(map(tuple, labels.T))
    assert np.mean(shuffled == labels) == pytest.approx(0.55, abs=0.1)


def test_a_value_that_most_users_have_does_not_hide_that_others_moved() -> None:
    def table(values: list[float]) -> Features:
        return make_features(np.array([values] * 4).T, np.zeros(len(values)))

    same, moved = table([2.0] * 90 + [1.0, 3.0] * 5), table([0.0] * 60 + [1.0] * 40)
    stability = population_stability(same, moved)
    assert all(stability[name] > 1 for name in same.numeric_names)
    assert set(population_stability(same, same).values()) == {0.0}
