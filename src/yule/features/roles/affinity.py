"""Affinity: how much the rest of what a user does points to what a question asks for.

A ridge regression of how often users have done it on how often they have done everything else, over the users' own past
alone: the linear autoencoder of [1]_, with what is asked for left out of what it is told from.

References
----------
.. [1] Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import numpy as np
from numpy.typing import NDArray

from yule.features.as_of import MICROSECONDS_PER_DAY
from yule.features.embeddings.counts import Block, read_counts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

ITEMS = 500
"""At most so many items are looked at: those that most users touched."""

LEARN_USERS = 20_000
"""Affinities are learned from at most so many users: those whose ids have the smallest digests."""

PENALTY = 2.0
"""Weight of the ridge for each user: strong, so that what counts is what many items say together."""

N_WINDOWS = 2
"""Windows: the recent horizons, and all history."""

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
    means, deviations
        float64 (n_items,) each, of the counts.
    gram
        float64 (n_items, n_items): products of the standardised counts of two items, over the users.
    """

    users: NDArray[np.intp]
    counts: "csr_array"
    means: NDArray[np.float64]
    deviations: NDArray[np.float64]
    gram: NDArray[np.float64]


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

    def score(self, counts: "csr_array") -> NDArray[np.float64]:
        """Return how much each user's items point to the question, (n_users,)."""
        scores: NDArray[np.float64] = counts @ self.weights + self.offset
        return scores


def count_items(connection: duckdb.DuckDBPyConnection, *, recent: int, min_users: int) -> list[str]:
    """Create the table ``touched`` of all that was not asked for; return the items, the most common first.

    Parameters
    ----------
    connection
        A database with the view ``log`` (:func:`yule.features.roles.history.open_log`).
    recent
        Length of the recent window, microseconds.
    min_users
        An item that fewer users touched is passed over.
    """
    days = (  # then rows: twice as fast as counts of distinct days
        f"SELECT user_id, item, age // {MICROSECONDS_PER_DAY} AS day, min(age) AS last FROM log "
        "WHERE NOT is_own AND item IS NOT NULL GROUP BY 1, 2, 3"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS SELECT user_id, item, "
        f"CAST(count(*) FILTER (WHERE last < {recent}) AS DOUBLE) AS amount_0, CAST(count(*) AS DOUBLE) AS amount_1 "
        f"FROM ({days}) GROUP BY 1, 2"
    )
    known = connection.sql(
        f"SELECT item FROM touched GROUP BY item HAVING count(*) >= {min_users} ORDER BY count(*) DESC, item "
        f"LIMIT {ITEMS}"
    ).fetchall()
    return [item for (item,) in known]


def read_blocks(connection: duckdb.DuckDBPyConnection, items: Sequence[str], *, users: str = "true") -> Iterator[Block]:
    """Yield the users of ``touched`` who touched one of the items, with counts damped by the logarithm."""
    return read_counts(connection, items, n_windows=N_WINDOWS, damp=np.log1p, users=users)


def learn_samples(
    connection: duckdb.DuckDBPyConnection, items: Sequence[str], user_ids: NDArray[np.object_]
) -> list[Sample]:
    """Find how items go together in each window.

    Parameters
    ----------
    connection
        A database with the tables ``touched`` and ``users``.
    items
        At least one item.
    user_ids
        str (n_users,), ascending: all users.
    """
    from scipy.sparse import csr_array, vstack

    connection.execute(
        "CREATE OR REPLACE TEMP TABLE learners AS SELECT user_id, code FROM users "
        f"ORDER BY md5(user_id), user_id LIMIT {LEARN_USERS}"
    )
    learned = connection.sql("SELECT code FROM learners ORDER BY code").to_arrow_table()["code"].to_numpy()
    blocks = list(read_blocks(connection, items, users="user_id IN (SELECT user_id FROM learners)"))
    ids = [block.user_ids.to_numpy(zero_copy_only=False) for block in blocks]
    touching = np.searchsorted(user_ids, np.concatenate([*ids, np.empty(0, dtype=object)]))
    absent = np.setdiff1d(learned, touching)
    nothing = csr_array((len(absent), len(items)))
    users = np.concatenate([touching, absent]).astype(np.intp)
    return [
        _describe(users, csr_array(vstack([*(block.counts[window] for block in blocks), nothing], format="csr")))
        for window in range(N_WINDOWS)
    ]


def learn_affinity(sample: Sample, own: NDArray[np.float64], *, left_out: int | None = None) -> Affinity:
    """Learn what items say of a question.

    Parameters
    ----------
    sample
        The items.
    own
        float64 (n_learned,): days on which the users of the sample did what is asked for, damped.
    left_out
        Place of the item that is asked for; None where what is asked for was left out of the counts.
    """
    from scipy.linalg import cho_factor, cho_solve
    from threadpoolctl import threadpool_limits

    n_users = len(sample.users)
    target = (own - own.mean()) / (float(own.std()) or 1.0)
    told = (sample.counts.T @ target) / sample.deviations  # the targets add up to 0: the means drop out
    keep = np.ones(len(told), dtype=np.bool_)
    if left_out is not None:
        keep[left_out] = False
    weights = np.zeros(len(told))
    with threadpool_limits(1):  # sums over threads are not bit-stable
        penalised = sample.gram[np.ix_(keep, keep)] + PENALTY * n_users * np.eye(int(keep.sum()))
        weights[keep] = cho_solve(cho_factor(penalised), told[keep])
        spread = np.sqrt(max(float(weights @ sample.gram @ weights), 0.0) / n_users)
    weights = np.round(weights / sample.deviations / (spread or 1.0), _DECIMALS)
    return Affinity(weights=weights, offset=-round(float(sample.means @ weights), _DECIMALS))


def _describe(users: NDArray[np.intp], counts: "csr_array") -> Sample:
    n_users = len(users)
    means = counts.sum(axis=0) / n_users
    products = (counts.T @ counts).toarray()
    variances = np.diag(products) / n_users - means**2
    deviations = np.sqrt(np.where(variances > 0, variances, 1))
    gram = (products - n_users * np.outer(means, means)) / np.outer(deviations, deviations)
    return Sample(users=users, counts=counts, means=means, deviations=deviations, gram=gram)
