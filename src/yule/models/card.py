"""The card of a saved model, ``model.json``: what every kind of model writes beside its native file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.losses import WORDS, LossWord, read_loss
from yule.core.settings import read_json, to_json
from yule.models.categories import Categories
from yule.models.heads import Head, LogLossHead, SquaredErrorHead

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
    written = _CardFile(
        kind=card.kind,
        head=_write_head(card.head),
        n_steps=card.n_steps,
        importance=card.importance,
        categories=card.categories,
    )
    (folder / _FILE).write_text(to_json(written), encoding="utf-8")


def has_model(folder: Path) -> bool:
    """Say whether a model was written into a folder."""
    return (folder / _FILE).exists()


def read_card(folder: Path) -> ModelCard:
    """Read what :func:`write_card` wrote."""
    written = read_json(_CardFile, folder / _FILE)
    return ModelCard(
        kind=written.kind,
        head=_read_head(written.head),
        n_steps=written.n_steps,
        importance=written.importance,
        categories=written.categories,
    )


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


@dataclass(frozen=True, kw_only=True)
class _HeadFile:
    """A head as ``model.json`` spells it; of log loss, center and spread are 0 and 1."""

    outcome: LossWord
    center: float
    spread: float


@dataclass(frozen=True, kw_only=True)
class _CardFile:
    """The content of ``model.json``."""

    kind: str
    head: _HeadFile
    n_steps: int
    importance: dict[str, float]
    categories: Categories


def _write_head(head: Head) -> _HeadFile:
    return _HeadFile(outcome=WORDS[head.loss], center=head.center, spread=head.spread)


def _read_head(written: _HeadFile) -> Head:
    if read_loss(written.outcome) == "log_loss":
        return LogLossHead()
    return SquaredErrorHead(center=written.center, spread=written.spread)
