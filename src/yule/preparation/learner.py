"""The quick learner that features are scored with, and its loss: the one place that knows what is predicted."""

import numpy as np
from numpy.typing import NDArray

from yule.core.tracker import SilentTracker
from yule.models.gbdt.light_gbm import LightGBM, LightGBMModel
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


def losses(labels: NDArray[np.float64], predictions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the loss of each prediction: log loss in nats.

    Parameters
    ----------
    labels
        (n_rows,); 0 or 1.
    predictions
        (n_rows,): probabilities, strictly between 0 and 1.

    >>> losses(np.array([1.0, 0.0]), np.array([0.5, 0.5])).round(4)
    array([0.6931, 0.6931])
    """
    loss: NDArray[np.float64] = -np.log(np.where(labels == 1, predictions, 1 - predictions))
    return loss
