"""The calibrator of a blend whose members were fitted once more on all labelled users."""

from yule.ensemble.calibration import Calibrator
from yule.ensemble.scales import AnyCalibrator
from yule.training.folds import Folds


def calibrate_refits(calibrator: AnyCalibrator, folds: Folds, *, weight: float) -> AnyCalibrator:
    """Return what becomes of the calibrator of the models of the folds.

    Parameters
    ----------
    calibrator
        With several cut-offs it takes the models from the level of the earlier ones to that of the last. Refits have
        learned the level of all themselves, and would be moved twice.
    folds
        How the labelled users are divided.
    weight
        That of the refits in the blend, 0 to 1.
    """
    is_later = not (folds.is_training & folds.is_validation).any()
    return calibrator.weaken(1 - weight) if is_later and isinstance(calibrator, Calibrator) else calibrator
