"""Target encoding: a categorical feature, or a cross of two, as the mean label of its value.

Training users are divided into parts. A training row gets the means of the other parts, so that neither its own label
nor those of its user's other rows are in its encoding; everyone else gets the means of all parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.models.categories import Categories, encode_categories, learn_categories

N_PARTS = 5
"""Parts the training users are divided into."""

SMOOTHING = 10.0
"""The mean of all labels counts as much as so many rows of a value."""

MAX_VALUES = 1_000
"""At most so many values have a mean of their own, the most frequent ones."""

MIN_ROWS = 5
"""A value with fewer training rows has none: all rare ones, and missing ones, share theirs."""


@dataclass(frozen=True, kw_only=True)
class TargetEncoding:
    """A target encoding.

    Parameters
    ----------
    sources
        The categorical feature, or the two that are crossed.
    values
        For each of them the known values, sorted.
    cells
        Known combinations of values, ascending; see :func:`_find_cells`.
    counts, sums
        (n_parts, n_cells + 1): rows with each combination in each part of the training users, and the sums of their
        labels; last come all other combinations.

    References
    ----------
    .. [1] Micci-Barreca, A preprocessing scheme for high-cardinality categorical attributes, SIGKDD Explorations 2001.
       Differs from [1]_: training rows are encoded out of fold.
    """

    sources: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    cells: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]
    sums: tuple[tuple[float, ...], ...]

    @property
    def name(self) -> str:
        """Name of the column."""
        return f"target({' × '.join(self.sources)})"


def learn_encoding(
    features: Features, labels: NDArray[np.float64], parts: NDArray[np.intp], sources: Sequence[str]
) -> TargetEncoding:
    """Learn an encoding by the labels of training rows.

    Parameters
    ----------
    features, labels
        n_rows training rows.
    parts
        intp (n_rows,): the part of each row's user, 0 to ``N_PARTS - 1``.
    sources
        One or two categorical features.
    """
    chosen = _choose(features, sources)
    values = learn_categories(chosen, max_values=MAX_VALUES, min_users=MIN_ROWS).values
    found = _find_cells(chosen, sources, values)
    n_rows = np.bincount(found)
    frequent = np.argsort(-n_rows, kind="stable")[:MAX_VALUES]
    cells = np.sort(frequent[n_rows[frequent] >= MIN_ROWS])
    places = _place(found, cells)
    n_places = len(cells) + 1
    counts = [np.bincount(places[parts == part], minlength=n_places) for part in range(N_PARTS)]
    sums = [np.bincount(places[parts == part], labels[parts == part], n_places) for part in range(N_PARTS)]
    return TargetEncoding(
        sources=tuple(sources),
        values=values,
        cells=tuple(cells.tolist()),
        counts=tuple(tuple(row.tolist()) for row in counts),
        sums=tuple(tuple(row.tolist()) for row in sums),
    )


def encode(encoding: TargetEncoding, features: Features, parts: NDArray[np.intp] | None) -> NDArray[np.float32]:
    """Return the encoding of each row.

    Parameters
    ----------
    encoding
        The encoding.
    features
        n_rows rows with its sources.
    parts
        intp (n_rows,): the part of each row's user, whose labels are left out; None leaves none out.

    Returns
    -------
    ndarray
        float32 (n_rows,).
    """
    cells = _find_cells(_choose(features, encoding.sources), encoding.sources, encoding.values)
    places = _place(cells, np.array(encoding.cells, np.int64))
    if parts is None:
        return _average(encoding, left_out=None)[places]
    tables = np.stack([_average(encoding, left_out=part) for part in range(N_PARTS)])
    encoded: NDArray[np.float32] = tables[parts, places]
    return encoded


def _choose(features: Features, names: Sequence[str]) -> Features:
    return features.take_columns([], [features.categorical_names.index(name) for name in names])


def _find_cells(features: Features, names: Sequence[str], values: tuple[tuple[str, ...], ...]) -> NDArray[np.int64]:
    """Return the number of each row's combination of values; an unknown value is the first of its feature."""
    codes = encode_categories(Categories(names=tuple(names), values=values), features)
    cells = np.zeros(len(codes), np.int64)
    for column, known in enumerate(values):
        cells = cells * (len(known) + 1) + codes[:, column] + 1
    return cells


def _place(found: NDArray[np.int64], cells: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the place of each combination among the known ones; their number for an unknown one."""
    places = np.searchsorted(cells, found)
    is_known = places < len(cells)
    is_known[is_known] = cells[places[is_known]] == found[is_known]
    return np.where(is_known, places, len(cells))


def _average(encoding: TargetEncoding, *, left_out: int | None) -> NDArray[np.float32]:
    """Return the smoothed mean of each combination; sums are added anew, for a difference would keep their digits."""
    used = [part for part in range(N_PARTS) if part != left_out]
    counts = np.array([encoding.counts[part] for part in used], np.float64).sum(axis=0)
    sums = np.array([encoding.sums[part] for part in used]).sum(axis=0)
    overall = sums.sum() / max(counts.sum(), 1.0)
    averages: NDArray[np.float32] = ((sums + SMOOTHING * overall) / (counts + SMOOTHING)).astype(np.float32)
    return averages
