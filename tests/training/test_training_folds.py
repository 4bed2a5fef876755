import math
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from yule.core.errors import DataError
from yule.core.examples import Examples
from yule.labels.summary import Immature
from yule.training.folds import assign_folds, find_fold, read_folds, split_fold, write_folds
from yule.training.settings import FoldSettings
from yule.training.strata import N_SIZES, find_sizes

START = np.datetime64("2024-01-01", "us")
WEEK = timedelta(days=7)


def make_examples(labels_at):
    """Examples from ``labels_at[cut-off in weeks][user]``; None where the user has no label."""
    rows = [
        (f"user-{user}", START + np.timedelta64(WEEK * week), label)
        for week, labels in sorted(labels_at.items())
        for user, label in sorted(enumerate(labels), key=lambda item: f"user-{item[0]}")
        if label is not None
    ]
    user_ids, cutoffs, labels = zip(*rows, strict=True)
    return Examples(
        user_ids=np.array(user_ids, dtype=object),
        cutoffs=np.array(cutoffs, dtype="datetime64[us]"),
        labels=np.array(labels, dtype=np.float64),
    )


@st.composite
def cases(draw):
    """Examples at one to five cut-offs, and settings they can be divided by."""
    n_users, n_folds = draw(st.integers(30, 90)), draw(st.integers(2, 5))
    weeks = draw(st.lists(st.integers(0, 12), min_size=1, max_size=5, unique=True))
    n_validation = draw(st.integers(1, max(1, len(weeks) - 1)))
    horizon = timedelta(days=draw(st.integers(0, 21)))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    labels = []
    for _ in weeks:
        known = [1.0] * 10 + [0.0] * 10  # enough of each kind for the folds, at every cut-off
        drawn = [None if random.uniform() < 0.2 else float(random.uniform() < 0.3) for _ in range(n_users - 20)]
        labels.append([(known + drawn)[user] for user in random.permutation(n_users)])
    examples = make_examples(dict(zip(weeks, labels, strict=True)))
    first_validation = START + np.timedelta64(WEEK * sorted(weeks)[-n_validation:][0])
    assume(len(weeks) == 1 or examples.cutoffs.min() + np.timedelta64(max(horizon, WEEK)) <= first_validation)
    return examples, FoldSettings(n_folds=n_folds, n_validation_cutoffs=n_validation), horizon


@given(cases())
@settings(deadline=None, max_examples=60)
def test_a_user_stays_in_one_fold(case):
    examples, fold_settings, horizon = case
    folds = assign_folds(examples, fold_settings, horizon=horizon)
    fold_of = dict(zip(examples.user_ids, folds.fold, strict=True))
    assert [fold_of[user_id] for user_id in examples.user_ids] == folds.fold.tolist()


@given(cases(), st.data())
@settings(deadline=None, max_examples=40)
def test_a_user_is_in_the_same_fold_in_every_case(case, data):
    examples, fold_settings, horizon = case
    fold_of = dict(zip(examples.user_ids, assign_folds(examples, fold_settings, horizon=horizon).fold, strict=True))
    users = data.draw(st.lists(st.sampled_from(sorted(fold_of)), unique=True))
    others = [f"other-{number}" for number in range(data.draw(st.integers(0, 5)))]
    found = find_fold([*others, *users], fold_settings.n_folds)[len(others) :]
    assert found.tolist() == [fold_of[user_id] for user_id in users]


def test_users_are_in_the_folds_they_have_always_been_in():
    users = ["ann", "bob", "cid", "dan", "1", "2", "3", "花子"]
    assert find_fold(users, 5).tolist() == [2, 1, 1, 1, 3, 0, 4, 3]
    assert (find_fold(users, 10) % 5).tolist() == [2, 1, 1, 1, 3, 0, 4, 3]


@given(st.integers(2, 20), st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_folds_are_as_even_as_chance_makes_them(n_folds, first):
    n_users = 2_000
    counts = np.bincount(find_fold([f"user-{first + number}" for number in range(n_users)], n_folds), minlength=n_folds)
    error = np.sqrt(n_users / n_folds * (1 - 1 / n_folds))
    assert np.abs(counts - n_users / n_folds).max() < 5 * error


@given(cases())
@settings(deadline=None, max_examples=60)
def test_train_stop_and_held_out_have_no_row_in_common(case):
    examples, fold_settings, horizon = case
    folds = assign_folds(examples, fold_settings, horizon=horizon)
    for fold in range(fold_settings.n_folds):
        rows = split_fold(examples, folds, fold)
        together = np.concatenate([rows.train, rows.stop, rows.held_out])
        assert len(np.unique(together)) == len(together)
        assert not set(examples.user_ids[rows.train]) & set(examples.user_ids[rows.held_out])
        assert not set(examples.user_ids[rows.stop]) & set(examples.user_ids[rows.held_out])


@given(cases())
@settings(deadline=None, max_examples=60)
def test_every_validation_row_is_held_out_once(case):
    examples, fold_settings, horizon = case
    folds = assign_folds(examples, fold_settings, horizon=horizon)
    held_out = [split_fold(examples, folds, fold).held_out for fold in range(fold_settings.n_folds)]
    assert np.sort(np.concatenate(held_out)).tolist() == np.flatnonzero(folds.is_validation).tolist()


@given(cases())
@settings(deadline=None, max_examples=60)
def test_no_label_that_is_learned_from_reaches_into_validation(case):
    examples, fold_settings, horizon = case
    folds = assign_folds(examples, fold_settings, horizon=horizon)
    first_validation = examples.cutoffs[folds.is_validation].min()
    if len(np.unique(examples.cutoffs)) > 1:
        assert (examples.cutoffs[folds.is_training] < first_validation).all()
        assert (examples.cutoffs[folds.is_training] + np.timedelta64(horizon) <= first_validation).all()
        for fold in range(fold_settings.n_folds):
            assert folds.is_training[split_fold(examples, folds, fold).train].all()


@given(cases())
@settings(deadline=None, max_examples=60)
def test_every_fold_is_learned_from_and_stopped_by_users_of_both_kinds(case):
    examples, fold_settings, horizon = case
    folds = assign_folds(examples, fold_settings, horizon=horizon)
    for fold in range(fold_settings.n_folds):
        rows = split_fold(examples, folds, fold)
        for part in (rows.train, rows.stop):
            assert set(examples.labels[part]) == {0.0, 1.0}
        assert len(rows.held_out)


def label_by_fold(n_users, n_folds, kinds_of_fold):
    """Labels of users 0, 1, ...: in each fold its kinds take turns."""
    folds = find_fold([f"user-{user}" for user in range(n_users)], n_folds)
    return [kinds_of_fold[fold][user % len(kinds_of_fold[fold])] for user, fold in enumerate(folds)]


def test_a_fold_without_a_positive_is_held_out_all_the_same_and_the_one_after_it_says_when_to_stop():
    labels = label_by_fold(200, 4, {0: [0, 1], 1: [0], 2: [0, 1], 3: [0, 1]})
    examples = make_examples({0: [0, 1] * 100, 5: labels})
    folds = assign_folds(examples, FoldSettings(n_folds=4), horizon=WEEK)
    assert set(examples.labels[split_fold(examples, folds, 1).held_out]) == {0.0}
    assert set(folds.fold[split_fold(examples, folds, 0).stop]) == {2}
    assert set(folds.fold[split_fold(examples, folds, 1).stop]) == {2}
    assert set(folds.fold[split_fold(examples, folds, 3).stop]) == {0}


def test_a_fold_that_lacks_a_class_does_not_say_when_to_stop():
    labels = label_by_fold(200, 4, {0: [0, 1, 2], 1: [0, 1], 2: [2], 3: [0, 1, 2]})
    examples = make_examples({0: [0, 1, 2, 1] * 50, 5: labels})
    folds = assign_folds(examples, FoldSettings(n_folds=4), horizon=WEEK, kinds={"beer": 0, "wine": 1, "none": 2})
    assert [set(folds.fold[split_fold(examples, folds, fold).stop]) for fold in range(4)] == [{3}, {3}, {3}, {0}]


def test_positives_in_one_fold_alone_are_an_error():
    labels = label_by_fold(200, 4, {0: [0], 1: [0], 2: [0, 1], 3: [0]})
    with pytest.raises(DataError, match=r"only \d+ positive users at validation, in 1 of 4 folds, but at least 2 must"):
        assign_folds(make_examples({0: [0, 1] * 100, 5: labels}), FoldSettings(n_folds=4), horizon=WEEK)


def test_a_fold_that_holds_nobody_out_is_an_error():
    users = [user for user, fold in enumerate(find_fold([f"user-{user}" for user in range(99)], 3)) if fold != 1]
    labels = [None] * 99
    for turn, user in enumerate(users):
        labels[user] = turn % 2
    with pytest.raises(DataError, match=r"divided into 3 folds: fold 1 holds nobody out\. At validation"):
        assign_folds(make_examples({0: labels}), FoldSettings(n_folds=3), horizon=WEEK)


def test_cut_offs_whose_horizon_is_open_at_validation_are_used_for_nothing():
    examples = make_examples({week: [1, 0] * 10 for week in range(5)})
    folds = assign_folds(examples, FoldSettings(n_folds=2), horizon=2 * WEEK)
    week = (examples.cutoffs - START) // np.timedelta64(WEEK)
    assert set(week[folds.is_training]) == {0, 1, 2}
    assert set(week[folds.is_validation]) == {4}


def test_with_several_cut_offs_the_next_folds_users_at_validation_say_when_to_stop():
    examples = make_examples({0: [1, 0] * 10, 4: [1, 0] * 10})
    folds = assign_folds(examples, FoldSettings(n_folds=3), horizon=WEEK)
    rows = split_fold(examples, folds, 2)
    assert set(folds.fold[rows.stop]) == {0}
    assert folds.is_validation[rows.stop].all()


def test_with_one_cut_off_a_tenth_of_each_kind_says_when_to_stop():
    examples = make_examples({0: [1] * 250 + [0] * 1000})
    folds = assign_folds(examples, FoldSettings(n_folds=5), horizon=WEEK)
    rows = split_fold(examples, folds, 0)
    for kind in (0, 1):
        n_others = int((examples.labels[folds.fold != 0] == kind).sum())
        assert (examples.labels[rows.stop] == kind).sum() == math.ceil(n_others / 10)
    assert len(rows.train) + len(rows.stop) == (folds.fold != 0).sum()


def test_too_few_users_of_a_class_are_an_error_that_counts_every_class():
    examples = make_examples({0: [0] * 20 + [1] * 1 + [2] * 30})
    with pytest.raises(DataError) as error:
        assign_folds(examples, FoldSettings(n_folds=5), horizon=WEEK, kinds={"beer": 0, "wine": 1, "none": 2})
    assert str(error.value) == (
        "The labelled users cannot be divided into 5 folds: only 1 wine user at validation, in 1 of 5 folds, but at "
        "least 2 must hold one out. At validation: 20 beer, 1 wine, 30 none. Label more users, add "
        "cut-offs, ask for what is less rare, or lower n_folds. "
        "What the events of a log tell `yule ask` answers without a label."
    )


def test_too_few_positives_are_an_error_that_counts_them():
    examples = make_examples({0: [1] * 1 + [0] * 40})
    with pytest.raises(DataError) as error:
        assign_folds(examples, FoldSettings(n_folds=5), horizon=WEEK)
    assert str(error.value) == (
        "The labelled users cannot be divided into 5 folds: only 1 positive user at validation, in 1 of 5 folds, but "
        "at least 2 must hold one out. At validation: 1 positive, 40 negative. Label more users, add cut-offs, "
        "ask for what is less rare, or lower n_folds. "
        "What the events of a log tell `yule ask` answers without a label."
    )


def test_too_few_users_of_both_kinds_are_both_reported():
    with pytest.raises(DataError, match=r"only 1 positive user.*only 1 negative user"):
        assign_folds(make_examples({0: [1, 0]}), FoldSettings(n_folds=5), horizon=WEEK)


def test_positives_at_validation_alone_are_not_enough_to_learn():
    examples = make_examples({0: [0] * 20, 4: [1, 0] * 10})
    with pytest.raises(DataError, match="no positive user is left to learn from when fold 1 is held out"):
        assign_folds(examples, FoldSettings(n_folds=2), horizon=WEEK)


def test_no_labels_at_all_are_an_error():
    nobody = Examples(
        user_ids=np.array([], dtype=object), cutoffs=np.array([], dtype="datetime64[us]"), labels=np.array([])
    )
    with pytest.raises(DataError, match="only 0 positive users"):
        assign_folds(nobody, FoldSettings(), horizon=WEEK)


def test_cut_offs_too_close_for_the_horizon_are_an_error_that_says_when_training_ends():
    examples = make_examples({0: [1, 0] * 10, 1: [1, 0] * 10})
    with pytest.raises(DataError) as error:
        assign_folds(examples, FoldSettings(n_folds=2), horizon=4 * WEEK)
    assert str(error.value) == (
        "No cut-off is left to learn from: validation begins at 2024-01-08 (n_validation_cutoffs is 1) and labels look "
        "28 days ahead, so models learn from cut-offs at 2023-12-11 or earlier, but the earliest one with labels is at "
        "2024-01-01. Add earlier cut-offs, lower n_validation_cutoffs, or keep a single cut-off."
    )


def test_cut_offs_that_are_all_validation_are_an_error():
    examples = make_examples({0: [1, 0] * 10, 9: [1, 0] * 10})
    with pytest.raises(DataError, match="n_validation_cutoffs is 5"):
        assign_folds(examples, FoldSettings(n_folds=2, n_validation_cutoffs=5), horizon=timedelta(0))


def test_written_folds_read_back_equal(tmp_path):
    folds = assign_folds(make_examples({0: [1, 0] * 10, 4: [1, 0] * 10}), FoldSettings(n_folds=2), horizon=WEEK)
    write_folds(folds, tmp_path)
    read = read_folds(tmp_path)
    for name in ("fold", "is_validation", "is_training"):
        np.testing.assert_array_equal(getattr(read, name), getattr(folds, name))
        assert getattr(read, name).dtype == getattr(folds, name).dtype


def test_without_a_training_cut_off_left_the_latest_possible_one_is_said():
    examples = make_examples({0: [0, 1] * 20})
    immature = Immature(cutoffs=(datetime(2024, 2, 26),), n_users=40, latest=datetime(2024, 1, 30))
    with pytest.raises(DataError, match=r"No cut-off is left to learn from.*latest possible cut-off is 2024-01-30"):
        assign_folds(examples, FoldSettings(n_folds=2), horizon=WEEK, immature=immature)


@given(st.integers(40, 200), st.integers(2, 5), st.floats(0.3, 0.8), st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_users_of_every_size_of_amounts_say_when_to_stop(n_users, n_folds, zeros, seed):
    random = np.random.default_rng(seed)
    amounts = np.where(random.random(n_users) < zeros, 0.0, random.lognormal(3, 2, n_users))
    amounts[:12] = np.arange(1, 13)
    examples = replace(make_examples({0: amounts.tolist()}), loss="squared_error")
    folds = assign_folds(examples, FoldSettings(n_folds=n_folds), horizon=WEEK, kinds={"non-zero": 1})
    sizes = find_sizes(examples)
    assert (sizes == 0).sum() == (examples.labels == 0).sum()
    assert set(sizes) >= set(range(1, N_SIZES + 1))
    for fold in range(n_folds):
        rows = split_fold(examples, folds, fold)
        assert set(sizes[rows.stop]) == set(sizes[folds.fold != fold])
        assert not set(rows.stop) & set(rows.train)


def test_too_few_amounts_for_the_folds_are_refused():
    examples = replace(make_examples({0: [0.0] * 20 + [5.0]}), loss="squared_error")
    with pytest.raises(DataError, match="only 1 non-zero user at validation, in 1 of 3 folds, but at least 2 must"):
        assign_folds(examples, FoldSettings(n_folds=3), horizon=WEEK, kinds={"non-zero": 1})
