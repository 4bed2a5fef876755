"""Features and labels in memory, the form every model takes them in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from yule.core.losses import Loss
from yule.core.meanings import Meaning, find_meaning


@dataclass(frozen=True, kw_only=True)
class Features:
    """A model's input table.

    Parameters
    ----------
    numeric
        float32 (n_users, n_numeric); NaN = missing; never infinite.
    codes
        int32 (n_users, n_categorical); index into the feature's vocabulary; -1 = missing.
    numeric_names, categorical_names
        Names of the columns of ``numeric`` and of ``codes``.
    vocabularies
        For each categorical feature its values, sorted. Two tables may have different vocabularies for the
        same feature: compare values, not codes.
    meanings
        What features mean, by name. Some may have none; names that are no feature's are passed over.
    """

    numeric: NDArray[np.float32]
    codes: NDArray[np.int32]
    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]
    vocabularies: tuple[tuple[str, ...], ...]
    meanings: Mapping[str, Meaning] = field(default_factory=dict)

    @property
    def n_users(self) -> int:
        """Number of rows."""
        return len(self.numeric)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all features, numeric ones first."""
        return self.numeric_names + self.categorical_names

    def meaning_of(self, name: str) -> Meaning:
        """Return what a feature means."""
        return find_meaning(self.meanings, name)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Features":
        """Return the features of some rows, in the order given."""
        return replace(self, numeric=self.numeric[rows], codes=self.codes[rows])

    def take_columns(self, numeric: Sequence[int], categorical: Sequence[int]) -> "Features":
        """Return some columns, in the order given: places among the numeric and among the categorical features."""
        return replace(
            self,
            numeric=np.ascontiguousarray(self.numeric[:, numeric]),
            codes=np.ascontiguousarray(self.codes[:, categorical]),
            numeric_names=tuple(self.numeric_names[place] for place in numeric),
            categorical_names=tuple(self.categorical_names[place] for place in categorical),
            vocabularies=tuple(self.vocabularies[place] for place in categorical),
        )


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Features with their labels.

    Parameters
    ----------
    features
        n_users rows.
    labels
        float64 (n_users,); 0 or 1, or amounts.
    loss
        What a model of them is fitted by, which says which of the two.
    questions
        intp (n_users,): number of the question that each label answers; None where it is the same for all.
    """

    features: Features
    labels: NDArray[np.float64]
    loss: Loss = "log_loss"
    questions: NDArray[np.intp] | None = None
