import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yule.ensemble.calibration import IDENTITY, MIN_SLOPE, Calibrator, fit_calibrator
from yule.ensemble.log_odds import LEAST, log_losses, log_odds, probabilities_of

finite = st.floats(-30, 30)


@given(arrays(np.float64, 20, elements=st.floats(-20, 20)))
@settings(deadline=None, max_examples=50)
def test_log_odds_and_probabilities_are_inverse(values):
    np.testing.assert_allclose(log_odds(probabilities_of(values)), values, atol=1e-6)


@given(arrays(np.float64, 20, elements=st.floats(-1e308, 1e308)), st.floats(1e-3, 100), finite)
@settings(deadline=None, max_examples=50)
def test_probabilities_lie_strictly_between_0_and_1(values, slope, intercept):
    with np.errstate(over="ignore"):
        probabilities = Calibrator(slope=slope, intercept=intercept).apply(values)
    assert (probabilities >= LEAST).all()
    assert (probabilities < 1).all()


@given(arrays(np.float64, (2, 20), elements=finite))
@settings(deadline=None, max_examples=50)
def test_log_losses_are_the_textbook_formula(values):
    probabilities = 1 / (1 + np.exp(-values[0]))
    labels = (values[1] > 0).astype(np.float64)
    expected = -np.where(labels == 1, -np.logaddexp(0, -values[0]), np.log1p(-np.minimum(probabilities, 1 - 1e-16)))
    np.testing.assert_allclose(log_losses(labels, values[0]), expected, rtol=1e-2, atol=1e-12)


def test_a_users_probability_does_not_depend_on_the_others():
    values = np.random.default_rng(0).normal(size=1001) * 5
    calibrator = Calibrator(slope=0.7, intercept=-1.0)
    together = calibrator.apply(values)
    for start, stop in ((0, 1), (1, 8), (3, 700), (1000, 1001)):
        assert (calibrator.apply(values[start:stop]) == together[start:stop]).all()


def test_the_identity_changes_nothing():
    probabilities = np.array([0.01, 0.5, 0.9])
    np.testing.assert_allclose(IDENTITY.apply(log_odds(probabilities)), probabilities, rtol=1e-14)


def test_the_true_sigmoid_is_found_again():
    random = np.random.default_rng(0)
    values = random.normal(size=200_000) * 2 - 1
    labels = (random.uniform(size=len(values)) < 1 / (1 + np.exp(-(0.6 * values - 0.5)))).astype(np.float64)
    calibrator = fit_calibrator(values, labels)
    assert (calibrator.slope, calibrator.intercept) == pytest.approx((0.6, -0.5), abs=0.02)


@given(st.integers(0, 10_000), st.integers(5, 200), st.floats(0, 5))
@settings(deadline=None, max_examples=40)
def test_calibrated_probabilities_average_to_the_share_of_positives(seed, n_users, spread):
    random = np.random.default_rng(seed)
    values = random.normal(size=n_users) * spread - 1
    labels = (random.uniform(size=n_users) < 0.3).astype(np.float64)
    calibrator = fit_calibrator(values, labels)
    assert calibrator.slope >= MIN_SLOPE
    # Platt's beliefs shift the mean by at most one user.
    assert calibrator.apply(values).sum() == pytest.approx(labels.sum(), abs=1.01)


def test_positives_that_are_all_on_top_leave_the_slope_finite():
    values = np.linspace(-3, 3, 100)
    calibrator = fit_calibrator(values, (values > 2).astype(np.float64))
    assert 1 < calibrator.slope < 20


def test_members_worse_than_chance_do_not_turn_the_order_round():
    values = np.linspace(-3, 3, 100)
    calibrator = fit_calibrator(values, (values < -1).astype(np.float64))
    assert calibrator.slope == MIN_SLOPE
    assert calibrator.apply(values).mean() == pytest.approx(1 / 3, abs=0.02)


def test_equal_log_odds_give_everyone_the_share_of_positives():
    calibrator = fit_calibrator(np.full(100, -1.0), np.repeat([1.0, 0.0], [20, 80]))
    assert calibrator.apply(np.array([-1.0]))[0] == pytest.approx(0.2, abs=0.01)
