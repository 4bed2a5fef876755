"""Features that say nothing, or nothing of their own."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.messages.message import Message
from yule.messages.values import Figure, name_one
from yule.metrics.ranks import standard_ranks
from yule.preparation.sample import Sample, thin_sample

MAX_ROWS = 10_000
"""Correlations are taken over at most so many rows."""


def find_constants(features: Features) -> dict[str, Message]:
    """Find the features that have the same value, or none, in every row; say so of each."""
    numeric, codes = features.numeric, features.codes
    same = [_is_constant(column) for column in numeric.T] + [bool((column == column[0]).all()) for column in codes.T]
    return {
        name: Message(code="dropped-constant") for name, is_same in zip(features.names, same, strict=True) if is_same
    }


def find_duplicates(sample: Sample, *, max_correlation: float, seed: int) -> dict[str, Message]:
    """Find the features that repeat another one; say which.

    Parameters
    ----------
    sample
        Training rows.
    max_correlation
        Of two numeric features whose ranks correlate more than this, either way, the one with the longer name repeats
        the other; a missing number ranks lowest. Categorical features repeat each other when their values are the same
        but for their names.
    seed
        Seed of the choice of rows, when there are many.

    Returns
    -------
    dict
        The reason for each feature that is a repetition.
    """
    features = thin_sample(sample, MAX_ROWS, seed=seed).features
    return dict(_find_numeric(features, max_correlation)) | dict(_find_categorical(features))


def _is_constant(column: NDArray[np.float32]) -> bool:
    return bool((column == column[0]).all() or np.isnan(column).all())


def _find_numeric(features: Features, max_correlation: float) -> Iterator[tuple[str, Message]]:
    names = features.numeric_names
    order = sorted(range(len(names)), key=lambda place: (len(names[place]), names[place]))
    ranks = np.stack([_rank(features.numeric[:, place]) for place in order]) if order else np.empty((0, 0))
    # Rounded: the last digits of a sum depend on the machine.
    correlations = np.abs(ranks @ ranks.T / features.n_users).round(9)
    is_kept = np.ones(len(order), np.bool_)
    for place in range(1, len(order)):
        earlier = np.where(is_kept[:place], correlations[place, :place], 0.0)
        nearest = int(np.argmax(earlier))
        # Nothing exceeds a correlation of 1, which equal ranks have.
        if earlier[nearest] > max_correlation or earlier[nearest] == 1:
            is_kept[place] = False
            other = name_one(names[order[nearest]])
            yield (
                names[order[place]],
                Message(
                    code="dropped-correlated",
                    values={"other": other, "correlation": Figure(float(earlier[nearest]))},
                ),
            )


def _rank(column: NDArray[np.float32]) -> NDArray[np.float64]:
    return standard_ranks(np.where(np.isnan(column), -np.inf, column))


def _find_categorical(features: Features) -> Iterator[tuple[str, Message]]:
    first_with: dict[bytes, str] = {}
    names = features.categorical_names
    for place in sorted(range(len(names)), key=lambda place: (len(names[place]), names[place])):
        _, first, places = np.unique(features.codes[:, place], return_index=True, return_inverse=True)
        pattern = first[places].astype(np.int64).tobytes()
        other = first_with.setdefault(pattern, names[place])
        if other != names[place]:
            yield names[place], Message(code="dropped-repeated", values={"other": name_one(other)})
