"""Losses: what one fit minimises and a blend is judged in. Models and what lies above them know no other difference."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

from yule.core.errors import DELETE_IT, CorruptedOutput

Loss: TypeAlias = Literal["log_loss", "squared_error"]
"""``log_loss``: labels are 0 or 1, predictions probabilities; ``squared_error``: labels and predictions are numbers."""

LOSSES: frozenset[Loss] = frozenset(get_args(Loss))
"""All of them."""

LossWord: TypeAlias = Literal["yes_no", "amount"]
"""A loss as files and keys have always spelt it; nothing but what reads and writes them knows these words."""

WORDS: Mapping[Loss, LossWord] = MappingProxyType({"log_loss": "yes_no", "squared_error": "amount"})
"""How each loss is spelt in files and keys."""


def read_loss(word: str) -> Loss:
    """Return the loss that a word of a file stands for.

    >>> read_loss("amount")
    'squared_error'
    """
    for loss, known in WORDS.items():
        if known == word:
            return loss
    raise CorruptedOutput(f"A file says that {word!r} is predicted, which no version of Yule writes. {DELETE_IT}")
