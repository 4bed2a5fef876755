"""Affinity: how much the rest of what a user does points to what a question asks for.

A ridge regression of how often users have done it on how often they have done everything else, over the users' own past
alone: the linear autoencoder of [1]_, with what is asked for left out of what it is told from.

References
----------
.. [1] Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yule.core.threads import one_thread
from yule.features.embeddings.counts import Block
from yule.features.roles.activity import WINDOWS, Touched

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PENALTY = 2.0
"""Weight of the ridge for each user: strong, so that what counts is what many items say together."""

_DECIMALS = 8
"""Weights are rounded to these, a thousand times coarser than what kernels of different processors differ by."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How some users touched items, and how items go together; in one window.

    Parameters
    ----------
    users
        intp (n_learned,): places of the users who are learned from among all users.
    counts
        float64 (n_learned, n_items): days on which they touched an item, damped.
    products
        float64 (n_items, n_items): sums of the products of the counts of two items, over the users.
    """

    users: NDArray[np.intp]
    counts: "csr_array"
    products: NDArray[np.float64]

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """Means of the counts, (n_items,)."""
        means: NDArray[np.float64] = self.counts.sum(axis=0) / len(self.users)
        return means

    @cached_property
    def deviations(self) -> NDArray[np.float64]:
        """Standard deviations of the counts, (n_items,); 1 of a constant."""
        variances = np.diag(self.products) / len(self.users) - self.means**2
        return np.sqrt(np.where(variances > 0, variances, 1))

    @cached_property
    def gram(self) -> NDArray[np.float64]:
        """Products of the standardised counts, (n_items, n_items)."""
        centred = self.products - len(self.users) * np.outer(self.means, self.means)
        gram: NDArray[np.float64] = centred / np.outer(self.deviations, self.deviations)
        return gram


@dataclass(frozen=True, kw_only=True)
class Affinity:
    """What items say of a question, in one window.

    Parameters
    ----------
    weights
        float64 (n_items,): of damped counts.
    offset
        What is added, so that the users who were learned from have 0 in the mean and a deviation of 1.
    """

    weights: NDArray[np.float64]
    offset: float

    def of_items(self, places: Collection[int]) -> "Affinity":
        """Return what some items add."""
        is_kept = np.isin(np.arange(len(self.weights)), list(places))
        return Affinity(weights=np.where(is_kept, self.weights, 0), offset=0.0)

    def without_items(self, places: Collection[int]) -> "Affinity":
        """Return the same but for what some items add."""
        is_kept = ~np.isin(np.arange(len(self.weights)), list(places))
        return Affinity(weights=np.where(is_kept, self.weights, 0), offset=self.offset)


def learn_samples(touched: Touched) -> list[Sample]:
    """Find how items go together in each window."""
    counts = _gather(touched, touched.read())
    return [
        Sample(users=touched.learners, counts=counted, products=products)
        for counted, products in zip(counts, touched.products, strict=True)
    ]


def replace_items(
    samples: Sequence[Sample], touched: Touched, places: Collection[int], blocks: Iterable[Block]
) -> list[Sample]:
    """Return samples in which some items were touched on other days than was counted.

    Parameters
    ----------
    samples
        Those of each window.
    touched
        What they are of.
    places
        Places of these items.
    blocks
        Users, by their places, with damped counts of these items, and of no others.
    """
    return [
        _replace(sample, np.array(sorted(places), dtype=np.intp), counts)
        for sample, counts in zip(samples, _gather(touched, blocks), strict=True)
    ]


def learn_affinity(sample: Sample, own: NDArray[np.float64], *, left_out: Collection[int] = ()) -> Affinity:
    """Learn what items say of a question.

    Parameters
    ----------
    sample
        The items.
    own
        float64 (n_learned,): days on which the users of the sample did what is asked for, damped.
    left_out
        Places of the items that are what is asked for, and say nothing of the rest.
    """
    from scipy.linalg import cho_factor, cho_solve

    n_users = len(sample.users)
    target = (own - own.mean()) / (float(own.std()) or 1.0)
    told = (sample.counts.T @ target) / sample.deviations  # the targets add up to 0: the means drop out
    keep = ~np.isin(np.arange(len(told)), list(left_out))
    weights = np.zeros(len(told))
    with one_thread():
        penalised = sample.gram[np.ix_(keep, keep)] + PENALTY * n_users * np.eye(int(keep.sum()))
        weights[keep] = cho_solve(cho_factor(penalised), told[keep])
        spread = np.sqrt(max(float(weights @ sample.gram @ weights), 0.0) / n_users)
    weights = np.round(weights / sample.deviations / (spread or 1.0), _DECIMALS)
    return Affinity(weights=weights, offset=-round(float(sample.means @ weights), _DECIMALS))


def _gather(touched: Touched, blocks: Iterable[Block]) -> list["csr_array"]:
    """Return the counts of the users who are learned from, in each window: (n_learned, n_items)."""
    from scipy.sparse import csr_array, vstack

    n_items = len(touched.items)
    found, users = [[csr_array((0, n_items))] for _ in WINDOWS], [np.empty(0, dtype=np.intp)]
    for block in blocks:
        places = block.user_ids.to_numpy()
        rows = np.isin(places, touched.learners)
        users.append(places[rows])
        for window, counts in enumerate(block.counts):
            found[window].append(counts[rows])
    at = np.searchsorted(touched.learners, np.concatenate(users))
    return [_spread(vstack(parts, format="csr"), at, n_rows=len(touched.learners)) for parts in found]


def _spread(counts: "csr_array", at: NDArray[np.intp], *, n_rows: int) -> "csr_array":
    """Return rows at their places, ascending, among rows of nothing."""
    from scipy.sparse import csr_array

    sizes = np.zeros(n_rows, dtype=np.int64)
    sizes[at] = np.diff(counts.indptr)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    return csr_array((counts.data, counts.indices, starts), shape=(n_rows, counts.shape[1]))


def _replace(sample: Sample, places: NDArray[np.intp], counts: "csr_array") -> Sample:
    from scipy.sparse import csr_array, diags_array

    is_kept = np.ones(counts.shape[1])
    is_kept[places] = 0
    changed = csr_array(sample.counts @ diags_array(is_kept) + counts)
    products, columns = sample.products.copy(), (changed.T @ counts[:, places]).toarray()
    products[:, places] = columns
    products[places, :] = columns.T
    return Sample(users=sample.users, counts=changed, products=products)
