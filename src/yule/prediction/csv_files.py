"""A list as CSV, written by columns: a row at a time, Python took longer over it than over all other writing."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

ROWS_AT_ONCE = 65_536
"""Rows of a list that are held as text."""

_DIGITS = 6
_PLAIN = (1e-4, 10.0**_DIGITS)  # from the one up to the other Arrow and Python write alike, but for whole numbers
_NEAR_TIE = 1e-6


def write_csv(table: pa.Table, file: Path) -> None:
    """Write a table of texts and numbers: all text in quotes, numbers with a fraction to six significant digits.

    Parameters
    ----------
    table
        Columns of text, whole numbers and float64, with nothing missing.
    file
        Where to.
    """
    with file.open("wb") as stream:
        stream.write((",".join(map(_quote, table.column_names)) + "\n").encode())
        for batch in table.to_batches(max_chunksize=ROWS_AT_ONCE):
            *first, last = map(_write_column, batch.columns)
            ended = pc.binary_join_element_wise(last, "\n", "")
            lines = pc.binary_join_element_wise(*first, ended, ",")
            stream.write("".join(lines.to_pylist()).encode())


def round_digits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to six significant digits: each becomes ``float(f"{value:.6g}")``.

    >>> round_digits(np.array([0.123456789, 2 / 3, 1e-12])).tolist()
    [0.123457, 0.666667, 1e-12]
    """
    is_plain = _is_plain(values)
    plain = np.where(is_plain, values, 1.0)
    # Powers of ten up to the 22nd are exact, so the quotient is the number nearest to the digits.
    power = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(plain))))
    digits = plain * power
    rounded: NDArray[np.float64] = np.rint(digits) / power
    is_open = ~is_plain | (np.abs(digits - np.floor(digits) - 0.5) < _NEAR_TIE)
    rounded[is_open] = [float(f"{value:.{_DIGITS}g}") for value in values[is_open].tolist()]
    return rounded


def _write_column(column: pa.Array) -> pa.Array:
    if pa.types.is_floating(column.type):
        return _write_fractions(column.to_numpy())
    if pa.types.is_integer(column.type):
        return column.cast(pa.string())
    return pc.binary_join_element_wise('"', pc.replace_substring(column.cast(pa.string()), '"', '""'), '"', "")


def _write_fractions(values: NDArray[np.float64]) -> pa.Array:
    """Return numbers as Python writes them."""
    rounded = round_digits(values)
    is_other = ~_is_plain(rounded) | (rounded == np.floor(rounded))
    others = pa.array([repr(value) for value in rounded[is_other].tolist()], pa.string())
    return pc.replace_with_mask(pa.array(rounded).cast(pa.string()), pa.array(is_other), others)


def _is_plain(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    sizes = np.abs(values)
    return (sizes >= _PLAIN[0]) & (sizes < _PLAIN[1])


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
