"""Arithmetic: sums, differences, products and ratios of two numeric features."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features

Operation: TypeAlias = Literal["+", "−", "×", "/"]

OPERATIONS: tuple[Operation, ...] = get_args(Operation)


@dataclass(frozen=True, kw_only=True)
class ArithmeticPair:
    """Two numeric features and what is done with them."""

    left: str
    operation: Operation
    right: str

    @property
    def name(self) -> str:
        """Name of the column.

        >>> ArithmeticPair(left="spend", operation="/", right="visits").name
        'spend / visits'
        """
        return f"{self.left} {self.operation} {self.right}"


def combine(pair: ArithmeticPair, features: Features) -> NDArray[np.float32]:
    """Return the column of a pair.

    Returns
    -------
    ndarray
        float32 (n_users,); missing where either is, where a divisor is 0, and where the result is too large.
    """
    left, right = (
        features.numeric[:, features.numeric_names.index(name)].astype(np.float64) for name in (pair.left, pair.right)
    )
    match pair.operation:
        case "+":
            result = left + right
        case "−":
            result = left - right
        case "×":
            result = left * right
        case "/":
            result = np.divide(left, right, out=np.full(len(left), np.nan), where=right != 0)
    is_too_large = np.abs(result) > np.finfo(np.float32).max
    return np.where(is_too_large, np.nan, result).astype(np.float32)
