import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.ensemble.blend import blend
from yule.ensemble.files import read_ensemble, read_out_of_fold, write_ensemble
from yule.ensemble.log_odds import log_odds, weighted_mean
from yule.ensemble.settings import GreedySelection, Stacking
from yule.metrics.scores import neg_log_loss, roc_auc

GREEDY, STACKING = GreedySelection(), Stacking()


def sample(seed, *, n_users=400, noise=(0.5, 0.8, 1.2), sureness=None, base=-2.0):
    """Labels with a known cause, and members that see it through noise and may be too sure of themselves."""
    random = np.random.default_rng(seed)
    cause = random.normal(size=n_users) * 1.5 + base
    labels = (random.uniform(size=n_users) < 1 / (1 + np.exp(-cause))).astype(np.float64)
    labels[:2] = 0, 1
    seen = cause[:, None] + random.normal(size=(n_users, len(noise))) * noise
    seen *= 1.0 if sureness is None else np.asarray(sureness)
    return 1 / (1 + np.exp(-seen)), labels, np.arange(n_users, dtype=np.int32) % 5


BOTH = pytest.mark.parametrize("settings_", [STACKING, GREEDY], ids=["stacking", "greedy"])


@given(st.integers(0, 10_000), st.lists(st.floats(0.01, 5), min_size=1, max_size=4), st.floats(0.2, 4))
@settings(deadline=None, max_examples=25)
def test_with_many_labels_the_ensemble_does_not_lose_to_a_member_out_of_fold(seed, noise, sureness):
    oof, labels, folds = sample(seed, n_users=1500, noise=noise, sureness=sureness)
    ensemble = blend(oof, labels, folds, STACKING)
    best = max(neg_log_loss(labels, member) for member in oof.T)
    assert neg_log_loss(labels, ensemble.cross_fitted) >= best - 0.008


@given(
    st.integers(0, 10_000),
    st.integers(1, 5),
    st.builds(GreedySelection, n_steps=st.integers(1, 40)) | st.builds(Stacking, spread=st.floats(0.01, 10)),
)
@settings(deadline=None, max_examples=30)
def test_weights_are_shares(seed, n_members, settings_):
    oof, labels, folds = sample(seed, noise=np.linspace(0.5, 1.5, n_members))
    weights = blend(oof, labels, folds, settings_).weights
    assert weights.shape == (n_members,)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1, abs=1e-12)


@BOTH
@given(st.integers(0, 10_000), st.permutations(range(4)))
@settings(deadline=None, max_examples=12)
def test_permuting_members_permutes_their_weights(settings_, seed, order):
    oof, labels, folds = sample(seed, noise=(0.5, 0.6, 0.8, 1.2))
    ensemble = blend(oof, labels, folds, settings_)
    permuted = blend(oof[:, order], labels, folds, settings_)
    np.testing.assert_allclose(permuted.weights, ensemble.weights[list(order)], atol=1e-6)
    np.testing.assert_allclose(permuted.cross_fitted, ensemble.cross_fitted, rtol=1e-5)


@BOTH
@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=12)
def test_the_order_of_rows_does_not_change_a_bit(settings_, seed):
    oof, labels, folds = sample(seed)
    rows = np.random.default_rng(seed).permutation(len(labels))
    moved, ensemble = blend(oof[rows], labels[rows], folds[rows], settings_), blend(oof, labels, folds, settings_)
    assert (moved.weights == ensemble.weights).all()
    assert moved.calibrator == ensemble.calibrator
    assert (moved.cross_fitted == ensemble.cross_fitted[rows]).all()


@given(st.integers(0, 10_000), st.integers(0, 2))
@settings(deadline=None, max_examples=12)
def test_a_copy_of_a_member_stays_out_of_a_greedy_blend_and_does_not_hurt(seed, copied):
    oof, labels, folds = sample(seed)
    ensemble = blend(oof, labels, folds, GREEDY)
    doubled = blend(np.column_stack([oof, oof[:, copied]]), labels, folds, GREEDY)
    np.testing.assert_array_equal(doubled.weights, np.append(ensemble.weights, 0.0))
    np.testing.assert_array_equal(doubled.cross_fitted, ensemble.cross_fitted)


@given(st.integers(0, 10_000), st.integers(0, 2))
@settings(deadline=None, max_examples=12)
def test_a_copy_of_a_member_hardly_moves_a_stacked_blend(seed, copied):
    oof, labels, folds = sample(seed)
    ensemble = blend(oof, labels, folds, STACKING)
    doubled = blend(np.column_stack([oof, oof[:, copied]]), labels, folds, STACKING)
    assert np.abs(doubled.cross_fitted - ensemble.cross_fitted).mean() < 0.02


@BOTH
def test_members_with_different_errors_are_blended(settings_):
    oof, labels, folds = sample(0, n_users=4000, noise=(1.0, 1.0, 1.0))
    ensemble = blend(oof, labels, folds, settings_)
    assert (ensemble.weights > 0.2).all()
    assert neg_log_loss(labels, ensemble.cross_fitted) > max(neg_log_loss(labels, member) for member in oof.T) + 0.005


@BOTH
def test_a_member_of_pure_noise_gets_no_weight(settings_):
    oof, labels, folds = sample(0, n_users=4000, noise=(0.3, 50.0))
    assert blend(oof, labels, folds, settings_).weights[1] == 0


@pytest.mark.parametrize("n_users", [50, 400])
def test_a_member_that_is_constant_in_each_fold_gets_no_weight(n_users):
    oof, labels, folds = sample(0, n_users=n_users, noise=(1.0, 1.0))
    oof[:, 1] = [labels[folds != fold].mean() for fold in folds]
    assert blend(oof, labels, folds, STACKING).weights.tolist() == [1.0, 0.0]


def test_where_no_member_tells_users_apart_all_have_the_share_of_positives():
    _, labels, folds = sample(0)
    ensemble = blend(np.full((len(labels), 2), 0.3), labels, folds, STACKING)
    assert ensemble.weights.tolist() == [0.5, 0.5]
    assert ensemble.cross_fitted.mean() == pytest.approx(labels.mean(), abs=0.01)


def test_few_labels_leave_weights_nearly_equal_and_many_decide():
    spread = []
    for n_users in (60, 6000):
        oof, labels, folds = sample(1, n_users=n_users, noise=(0.5, 1.5))
        spread.append(np.ptp(blend(oof, labels, folds, STACKING).weights))
    assert spread[0] < 0.4 < spread[1]


def test_a_wide_spread_leaves_weights_to_the_labels():
    oof, labels, folds = sample(1, n_users=200, noise=(0.5, 2.5))
    near, far = (blend(oof, labels, folds, Stacking(spread=spread)).weights for spread in (0.01, 10.0))
    assert near[1] > far[1]


def test_a_member_that_is_too_sure_is_calibrated_before_it_is_compared():
    oof, labels, folds = sample(0, n_users=4000, noise=(1.0, 1.0))
    sure = 1 / (1 + (1 / oof - 1) ** 4)
    ensemble = blend(np.column_stack([oof[:, 0], sure[:, 1]]), labels, folds, STACKING)
    assert ensemble.weights[1] * 4 == pytest.approx(ensemble.weights[0], rel=0.2)


def test_members_that_are_too_sure_are_tamed_by_calibration():
    oof, labels, folds = sample(0, n_users=4000, noise=(0.2,), sureness=(3.0,))
    ensemble = blend(oof, labels, folds, GREEDY)
    assert ensemble.calibrator.slope == pytest.approx(1 / 3, abs=0.05)
    assert ensemble.cross_fitted.mean() == pytest.approx(labels.mean(), abs=0.005)


@BOTH
def test_a_user_is_judged_by_weights_and_a_calibrator_that_never_saw_their_label(settings_):
    oof, labels, folds = sample(0, n_users=2000, noise=(1.0, 1.0), sureness=(2.0, 2.0))
    before = blend(oof, labels, folds, settings_)
    changed = labels.copy()
    changed[folds == 2] = np.random.default_rng(0).permutation(labels[folds == 2])
    after = blend(oof, changed, folds, settings_)
    told, told_after = (log_odds(one.cross_fitted[folds == 2]) for one in (before, after))
    assert np.ptp(told_after - told) < 1e-9  # all of them are moved alike, by what the level of all folds has changed
    assert not np.array_equal(before.cross_fitted[folds != 2], after.cross_fitted[folds != 2])


@BOTH
def test_fifty_positives_are_enough(settings_):
    oof, labels, folds = sample(0, n_users=5000, noise=(0.5, 1.0, 1.0), base=-6.0)
    assert 20 < labels.sum() < 60
    ensemble = blend(oof, labels, folds, settings_)
    assert roc_auc(labels, ensemble.cross_fitted) > 0.75
    assert np.isfinite(ensemble.cross_fitted).all()


@BOTH
@pytest.mark.parametrize("n_positives", [2, 12])
def test_positives_in_two_folds_alone_are_enough_to_blend(n_positives, settings_):
    oof, labels, folds = sample(0)
    labels[:] = 0
    labels[np.flatnonzero(folds < 2)[:n_positives]] = 1
    oof[:, 0] = 0.02 + 0.2 * labels
    ensemble = blend(oof, labels, folds, settings_)
    assert np.isfinite(ensemble.cross_fitted).all()
    assert roc_auc(labels, ensemble.cross_fitted) > 0.8


def test_the_ensemble_predicts_new_users_from_weights_and_calibrator_alone():
    oof, labels, folds = sample(0, n_users=2000, noise=(1.0, 1.0))
    ensemble = blend(oof, labels, folds, STACKING)
    predicted = ensemble.calibrator.apply(weighted_mean(list(log_odds(oof).T), ensemble.weights))
    assert np.abs(predicted - ensemble.cross_fitted).mean() < 0.01


def test_a_written_ensemble_reads_back_equal(tmp_path):
    oof, labels, folds = sample(0)
    ensemble, rows = blend(oof, labels, folds, GREEDY), np.arange(7, 7 + len(labels))
    write_ensemble(ensemble, tmp_path, names=("one", "two", "three"), rows=rows, predictions=oof)
    read, predicted = read_ensemble(tmp_path), read_out_of_fold(tmp_path)
    assert read.calibrator == ensemble.calibrator
    np.testing.assert_array_equal(read.weights, ensemble.weights)
    np.testing.assert_array_equal(read.cross_fitted, ensemble.cross_fitted)
    assert predicted.names == ("one", "two", "three")
    np.testing.assert_array_equal(predicted.rows, rows)
    np.testing.assert_array_equal(predicted.predictions, oof)


def test_the_fewer_labels_the_more_counts_what_learned_from_other_questions():
    shares = []
    for n_users in (60, 400, 4000):
        oof, labels, folds = sample(3, n_users=n_users, noise=(1.0, 1.0, 1.0))
        shares.append(blend(oof, labels, folds, STACKING, transferred=[2]).weights[2])
    assert shares[0] > shares[1] > shares[2] > 0.25
    assert shares[0] > 0.5


def test_a_transferred_member_that_tells_nothing_gets_no_weight():
    oof, labels, folds = sample(0, n_users=400, noise=(1.0, 1.0))
    oof[:, 1] = 0.3
    assert blend(oof, labels, folds, STACKING, transferred=[1]).weights.tolist() == [1.0, 0.0]


def test_without_a_half_members_are_expected_to_weigh_the_same_wherever_they_learned():
    oof, labels, folds = sample(0, n_users=60, noise=(1.0, 1.0))
    alike = blend(oof, labels, folds, Stacking(half=0))
    assert blend(oof, labels, folds, Stacking(half=0), transferred=[1]).weights.tolist() == alike.weights.tolist()


def test_a_member_of_next_to_no_weight_is_left_out_and_costs_no_time():
    oof, labels, folds = sample(0, n_users=6000, noise=(0.3, 0.3, 3.0))
    small = blend(oof, labels, folds, Stacking(least=0)).weights
    assert 0 < small[2] < 0.05
    weights = blend(oof, labels, folds, STACKING).weights
    assert weights[2] == 0
    np.testing.assert_allclose(weights[:2], small[:2], atol=0.05)


def test_a_fold_with_many_positives_does_not_count_against_the_blend():
    oof, labels, folds = sample(5, n_users=300, noise=(0.3, 0.3), base=-1.0)
    folds = (np.argsort(np.argsort(-labels + np.random.default_rng(0).random(300))) // 60).astype(np.int32)
    ensemble = blend(oof, labels, folds, STACKING)
    raw = weighted_mean(list(log_odds(oof).T), ensemble.weights)
    assert roc_auc(labels, ensemble.cross_fitted) > roc_auc(labels, raw) - 0.01
