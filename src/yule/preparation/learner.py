"""The quick learner that features are scored with, and its loss."""

import numpy as np
from numpy.typing import NDArray

from yule.core.tracker import SilentTracker
from yule.models.gbdt.light_gbm import LightGBM, LightGBMModel
from yule.models.heads import fit_head
from yule.models.protocol import FitContext
from yule.preparation.sample import Sample

_QUICK = LightGBM(learning_rate=0.1, max_trees=100, num_leaves=15, feature_fraction=0.25)


def fit_quickly(train: Sample, stop: Sample, *, seed: int, n_threads: int) -> LightGBMModel:
    """Fit the quick learner.

    Parameters
    ----------
    train
        Learned from.
    stop
        Says when to stop.
    seed, n_threads
        Of the fit.
    """
    context = FitContext(seed=seed, n_threads=n_threads, tracker=SilentTracker())
    return _QUICK.fit(train.labelled, stop.labelled, context=context)


def losses(sample: Sample, predictions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the loss of each prediction: log loss in nats, or squared error in units of the variance.

    Parameters
    ----------
    sample
        n_rows rows.
    predictions
        (n_rows,): probabilities, strictly between 0 and 1, or amounts.
    """
    return fit_head(sample.labelled).losses(sample.labels, predictions)
