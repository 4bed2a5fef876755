"""What a kind of model must offer: an estimator (frozen settings) and the model it fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.losses import Loss
from yule.core.tracker import Tracker

BLOCK = 256
"""Users a model may look at together when it predicts: slices that begin at multiples of it change no prediction."""


@dataclass(frozen=True, kw_only=True)
class FitContext:
    """What a fit is given besides data. Only the seed may change the result.

    Parameters
    ----------
    seed
        Seed of every random choice of this fit.
    n_threads
        Threads the fit may use; the same model comes out whatever their number.
    tracker
        Receives the learning curve while the model trains.
    """

    seed: int
    n_threads: int
    tracker: Tracker


Stop: TypeAlias = Labelled | int
"""Who says when a fit stops, or after how many steps it does; nobody is kept aside then."""


class Model(Protocol):
    """A fitted model."""

    @property
    def n_steps(self) -> int:
        """Training steps kept (trees, epochs, points of a path), counted from 1."""

    @property
    def importance(self) -> Mapping[str, float]:
        """Share of each feature in the model's decisions, summing to 1; empty when the model cannot tell."""

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:
        """Return the prediction of each user, (n_users,): a probability strictly between 0 and 1, or an amount.

        A user's prediction does not depend on which other users are in the same call, to the last bit if users are
        cut into slices that start at multiples of 256.
        """

    def save(self, folder: Path) -> None:
        """Write the model in its native, safe format. Equal models give equal bytes."""


class Estimator(Protocol):
    """Frozen settings that can fit a model.

    A model has one outcome, a column of a :class:`~yule.core.examples.LabelMatrix`. One of several outcomes would get
    the labels of all columns, (n_users, n_outcomes), NaN where an outcome was not observed, and a loss for each; it
    would learn from whoever has any, and predict all. There is none yet.
    """

    @property
    def name(self) -> str:
        """Name of the member, unique in a case."""

    @property
    def losses(self) -> frozenset[Loss]:
        """What it can be fitted by."""

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> Model:
        """Fit on ``train`` and choose the number of steps by the loss on ``stop``: log loss, or squared error.

        Where ``stop`` is a number, at least 1, make so many steps, or as many as there can be.
        There are users of both kinds, or of different amounts, in ``train``, and some feature varies among them.
        """
