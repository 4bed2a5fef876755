"""The level of a blend is that of what its models learned from."""

import numpy as np

from yule.ensemble.amounts import LineCalibrator
from yule.ensemble.calibration import IDENTITY, Calibrator
from yule.ensemble.refits import calibrate_refits
from yule.training.folds import Folds

CALIBRATOR = Calibrator(slope=1.2, intercept=0.4)


def make_folds(*, is_later: bool) -> Folds:
    later = np.array([False, True])
    everything = np.ones(2, dtype=np.bool_)
    return Folds(
        fold=np.zeros(2, np.int32),
        is_validation=later if is_later else everything,
        is_training=~later if is_later else everything,
    )


def test_refits_that_know_the_newest_labels_are_not_moved_to_their_level_again() -> None:
    assert calibrate_refits(CALIBRATOR, make_folds(is_later=True), weight=1.0) == IDENTITY


def test_members_that_are_not_fitted_once_more_keep_their_share_of_the_calibrator() -> None:
    found = calibrate_refits(CALIBRATOR, make_folds(is_later=True), weight=0.75)
    assert isinstance(found, Calibrator)
    np.testing.assert_allclose([found.slope, found.intercept], [1.05, 0.1])


def test_with_one_cutoff_the_calibrator_stays() -> None:
    assert calibrate_refits(CALIBRATOR, make_folds(is_later=False), weight=1.0) == CALIBRATOR


def test_the_calibrator_of_amounts_stays() -> None:
    line = LineCalibrator(least=0.0, most=9.0)
    assert calibrate_refits(line, make_folds(is_later=True), weight=1.0) == line
