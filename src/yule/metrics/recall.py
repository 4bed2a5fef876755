"""How well a ranking finds known positives among users of whom nothing is known.

If the known positives are a random sample of all positives, their recall is that of all positives. The share of
positives in the top of the list ("precision") is not known, and nothing here says it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.metrics.gains import gains_curve


@dataclass(frozen=True, kw_only=True)
class RecallRow:
    """What the top of the list holds.

    Parameters
    ----------
    fraction
        Top fraction of the unlabelled users, above 0, at most 1.
    recall
        Share of the known positives that score as high.
    lift
        ``recall`` over ``fraction``: how many times as many positives as among users taken at random.
    """

    fraction: float
    recall: float
    lift: float


def recall_table(
    labels: NDArray[np.float64], scores: NDArray[np.float64], fractions: Sequence[float]
) -> tuple[RecallRow, ...]:
    """Say which share of the known positives is found in the top of a list of unlabelled users.

    Parameters
    ----------
    labels
        (n_users,); 1 for a known positive, 0 for an unlabelled user; both occur.
    scores
        (n_users,); only their order counts. The models did not see the users.
    fractions
        Top fractions of the unlabelled users, each above 0 and at most 1.

    Returns
    -------
    tuple of RecallRow
        One for each fraction, in the order given. Equal scores count in part.

    >>> labels, scores = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0]), np.array([0.9, 0.4, 0.5, 0.3, 0.2, 0.1])
    >>> recall_table(labels, scores, [0.25])
    (RecallRow(fraction=0.25, recall=0.5, lift=2.0),)
    """
    n_users_at, known_at = gains_curve(labels, scores)
    unlabelled_at = n_users_at - known_at
    # Where the list has known positives alone the curve goes straight up. They stand behind the unlabelled user above.
    is_first = np.append(True, np.diff(unlabelled_at) > 0)
    found = np.append(known_at[is_first][:-1], known_at[-1])
    recalls = np.interp(fractions, unlabelled_at[is_first] / unlabelled_at[-1], found / known_at[-1])
    return tuple(
        RecallRow(fraction=fraction, recall=recall, lift=recall / fraction)
        for fraction, recall in zip(fractions, recalls.tolist(), strict=True)
    )
