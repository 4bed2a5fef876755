"""What members are judged by: labels, folds, and what predictions are added up in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yule.ensemble.scales import Scale

MAX_USERS = 100_000
"""Weights are chosen on so many users at the most, taken at equal distances; more of them change nothing."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Out-of-fold predictions of the members, beside what came true.

    Parameters
    ----------
    members
        Log-odds, or amounts, of each member, (n_users,).
    labels
        (n_users,); 0 or 1, or amounts.
    folds
        int32 (n_users,); the fold each user was held out in, from 0.
    scale
        What the members are added up in.
    transferred
        Places of the members that learn from other questions.
    """

    members: Sequence[NDArray[np.float64]]
    labels: NDArray[np.float64]
    folds: NDArray[np.int32]
    scale: Scale
    transferred: Collection[int] = ()

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.folds.max()) + 1

    @property
    def n_rarer(self) -> int:
        """Number of users whose label is not the most common one."""
        _, counts = np.unique(self.labels, return_counts=True)
        return len(self.labels) - int(counts.max())

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Judged":
        """Return some users."""
        members = [member[rows] for member in self.members]
        return replace(self, members=members, labels=self.labels[rows], folds=self.folds[rows])

    def sample(self) -> "Judged":
        """Return at most :data:`MAX_USERS` of the users."""
        return self.take(slice(None, None, -(-len(self.labels) // MAX_USERS)))

    def loss(self, values: NDArray[np.float64]) -> float:
        """Return the mean loss of a blend's values."""
        return float(self.scale.losses(self.labels, values).mean())
