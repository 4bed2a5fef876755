"""The columns a linear model sums over.

A numeric feature becomes its signed logarithm, a piecewise-linear encoding over its quantiles, and a mark for missing
values; a categorical feature becomes one column per known value. Columns that do not vary are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.models.categories import Categories, encode_categories, learn_categories
from yule.models.quantiles import find_knots

N_PIECES = 8
"""Pieces of the piecewise-linear encoding of a numeric feature."""

MAX_COLUMN = 8.0
"""Columns are cut at plus and minus this: nobody is further out than that."""

_MIN_DEVIATION = 0.1  # a column that hardly varies is not blown up


@dataclass(frozen=True, kw_only=True)
class Design:
    """How features become columns.

    Parameters
    ----------
    categories
        Known values of the categorical features.
    medians
        float64 (n_numeric,): what a missing number becomes.
    edges
        float64 (n_numeric, N_PIECES + 1), ascending: ends of the pieces. A piece without width is always 0.
    kept
        bool (n_candidates,): which candidate columns vary among training users.
    center, scale
        float64 (n_columns,): a column is ``(candidate - center) / scale``.

    References
    ----------
    .. [1] Gorishniy et al., On embeddings for numerical features in tabular deep learning, NeurIPS 2022.
       Differs from [1]_: the pieces divide the distinct quantiles, so that a feature that is mostly zero gets several.
    """

    categories: Categories
    medians: NDArray[np.float64]
    edges: NDArray[np.float64]
    kept: NDArray[np.bool_]
    center: NDArray[np.float64]
    scale: NDArray[np.float64]

    @property
    def widths(self) -> list[int]:
        """Number of candidate columns of each feature; numeric features first."""
        return [N_PIECES + 2] * len(self.medians) + list(self.categories.sizes)

    @property
    def sources(self) -> NDArray[np.intp]:
        """Place of the feature that each column comes from, (n_columns,); numeric features first."""
        places: NDArray[np.intp] = np.repeat(np.arange(len(self.widths)), self.widths)
        return places[self.kept]


def fit_design(features: Features) -> Design:
    """Fit a design on training users."""
    categories = learn_categories(features)
    medians, edges = _fit_numeric(features.numeric)
    kept, center, scale = [np.zeros(0, np.bool_)], [np.zeros(0)], [np.zeros(0)]
    for place, block in enumerate(_candidates(categories, medians, edges, features)):
        varies = block.min(axis=0) < block.max(axis=0)
        deviation = np.maximum(block.std(axis=0), _MIN_DEVIATION)
        if place < len(medians):
            deviation[1:-1] = 1.0  # pieces run from 0 to 1: scaled up, rare ones would weigh too much
        kept.append(varies)
        center.append(block.mean(axis=0)[varies])
        scale.append(deviation[varies])
    return Design(
        categories=categories,
        medians=medians,
        edges=edges,
        kept=np.concatenate(kept),
        center=np.concatenate(center),
        scale=np.concatenate(scale),
    )


def design_columns(design: Design, features: Features) -> NDArray[np.float32]:
    """Return the columns of some users, (n_users, n_columns), each user on its own."""
    columns = np.empty((features.n_users, len(design.center)), np.float32)
    n_candidates = n_columns = 0
    for block in candidate_columns(design, features):
        kept = block[:, design.kept[n_candidates : n_candidates + block.shape[1]]]
        place = slice(n_columns, n_columns + kept.shape[1])
        scaled = (kept - design.center[place]) / design.scale[place]
        columns[:, place] = np.clip(scaled, -MAX_COLUMN, MAX_COLUMN)
        n_candidates += block.shape[1]
        n_columns = place.stop
    return columns


def candidate_columns(design: Design, features: Features) -> Iterator[NDArray[np.float64]]:
    """Yield the candidate columns of one feature after the other, (n_users, n_candidates of the feature)."""
    return _candidates(design.categories, design.medians, design.edges, features)


def _fit_numeric(numeric: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return medians (n_numeric,) and edges (n_numeric, N_PIECES + 1)."""
    medians, edges = np.zeros(numeric.shape[1]), np.zeros((numeric.shape[1], N_PIECES + 1))
    for feature, column in enumerate(numeric.T):
        values = column[~np.isnan(column)]
        knots, _ = find_knots(values)
        medians[feature] = np.median(values.astype(np.float64)) if len(values) else 0.0
        edges[feature] = knots[np.linspace(0, len(knots) - 1, N_PIECES + 1).astype(np.intp)]
    return medians, edges


def _candidates(
    categories: Categories, medians: NDArray[np.float64], edges: NDArray[np.float64], features: Features
) -> Iterator[NDArray[np.float64]]:
    for column, median, ends in zip(features.numeric.T, medians, edges, strict=True):
        is_missing = np.isnan(column)
        values = np.where(is_missing, median, column.astype(np.float64))[:, None]
        widths = np.diff(ends)
        pieces = np.clip((values - ends[:-1]) / np.where(widths > 0, widths, np.inf), 0, 1)
        yield np.concatenate([np.sign(values) * np.log1p(np.abs(values)), pieces, is_missing[:, None]], axis=1)
    for codes, size in zip(encode_categories(categories, features).T, categories.sizes, strict=True):
        yield (codes[:, None] == np.arange(size)).astype(np.float64)
