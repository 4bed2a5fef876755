"""What a network sees: numbers on a normal scale, and codes of categories."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.models.categories import Categories, encode_categories, learn_categories
from yule.models.quantiles import N_KNOTS, find_knots
from yule.models.values import apply_to_values

_MIN_DEVIATION = 0.1  # a feature that hardly varies is not blown up


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """How features become the inputs of a network.

    Parameters
    ----------
    categories
        Known values of the categorical features.
    medians
        float64 (n_numeric,): what a missing number becomes.
    knots, scores
        float64 (n_numeric, N_KNOTS): quantiles of each feature, ascending, and what they become: normal scores of
        mean 0 and standard deviation 1. Between knots the scores are interpolated, beyond them they stay.
    has_missing
        bool (n_numeric,): features with missing values in training; each gets a mark as a further input.
    """

    categories: Categories
    medians: NDArray[np.float64]
    knots: NDArray[np.float64]
    scores: NDArray[np.float64]
    has_missing: NDArray[np.bool_]

    @property
    def n_numeric(self) -> int:
        """Number of numeric inputs: the features, then the marks."""
        return len(self.medians) + int(self.has_missing.sum())

    @property
    def sources(self) -> NDArray[np.intp]:
        """Place of the feature that each numeric input comes from, (n_inputs,)."""
        return np.concatenate([np.arange(len(self.medians)), np.flatnonzero(self.has_missing)])


def fit_inputs(features: Features) -> Inputs:
    """Fit the inputs on training users."""
    n_numeric = len(features.numeric_names)
    medians, has_missing = np.zeros(n_numeric), np.zeros(n_numeric, np.bool_)
    knots, scores = np.zeros((n_numeric, N_KNOTS)), np.zeros((n_numeric, N_KNOTS))
    for feature, column in enumerate(features.numeric.T):
        values = column[~np.isnan(column)]
        medians[feature] = np.median(values.astype(np.float64)) if len(values) else 0.0
        knots[feature], scores[feature] = _fit_scores(values)
        has_missing[feature] = len(values) < len(column)
    return Inputs(
        categories=learn_categories(features),
        medians=medians,
        knots=knots,
        scores=scores,
        has_missing=has_missing,
    )


def numeric_inputs(inputs: Inputs, features: Features) -> NDArray[np.float32]:
    """Return float32 (n_users, n_inputs): scores of the numbers, then 1 for missing and 0 for known."""
    is_missing = np.isnan(features.numeric)
    result = np.empty((features.n_users, inputs.n_numeric), np.float32)
    n_features = len(inputs.medians)
    functions = zip(features.numeric.T, inputs.medians, inputs.knots, inputs.scores, strict=True)
    for feature, (column, median, knots, scores) in enumerate(functions):
        to_scores = partial(_interpolate, knots=knots, scores=scores)
        missing = float(to_scores(np.array([median]))[0])
        result[:, feature] = apply_to_values(to_scores, np.ascontiguousarray(column), missing=missing)
    result[:, n_features:] = is_missing[:, inputs.has_missing]
    return result


def category_inputs(inputs: Inputs, features: Features) -> NDArray[np.int64]:
    """Return int64 (n_users, n_categorical): 0 for missing and unknown values, known ones from 1."""
    return encode_categories(inputs.categories, features).astype(np.int64) + 1


def _interpolate(
    values: NDArray[np.float64], knots: NDArray[np.float64], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.interp(values, knots, scores)


def _fit_scores(values: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return knots and standardised scores, (N_KNOTS,) each; fewer are filled up with the last."""
    knots, scores = find_knots(values)
    seen = np.interp(values, knots, scores) if len(values) else np.zeros(1)
    scores = (scores - seen.mean()) / max(seen.std(), _MIN_DEVIATION)
    fill = (0, N_KNOTS - len(knots))
    return np.pad(knots, fill, mode="edge"), np.pad(scores, fill, mode="edge")
