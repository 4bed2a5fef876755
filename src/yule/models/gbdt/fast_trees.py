"""LightGBM's trees by lignum, where it is installed: the same sums to the last bit in less than half the time.

It is a young library, so it is never believed: LightGBM itself predicts the first users of every call, too.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.models.protocol import BLOCK
from yule.storage.owners import temporary_folder

if TYPE_CHECKING:
    import lignum

Sum: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""Gives the sum over all trees, (n_users,), of a matrix (n_users, n_features)."""


def load_fast_trees(text: str) -> "lignum.Model | None":
    """Load trees in LightGBM's text format; None if lignum is not installed, or has no exact way to evaluate them."""
    if find_spec("lignum") is None:
        return None
    import lignum

    with temporary_folder() as folder:
        file = folder / "model.txt"
        file.write_text(text, encoding="utf-8")
        try:
            return lignum.load(str(file), format="lightgbm")
        except (RuntimeError, ValueError):
            return None


def sum_checked(matrix: NDArray[np.float32], *, fast: Sum, native: Sum) -> NDArray[np.float64]:
    """Return the fast sums if those of the first users are LightGBM's own to the last bit; else all of LightGBM's."""
    first, sums = native(matrix[:BLOCK]), fast(matrix)
    return sums if np.array_equal(sums[:BLOCK], first) else native(matrix)
