"""Categories: which values of the categorical features a model knows, and their codes.

A value that few training users have, a value never seen in training and a missing value are one and the same to a
model: code -1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features

MIN_USERS = 10
"""A value that fewer training users have is rare: too few to learn from."""

MAX_VALUES = 255
"""At most this many values of a feature are known, the most frequent ones."""


@dataclass(frozen=True, kw_only=True)
class Categories:
    """Known values of the categorical features.

    Parameters
    ----------
    names
        Names of the categorical features.
    values
        For each feature the values the model knows, sorted. A value's code is its place here.
    """

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of known values of each feature."""
        return tuple(len(values) for values in self.values)


def learn_categories(features: Features, *, max_values: int = MAX_VALUES, min_users: int = MIN_USERS) -> Categories:
    """Choose the values that are frequent among training users.

    Parameters
    ----------
    features
        Training users.
    max_values
        At most this many values of a feature are known, the most frequent ones.
    min_users
        A value that fewer users have is not known.

    >>> features = Features(
    ...     numeric=np.zeros((13, 0), np.float32),
    ...     codes=np.array([[0]] * 10 + [[1]] * 3, np.int32),
    ...     numeric_names=(),
    ...     categorical_names=("city",),
    ...     vocabularies=(("Tokyo", "Ōsaka"),),
    ... )
    >>> learn_categories(features).values
    (('Tokyo',),)
    """
    values = tuple(
        _frequent_values(codes, vocabulary, max_values=max_values, min_users=min_users)
        for codes, vocabulary in zip(features.codes.T, features.vocabularies, strict=True)
    )
    return Categories(names=features.categorical_names, values=values)


def encode_categories(categories: Categories, features: Features) -> NDArray[np.int32]:
    """Translate the codes of a table into those of a model.

    Returns
    -------
    ndarray
        int32 (n_users, n_categorical); -1 for a value the model does not know, and for a missing one.
    """
    assert features.categorical_names == categories.names
    encoded = np.empty(features.codes.shape, np.int32)
    for column, (known, vocabulary) in enumerate(zip(categories.values, features.vocabularies, strict=True)):
        places = {value: place for place, value in enumerate(known)}
        # One more entry for the code -1, which indexes the end of the array.
        translation = np.array([places.get(value, -1) for value in vocabulary] + [-1], np.int32)
        encoded[:, column] = translation[features.codes[:, column]]
    return encoded


def _frequent_values(
    codes: NDArray[np.int32], vocabulary: tuple[str, ...], *, max_values: int, min_users: int
) -> tuple[str, ...]:
    n_users = np.bincount(codes[codes >= 0], minlength=len(vocabulary))
    frequent = [code for code in np.argsort(-n_users, kind="stable")[:max_values] if n_users[code] >= min_users]
    return tuple(sorted(vocabulary[code] for code in frequent))
