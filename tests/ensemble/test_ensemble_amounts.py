"""Facts about ensembles of amounts."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yule.ensemble.amounts import LineCalibrator, divergences, fit_line
from yule.ensemble.blend import Ensemble, blend
from yule.ensemble.files import read_ensemble, write_ensemble
from yule.ensemble.settings import GreedySelection, Stacking

AMOUNTS = arrays(float, 20, elements=st.integers(-1000, 10_000).map(float))


def make(n_users: int = 2000, *, seed: int = 0):
    """Expectations, amounts that are mostly 0, and the folds of users."""
    random = np.random.default_rng(seed)
    expected = random.gamma(0.5, 20.0, n_users)
    amounts = np.where(random.random(n_users) < 0.3, expected * random.gamma(0.5, 2.0, n_users) / 0.3, 0.0)
    return expected, amounts, (np.arange(n_users) % 5).astype(np.int32)


@settings(deadline=None)
@given(AMOUNTS, AMOUNTS)
def test_divergences_are_never_negative_and_0_for_what_came_true(labels, predictions):
    labels[0] = 1.0
    assert divergences(labels, predictions).min() >= 0
    assert divergences(labels, labels) == pytest.approx(np.zeros(20), abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(AMOUNTS)
def test_the_mean_has_the_least_divergence(labels):
    labels[0] = 1.0
    mean = labels.mean()
    least = divergences(labels, np.full(20, mean)).sum()
    for other in (mean - 1.0, mean + 1.0, mean / 2 - 3, np.median(labels)):
        assert least <= divergences(labels, np.full(20, other)).sum() * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize("settings_", [GreedySelection(), Stacking()], ids=["greedy", "stacking"])
@pytest.mark.parametrize("unit", [0.001, 1.0, 1000.0])
def test_members_that_know_different_things_share_the_weight(settings_, unit):
    expected, amounts, folds = make()
    random = np.random.default_rng(1)
    oof = np.stack([expected + random.normal(0, 15, len(expected)) for _ in range(2)], axis=1)
    ensemble = blend(unit * oof, unit * amounts, folds, settings_, loss="squared_error")
    assert ensemble.weights.sum() == pytest.approx(1)
    assert ensemble.weights.min() > 0.2


def test_expectations_in_the_wrong_unit_are_calibrated():
    expected, amounts, folds = make(20_000)
    ensemble = blend((3 * expected + 50)[:, None], amounts, folds, Stacking(), loss="squared_error")
    assert isinstance(ensemble.calibrator, LineCalibrator)
    assert ensemble.calibrator.slope == pytest.approx(1 / 3, rel=0.15)
    assert ensemble.cross_fitted.sum() == pytest.approx(amounts.sum(), rel=0.05)
    assert ensemble.cross_fitted.min() >= 0


@given(AMOUNTS, AMOUNTS)
@settings(deadline=None)
def test_calibration_keeps_the_order_and_stays_within_what_was_seen(predictions, labels):
    labels[0] = 1.0
    calibrated = fit_line(predictions, labels).apply(predictions)
    order = np.argsort(predictions, kind="stable")
    assert (np.diff(calibrated[order]) >= -1e-9).all()
    assert labels.min() <= calibrated.min() <= calibrated.max() <= labels.max()


def test_no_fold_sees_its_own_labels():
    expected, amounts, folds = make(200)
    oof = np.stack([2 * expected, expected + np.random.default_rng(2).normal(0, 9, len(expected))], axis=1)
    turned = amounts.copy()
    turned[folds == 0] = amounts[folds == 0][::-1]
    before, after = (blend(oof, labels, folds, Stacking(), loss="squared_error") for labels in (amounts, turned))
    moved = after.cross_fitted[folds == 0] - before.cross_fitted[folds == 0]
    inside = before.cross_fitted[folds == 0] > 0  # none is below what was ever seen
    assert np.ptp(moved[inside]) == pytest.approx(0, abs=1e-6)  # the level of all folds moves them alike


def test_an_ensemble_of_amounts_survives_its_files(tmp_path: Path):
    line = LineCalibrator(slope=0.5, intercept=1.0, least=-3.0, most=90.0)
    ensemble = Ensemble(weights=np.array([1.0]), calibrator=line, cross_fitted=np.array([1.5, 2.5]))
    write_ensemble(ensemble, tmp_path, names=["one"], rows=np.arange(2), predictions=np.array([[1.0], [3.0]]))
    assert read_ensemble(tmp_path).calibrator == line
