"""The card of a saved model, ``model.json``: what every kind of model writes beside its native file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.settings import read_json, to_json
from yule.models.categories import Categories
from yule.models.heads import Head

_FILE = "model.json"


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What is known of a model without loading it.

    Parameters
    ----------
    kind
        Kind of the member, e.g. ``lightgbm``; it names the code that can load the model.
    head
        What it predicts, and how what it sums up becomes a prediction.
    n_steps
        Training steps kept, from 1.
    importance
        Share of each feature in the model's decisions, summing to 1; empty when the model cannot tell.
    categories
        Values of the categorical features that the model knows.
    """

    kind: str
    head: Head
    n_steps: int
    importance: dict[str, float]
    categories: Categories


def write_card(card: ModelCard, folder: Path) -> None:
    """Write the card of the model whose files are in a folder."""
    (folder / _FILE).write_text(to_json(card), encoding="utf-8")


def read_card(folder: Path) -> ModelCard:
    """Read what :func:`write_card` wrote."""
    return read_json(ModelCard, folder / _FILE)


def importance_shares(names: Sequence[str], amounts: NDArray[np.number]) -> dict[str, float]:
    """Divide amounts by their sum.

    Parameters
    ----------
    names
        Names of the features.
    amounts
        (n_features,), at least 0: how much each feature counts, in any unit. Of a model that splits by nothing CatBoost
        says NaN.

    Returns
    -------
    dict
        Shares that sum to 1; empty when nothing counts.

    >>> importance_shares(["age", "visits"], np.array([1.0, 3.0]))
    {'age': 0.25, 'visits': 0.75}
    >>> importance_shares(["age", "visits"], np.array([np.nan, np.nan]))
    {}
    """
    total = float(amounts.sum())
    if not total or math.isnan(total):
        return {}
    return {name: float(amount) / total for name, amount in zip(names, amounts, strict=True)}
