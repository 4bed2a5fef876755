"""Halves of the questions: those that resemble each other are in one, so that the other repeats no case like them."""

import duckdb
import numpy as np
from numpy.typing import NDArray

N_HALVES = 2
"""Questions are divided into halves; a model is fitted to each, and a case takes the one that does not repeat it."""

KEPT_TOGETHER = 0.05
"""Two questions are in one half if they share more of the days on which users did either: half as many as make a
question repeat a case, which asks for something wider (docs/experiments.md)."""


def find_shared(connection: duckdb.DuckDBPyConnection, events: str, n_questions: int) -> NDArray[np.float64]:
    """Find how many of the days on which users did what one of two questions asks for they did both.

    Parameters
    ----------
    connection
        The database.
    events
        Query for user_id, day and place of the question.
    n_questions
        How many questions there are.

    Returns
    -------
    ndarray
        float64 (n_questions, n_questions): shares, 0 to 1.
    """
    found = connection.sql(
        f"WITH days AS (SELECT DISTINCT user_id, day, place FROM ({events})) SELECT one.place AS one, "
        "other.place AS other, count(*) AS n FROM days AS one JOIN days AS other USING (user_id, day) GROUP BY 1, 2"
    ).to_arrow_table()
    both = np.zeros((n_questions, n_questions))
    both[found["one"].to_numpy(), found["other"].to_numpy()] = found["n"].to_numpy()
    either = np.add.outer(np.diag(both), np.diag(both)) - both
    return both / np.maximum(either, 1)


def divide_questions(shared: NDArray[np.float64]) -> list[int]:
    """Divide questions into halves of about the same size.

    Parameters
    ----------
    shared
        See :func:`find_shared`.

    Returns
    -------
    list
        The half of each question, 0 or 1.

    >>> divide_questions(np.array([[1.0, 0.0, 0.3, 0.0], [0, 1, 0, 0], [0.3, 0, 1, 0], [0, 0, 0, 1]]))
    [0, 1, 0, 1]
    """
    halves, sizes = [0] * len(shared), [0] * N_HALVES
    for together in sorted(_group(shared), key=lambda places: -len(places)):
        half = sizes.index(min(sizes))
        sizes[half] += len(together)
        for place in together:
            halves[place] = half
    return halves


def _group(shared: NDArray[np.float64]) -> list[list[int]]:
    """Return the questions that stay together, those that share most first, as far as a half has room for them."""
    most = -(-len(shared) // N_HALVES)
    group = [[place] for place in range(len(shared))]
    pairs = np.argwhere(np.triu(shared > KEPT_TOGETHER, 1))
    for one, other in sorted(pairs.tolist(), key=lambda pair: (-shared[*pair], pair)):
        if group[one] is not group[other] and len(group[one]) + len(group[other]) <= most:
            joined = group[one] + group[other]
            for place in joined:
                group[place] = joined
    return list({id(places): places for places in group}.values())
