"""The fitted linear model: weighted sums over the columns of a design."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.models.card import ModelCard, importance_shares, read_card, write_card
from yule.models.linear.design import Design
from yule.models.linear.tables import LinearTables, tabulate

_FILE = "weights.safetensors"
_ROWS_AT_ONCE = 4096
_PRODUCTS_AT_ONCE = 128


@dataclass(frozen=True, kw_only=True)
class LinearModel:
    """A fitted linear model.

    Parameters
    ----------
    card
        What is known of the model.
    design
        How features become columns.
    weights
        float64 (n_columns + 1,): weight of each column; the last is the intercept.
    """

    card: ModelCard
    design: Design
    weights: NDArray[np.float64]

    @property
    def n_steps(self) -> int:
        """Point of the path of penalties."""
        return self.card.n_steps

    @property
    def importance(self) -> Mapping[str, float]:
        """Share of each feature in the absolute weights, each times the standard deviation of its column."""
        return self.card.importance

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:  # noqa: ARG002
        """See :class:`~yule.models.protocol.Model`. One thread is enough."""
        sums = np.empty(features.n_users)
        for start in range(0, features.n_users, _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            sums[rows] = self._tables.add_up(features.take(rows))
        return self.card.head.predictions(sums)

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and ``weights.safetensors``."""
        from safetensors.numpy import save_file

        write_card(self.card, folder)
        tensors = {
            "medians": self.design.medians,
            "edges": self.design.edges,
            "kept": self.design.kept,
            "center": self.design.center,
            "scale": self.design.scale,
            "weights": self.weights,
        }
        save_file(tensors, folder / _FILE)

    @cached_property
    def _tables(self) -> LinearTables:
        return tabulate(self.design, self.weights)


def load_linear(folder: Path) -> LinearModel:
    """Load what :meth:`LinearModel.save` wrote."""
    from safetensors.numpy import load_file

    card, tensors = read_card(folder), load_file(folder / _FILE)
    weights = tensors.pop("weights")
    return LinearModel(card=card, design=Design(categories=card.categories, **tensors), weights=weights)


def weigh_features(
    names: Sequence[str], design: Design, weights: NDArray[np.float64], deviations: NDArray[np.float64]
) -> dict[str, float]:
    """Return the share of each feature in the absolute weights, each times the standard deviation of its column."""
    moves = np.abs(weights[:-1]) * deviations
    return importance_shares(names, np.bincount(design.sources, moves, minlength=len(names)))


def weighted_sums(columns: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of users, (n_users,). A matrix product would be faster, but let last digits depend on others.

    Products are made for a few users at a time: those of all are twice as large as the columns.
    """
    sums: NDArray[np.float64] = np.full(len(columns), weights[-1])
    for start in range(0, len(columns), _PRODUCTS_AT_ONCE):
        rows = slice(start, start + _PRODUCTS_AT_ONCE)
        sums[rows] += (columns[rows] * weights[:-1]).sum(axis=1)
    return sums
