"""From log-odds to probabilities, the same way for every kind of model."""

import numpy as np
from numpy.typing import NDArray

MAX_LOG_ODDS = 15.0
"""Log-odds are cut here: a probability is never nearer to 0 or 1 than 3e-7."""


def to_probabilities(log_odds: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return ``1 / (1 + exp(-log_odds))``.

    Parameters
    ----------
    log_odds
        (n_users,).

    Returns
    -------
    ndarray
        float64 (n_users,), strictly between 0 and 1.

    >>> to_probabilities(np.array([0.0, 1e9])).round(7).tolist()
    [0.5, 0.9999997]
    """
    clipped: NDArray[np.float64] = np.clip(log_odds.astype(np.float64), -MAX_LOG_ODDS, MAX_LOG_ODDS)
    return 1 / (1 + np.exp(-clipped))
