"""A function of a numeric feature, applied to many users: to whole numbers up to 254 by look-up."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

ValueFunction: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Gives what becomes of values, (n_values,), each on its own; none is missing."""

_MISSING = 255  # in place of a missing number; whole numbers up to the one before are looked up


def apply_to_values(function: ValueFunction, column: NDArray[np.float32], *, missing: float) -> NDArray[np.float64]:
    """Return what becomes of the values of a feature.

    Parameters
    ----------
    function
        What becomes of a value that is not missing.
    column
        float32 (n_users,); NaN = missing.
    missing
        What becomes of a missing value.

    >>> apply_to_values(np.sqrt, np.array([4, np.nan, 2.25], np.float32), missing=-1.0).tolist()
    [2.0, -1.0, 1.5]
    """
    codes = _find_codes(column)
    if codes is not None:
        table: NDArray[np.float64] = np.append(function(np.arange(_MISSING, dtype=np.float64)), missing)
        return table[codes]
    is_missing = np.isnan(column)
    values = np.where(is_missing, np.float32(0), column).astype(np.float64)
    return np.where(is_missing, missing, function(values))


def _find_codes(column: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """Return the values as places in a table; None if there are others than small whole numbers, or only a few."""
    if len(column) <= _MISSING:
        return None
    low, high = np.fmin.reduce(column), np.fmax.reduce(column)
    if not (low >= 0 and high < _MISSING):
        return None
    codes = np.where(np.isnan(column), np.float32(_MISSING), column)
    whole = codes.astype(np.uint8)
    return whole if (whole == codes).all() else None
