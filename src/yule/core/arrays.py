"""Arrays on disk: NumPy's own files, mapped into memory, and held to what they are said to be."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from yule.core.errors import DELETE_IT, CorruptedOutput

Scalar = TypeVar("Scalar", bound=np.generic)


def map_array(file: Path, *, dtype: type[Scalar], shape: Sequence[int | None]) -> NDArray[Scalar]:
    """Map the array of a file into memory; it cannot be written to.

    Parameters
    ----------
    file
        What ``numpy.save`` wrote.
    dtype
        Type of its values.
    shape
        How long it is along each axis; None for any length.

    Raises
    ------
    CorruptedOutput
        If it is no such array: no file of NumPy's, cut short, or of another type or shape.
    """
    try:
        array: NDArray[Scalar] = np.asarray(np.load(file, mmap_mode="r"))
    except (EOFError, OverflowError, SyntaxError, ValueError) as error:
        raise CorruptedOutput(f"{file} is damaged: {error}. {DELETE_IT}") from error
    is_long = len(array.shape) == len(shape) and all(
        wanted in (None, length) for wanted, length in zip(shape, array.shape, strict=True)
    )
    if array.dtype != np.dtype(dtype) or not is_long:
        wanted = " × ".join("any" if length is None else str(length) for length in shape)
        found = " × ".join(map(str, array.shape))
        raise CorruptedOutput(
            f"{file} is damaged: it holds {found} values of {array.dtype}, not {wanted} of {np.dtype(dtype)}. "
            f"{DELETE_IT}"
        )
    return array


def check_range(file: Path, array: NDArray[np.int32], *, least: int, below: Sequence[int]) -> None:
    """Refuse the array of a file whose values lead nowhere.

    Parameters
    ----------
    file
        Where it is from.
    array
        (n,) or (n, n_columns).
    least
        Its values are at least this.
    below
        They are below this, column by column.

    Raises
    ------
    CorruptedOutput
        If one is not.
    """
    if array.size and (array.min() < least or (array.reshape(len(array), -1).max(axis=0) >= np.array(below)).any()):
        raise CorruptedOutput(f"{file} is damaged: it has values that stand for nothing. {DELETE_IT}")
