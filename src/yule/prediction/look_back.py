"""A look back: how an answer without labels would have done a horizon earlier, and what that says of its level."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from yule.ensemble.log_odds import probabilities_of
from yule.metrics.scores import roc_auc

N_FIRST = 100
"""So many of the first users are looked at, but a tenth of all at most."""

SPREAD = 1.0
"""How far the level of a question lies from what other questions say of it: a standard deviation in log-odds. It keeps
a correction finite where hardly anybody, or nearly everybody, was a yes."""

_MAX_SHIFT, _N_HALVINGS = 50.0, 60


@dataclass(frozen=True, kw_only=True)
class LookBack:
    """What came of the same question, asked a horizon earlier of the population of that day.

    Parameters
    ----------
    cutoff
        As of when; all that came of it is known.
    n_users, n_yes
        Users who were asked of, and those who were a yes.
    n_first, n_hits
        The first users on the list that would have been given, and how many of them were a yes.
    auc
        Of that list; None where nobody or everybody was a yes.
    expected
        Mean chance before the level was corrected, 0 to 1.
    level
        What the log-odds of all users are raised by so that the level is right.
    """

    cutoff: datetime
    n_users: int
    n_yes: int
    n_first: int
    n_hits: int
    auc: float | None
    expected: float
    level: float


def look_back(values: NDArray[np.float64], labels: NDArray[np.float64], *, cutoff: datetime) -> LookBack:
    """Compare an answer with what came of it.

    Parameters
    ----------
    values
        Log-odds, (n_users,); at least one user.
    labels
        (n_users,); 0 or 1.
    cutoff
        As of when the users were asked of.
    """
    n_first = count_first(len(values))
    first = np.argsort(-values, kind="stable")[:n_first]
    n_yes = int(labels.sum())
    return LookBack(
        cutoff=cutoff,
        n_users=len(values),
        n_yes=n_yes,
        n_first=n_first,
        n_hits=int(labels[first].sum()),
        auc=roc_auc(labels, probabilities_of(values)) if 0 < n_yes < len(values) else None,
        expected=float(probabilities_of(values).mean()),
        level=find_level(values, n_yes=n_yes),
    )


def count_first(n_users: int) -> int:
    """Return how many of the first users of a list are looked at.

    >>> count_first(20_000), count_first(300), count_first(5)
    (100, 30, 1)
    """
    return min(N_FIRST, max(n_users // 10, 1))


def find_level(values: NDArray[np.float64], *, n_yes: int) -> float:
    """Return what log-odds are raised by so that they say as many yeses as there were, or nearly where those are few.

    Parameters
    ----------
    values
        Log-odds, (n_users,).
    n_yes
        How many of the users were a yes.

    >>> round(find_level(np.zeros(1000), n_yes=200), 2), round(find_level(np.zeros(1000), n_yes=0), 2)
    (-1.38, -5.25)
    """
    low, high = -_MAX_SHIFT, _MAX_SHIFT
    for _ in range(_N_HALVINGS):
        middle = (low + high) / 2
        excess = float(probabilities_of(values + middle).sum()) - n_yes + middle / SPREAD**2
        low, high = (low, middle) if excess > 0 else (middle, high)
    return (low + high) / 2
