"""A linear model feature by feature: what a value adds to the sum, instead of ten columns for each number.

A number's pieces are one piecewise-linear function of it, so a user's sum is one interpolation and one logarithm for
each number, and one look-up for each category.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.models.categories import encode_categories
from yule.models.linear.design import MAX_COLUMN, Design
from yule.models.values import apply_to_values


@dataclass(frozen=True, kw_only=True)
class NumberTable:
    """What the values of a numeric feature add to a sum.

    Parameters
    ----------
    edges, heights
        float64 (n_pieces + 1,): what its pieces add at their ends; between them it is interpolated.
    slope, center
        The logarithm of a value, less ``center``, adds so much; cut at plus and minus ``bound`` from the center.
    bound
        See ``slope``.
    missing
        What a missing value adds.
    """

    edges: NDArray[np.float64]
    heights: NDArray[np.float64]
    slope: float
    center: float
    bound: float
    missing: float

    def apply(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what values add that are not missing."""
        added = np.interp(values, self.edges, self.heights)
        if self.slope:
            logarithms = np.copysign(np.log1p(np.abs(values)), values)
            added += self.slope * np.clip(logarithms - self.center, -self.bound, self.bound)
        return added


@dataclass(frozen=True, kw_only=True)
class LinearTables:
    """What the values of all features add to a sum.

    Parameters
    ----------
    design
        That of the model.
    intercept
        What is added to all.
    numbers
        One for each numeric feature.
    categories
        For each categorical feature what its known values add; last comes any other.
    """

    design: Design
    intercept: float
    numbers: tuple[NumberTable, ...]
    categories: tuple[NDArray[np.float64], ...]

    def add_up(self, features: Features) -> NDArray[np.float64]:
        """Return the sums of users, (n_users,), each user on its own."""
        sums = np.full(features.n_users, self.intercept)
        for table, column in zip(self.numbers, features.numeric.T, strict=True):
            sums += apply_to_values(table.apply, np.ascontiguousarray(column), missing=table.missing)
        for added, codes in zip(self.categories, encode_categories(self.design.categories, features).T, strict=True):
            sums += added[codes]
        return sums


def tabulate(design: Design, weights: NDArray[np.float64]) -> LinearTables:
    """Return the tables of a linear model.

    Parameters
    ----------
    design
        How features become columns.
    weights
        float64 (n_columns + 1,): weight of each column; the last is the intercept.
    """
    columns = _Columns.of(design, weights)
    places = np.split(np.arange(len(columns.weights)), np.cumsum(design.widths)[:-1])
    n_numeric = len(design.medians)
    numbers = [
        _tabulate_number(columns.take(place), edges, median)
        for place, edges, median in zip(places[:n_numeric], design.edges, design.medians, strict=True)
    ]
    categories = [_tabulate_category(columns.take(place)) for place in places[n_numeric:]]
    return LinearTables(
        design=design, intercept=float(weights[-1]), numbers=tuple(numbers), categories=tuple(categories)
    )


@dataclass(frozen=True, kw_only=True)
class _Columns:
    """Candidate columns, (n_candidates,) each: those that are not kept have no weight."""

    weights: NDArray[np.float64]
    center: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, design: Design, weights: NDArray[np.float64]) -> "_Columns":
        all_weights, center, scale = np.zeros(len(design.kept)), np.zeros(len(design.kept)), np.ones(len(design.kept))
        all_weights[design.kept], center[design.kept], scale[design.kept] = weights[:-1], design.center, design.scale
        return cls(weights=all_weights, center=center, scale=scale)

    def take(self, places: NDArray[np.intp]) -> "_Columns":
        return _Columns(weights=self.weights[places], center=self.center[places], scale=self.scale[places])

    def add(self, candidates: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return what candidates add, each with its weight."""
        return self.weights * np.clip((candidates - self.center) / self.scale, -MAX_COLUMN, MAX_COLUMN)


def _tabulate_number(columns: _Columns, edges: NDArray[np.float64], median: float) -> NumberTable:
    """Return the table of a numeric feature, whose columns are a logarithm, pieces and the mark of missing values."""
    zeros, ones = columns.add(0.0), columns.add(1.0)
    rises = (ones - zeros)[1:-1]
    heights = zeros[1:].sum() + np.concatenate([[0.0], np.cumsum(np.where(np.diff(edges) > 0, rises, 0.0))])
    scale = float(columns.scale[0])
    known = NumberTable(
        edges=edges,
        heights=heights,
        slope=float(columns.weights[0]) / scale,
        center=float(columns.center[0]),
        bound=MAX_COLUMN * scale,
        missing=0.0,
    )
    return replace(known, missing=float(known.apply(np.array([median]))[0] + ones[-1] - zeros[-1]))


def _tabulate_category(columns: _Columns) -> NDArray[np.float64]:
    zeros, ones = columns.add(0.0), columns.add(1.0)
    added: NDArray[np.float64] = zeros.sum() + np.append(ones - zeros, 0.0)
    return added
