"""Factors: a few numbers for each of many items or terms, so that those which go together are alike.

They come from a truncated singular value decomposition of a table of who touched what, see [1]_.

References
----------
.. [1] Deerwester et al., "Indexing by latent semantic analysis", JASIS 1990.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yule.core.meanings import Meaning
from yule.core.threads import one_thread

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_NAMES = "factors.json"
_NUMBERS = "factors.safetensors"

LEARN_USERS = 100_000
"""Factors are learned from at most so many users: those whose ids have the smallest digests."""

_DECIMALS = 8
"""Vectors are rounded to these, a thousand times coarser than what kernels of different processors differ by."""

_NEGLIGIBLE = 1e-6
"""A dimension whose singular value is smaller than this part of the largest holds rounding errors alone."""


@dataclass(frozen=True, kw_only=True)
class Factors:
    """Items or terms with their vectors.

    Parameters
    ----------
    names
        The items or terms, n_names of them.
    weights
        float64 (n_names,): how much each counts, above 0; more for the rare.
    vectors
        float64 (n_names, n_dimensions): weights and directions in one, so that a user's counts need one product.
    """

    names: tuple[str, ...]
    weights: NDArray[np.float64]
    vectors: NDArray[np.float64]

    @property
    def n_dimensions(self) -> int:
        """Length of a vector."""
        return int(self.vectors.shape[1])

    def embed(self, counts: "csr_array") -> NDArray[np.float32]:
        """Return the vectors of users: those of what they touched, added up, for counts of length 1.

        Every user's numbers are added one by one in the order of the names. They depend on no other user, on no
        number of threads and on no kernel of a processor.

        Parameters
        ----------
        counts
            float64 (n_users, n_names): how much of each they touched, damped; 0 or above.

        Returns
        -------
        ndarray
            float32 (n_users, n_dimensions), at most 1 long; NaN for users who touched nothing that is known.
        """
        lengths = row_lengths(counts, self.weights)
        with np.errstate(divide="ignore", invalid="ignore"):
            embedded: NDArray[np.float32] = (counts @ self.vectors / lengths[:, np.newaxis]).astype(np.float32)
        return embedded


def learn_factors(
    counts: "csr_array", names: Sequence[str], weights: NDArray[np.float64], *, dimensions: int
) -> Factors:
    """Find what goes together: decompose the weighted counts, each user's at length 1.

    The same counts give the same bytes for any number of threads. On processors of another kind the last digits of
    the decomposition may differ; rounding hides that unless a digit lies on the edge, or two dimensions are equally
    strong, where any turn of them is as right.

    Parameters
    ----------
    counts
        float64 (n_users, n_names): how much of each name each user touched, damped; 0 or above.
    names
        The items or terms.
    weights
        float64 (n_names,), above 0.
    dimensions
        At most so many are found: fewer where there are fewer users or names, or they have no more in common.

    Returns
    -------
    Factors
        The strongest dimension first; of each the largest part is positive.
    """
    from scipy.sparse import diags_array
    from sklearn.utils.extmath import randomized_svd

    lengths = row_lengths(counts, weights)
    touched = lengths > 0
    weighted = (diags_array(1 / lengths[touched]) @ counts[touched] @ diags_array(weights)).tocsr()
    with one_thread():
        _, strengths, directions = randomized_svd(weighted, dimensions, n_iter=7, random_state=0)
    directions = np.round(directions[strengths > _NEGLIGIBLE * strengths[0]], _DECIMALS)
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, np.newaxis], axis=1)
    directions = directions * np.sign(largest)
    return Factors(names=tuple(names), weights=weights, vectors=np.ascontiguousarray(directions.T) * weights[:, None])


def row_lengths(counts: "csr_array", weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Euclidean length of each row of weighted counts, added up in the order of the columns."""
    lengths: NDArray[np.float64] = np.sqrt(counts.power(2) @ weights**2)
    return lengths


def weigh_rarity(n_users: int, n_touching: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how much each name counts, (n_names,): the logarithm of how rare it is, always above 0.

    >>> weigh_rarity(1000, np.array([1, 10, 1000])).round(2).tolist()
    [6.91, 4.62, 0.69]
    """
    weights: NDArray[np.float64] = np.log1p(n_users / n_touching)
    return np.round(weights, _DECIMALS)


def name_dimensions(prefix: str, n_dimensions: int, suffix: str, *, meaning: Meaning) -> dict[str, Meaning]:
    """Return the names of the columns of a vector, and what each means: its number is added to what all mean.

    >>> list(name_dimensions("bought__svd__product", 2, "__91d", meaning=Meaning(column="product")))
    ['bought__svd__product__01__91d', 'bought__svd__product__02__91d']
    """
    width = max(2, len(str(n_dimensions)))
    numbers = range(1, n_dimensions + 1)
    return {f"{prefix}__{number:0{width}}{suffix}": replace(meaning, number=number) for number in numbers}


def write_factors(factors: Mapping[str, Factors], folder: Path) -> None:
    """Write ``factors.json`` with the names by column, and ``factors.safetensors`` with their weights and vectors."""
    from safetensors.numpy import save_file

    names = {column: learned.names for column, learned in factors.items()}
    (folder / _NAMES).write_text(json.dumps(names, sort_keys=True, ensure_ascii=False), encoding="utf-8")
    tensors: dict[str, NDArray[np.float64]] = {}
    for column, learned in factors.items():
        tensors |= {f"weights/{column}": learned.weights, f"vectors/{column}": learned.vectors}
    save_file(tensors, folder / _NUMBERS)


def read_factors(folder: Path) -> dict[str, Factors]:
    """Read what :func:`write_factors` wrote."""
    from safetensors.numpy import load_file

    tensors = load_file(folder / _NUMBERS)
    names = json.loads((folder / _NAMES).read_text(encoding="utf-8"))
    return {
        column: Factors(names=tuple(known), weights=tensors[f"weights/{column}"], vectors=tensors[f"vectors/{column}"])
        for column, known in names.items()
    }
