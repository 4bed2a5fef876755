"""Samples: labelled rows of a fold, in an order that does not depend on how they came."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.examples import Examples
from yule.core.losses import Loss
from yule.core.seeds import draw_numbers


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Labelled rows.

    Parameters
    ----------
    features
        n_rows rows.
    labels
        float64 (n_rows,); 0 or 1, or amounts.
    outcome
        Which of the two.
    user_ids
        str (n_rows,). A user may have several rows, one for each cut-off.
    cutoffs
        datetime64[us] (n_rows,).
    """

    features: Features
    labels: NDArray[np.float64]
    loss: Loss
    user_ids: NDArray[np.object_]
    cutoffs: NDArray[np.datetime64]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.labels)

    @property
    def n_telling(self) -> int:
        """Number of rows whose label is not the most frequent one."""
        return self.n_rows - int(np.unique(self.labels, return_counts=True)[1].max())

    @property
    def labelled(self) -> Labelled:
        """The form models are fitted on."""
        return Labelled(features=self.features, labels=self.labels, loss=self.loss)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Sample":
        """Return some rows, in the order given."""
        return replace(
            self,
            features=self.features.take(rows),
            labels=self.labels[rows],
            user_ids=self.user_ids[rows],
            cutoffs=self.cutoffs[rows],
        )

    def with_features(self, features: Features) -> "Sample":
        """Return the same rows with other features."""
        return replace(self, features=features)


def take_sample(examples: Examples, features: Features, rows: NDArray[np.intp]) -> Sample:
    """Return some rows of a dataset, sorted by cut-off and user, with the features sorted by name.

    Parameters
    ----------
    examples, features
        The labelled users, row by row the same in both.
    rows
        intp (n_rows,): which of them.
    """
    ordered = rows[np.lexsort((examples.user_ids[rows].astype(str), examples.cutoffs[rows]))]
    return Sample(
        features=_sort_columns(features.take(ordered)),
        labels=examples.labels[ordered],
        loss=examples.loss,
        user_ids=examples.user_ids[ordered],
        cutoffs=examples.cutoffs[ordered],
    )


def thin_sample(sample: Sample, max_rows: int, *, seed: int) -> Sample:
    """Return a sample of at most so many rows: all rows of users drawn at random.

    Who is drawn depends on the users and the seed alone, and fewer rows are of the first of the users.
    """
    if sample.n_rows <= max_rows:
        return sample
    numbers = draw_numbers(sample.user_ids.tolist(), seed)
    by_number = np.sort(numbers)
    last = by_number[max_rows]
    return sample.take(numbers < last)


def divide_users(user_ids: NDArray[np.object_], n_parts: int, *, seed: int) -> NDArray[np.intp]:
    """Return the part of each row's user, 0 to n_parts - 1: it depends on the user and the seed alone."""
    parts: NDArray[np.intp] = (draw_numbers(user_ids.tolist(), seed) % np.uint64(n_parts)).astype(np.intp)
    return parts


def _sort_columns(features: Features) -> Features:
    numeric = sorted(range(len(features.numeric_names)), key=features.numeric_names.__getitem__)
    categorical = sorted(range(len(features.categorical_names)), key=features.categorical_names.__getitem__)
    return features.take_columns(numeric, categorical)
