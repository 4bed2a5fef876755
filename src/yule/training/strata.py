"""Strata, by loss: the kinds of users that every part of a division needs, and the sizes it is spread over."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from yule.core.examples import Examples
from yule.core.losses import Loss

N_SIZES = 5
"""Numbers other than 0 are divided into so many sizes, of equally many users each."""


class Strata(Protocol):
    """How labels of one loss are told apart."""

    def kinds(self, labels: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the kind of each label, (n_examples,): nothing can be learned, or judged, without all of them."""
        ...

    def sizes(self, labels: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the size of each label, (n_examples,), the smallest first: a part has some of each, where it can."""
        ...


class Answers:
    """Labels are 0 or 1, or numbers of classes: each is a kind, and its own size."""

    def kinds(self, labels: NDArray[np.float64]) -> NDArray[np.int64]:
        """See :class:`Strata`."""
        return labels.astype(np.int64)

    def sizes(self, labels: NDArray[np.float64]) -> NDArray[np.int64]:
        """See :class:`Strata`."""
        return labels.astype(np.int64)


class Amounts:
    """Labels are numbers: those that are not 0 are the one kind that is needed.

    >>> Amounts().sizes(np.array([0.0, 5.0, 1.0, 0.0, 9.0, 7.0, 3.0]))
    array([0, 3, 1, 0, 5, 4, 2])
    """

    def kinds(self, labels: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return 1 for numbers other than 0."""
        kinds: NDArray[np.int64] = (labels != 0).astype(np.int64)
        return kinds

    def sizes(self, labels: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return 0 for 0, and from 1 on for other numbers."""
        sizes = self.kinds(labels)
        is_other = sizes > 0
        if is_other.any():
            edges = np.quantile(labels[is_other], np.arange(1, N_SIZES) / N_SIZES)
            sizes[is_other] += np.searchsorted(edges, labels[is_other])
        return sizes


_STRATA: Mapping[Loss, Strata] = {"log_loss": Answers(), "squared_error": Amounts()}


def find_kinds(examples: Examples) -> NDArray[np.int64]:
    """Return the kind of each example, (n_examples,); see :meth:`Strata.kinds`."""
    return _STRATA[examples.loss].kinds(examples.labels)


def find_sizes(examples: Examples) -> NDArray[np.int64]:
    """Return the size of each example's label, (n_examples,); see :meth:`Strata.sizes`."""
    return _STRATA[examples.loss].sizes(examples.labels)
