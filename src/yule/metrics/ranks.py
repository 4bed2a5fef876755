"""Ranks, of which a correlation is that of Spearman."""

import numpy as np
from numpy.typing import NDArray


def standard_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks of mean 0 and standard deviation 1; equal values share theirs; zeros if all values are the same.

    The mean of the product of two of them is Spearman's correlation.

    >>> standard_ranks(np.array([5.0, 1.0])), standard_ranks(np.array([2.0, 2.0]))
    (array([ 1., -1.]), array([0., 0.]))
    """
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    deviation = ranks.std()
    standard: NDArray[np.float64] = (ranks - ranks.mean()) / deviation if deviation else np.zeros(len(values))
    return standard
