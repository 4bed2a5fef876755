"""What the first users of a list of amounts are expected to come to."""

import math

import numpy as np
from numpy.typing import NDArray

from yule.report.forecast import ForecastRow, list_depths
from yule.report.quality import Z_90

MIN_JUDGED = 30
"""An error is taken of at least so many users."""


def forecast_amounts(
    scores: NDArray[np.float64], amounts: NDArray[np.float64], predictions: NDArray[np.float64]
) -> tuple[ForecastRow, ...]:
    """Say what to expect of the list at about fifty depths, from its first user to its last.

    Two things make a sum uncertain: users differ from what is expected of them, and their mean is known only as well as
    the validated users could show. The errors of as high a part of these say how much.

    Parameters
    ----------
    scores
        float64 (n_users,), descending: expected amounts.
    amounts, predictions
        (n_validated,): what came of users, and what was expected of them out of fold.

    >>> rows = forecast_amounts(np.full(100, 2.0), np.tile([1.0, 3.0], 50), np.full(100, 2.0))
    >>> rows[-1].expected, round(rows[-1].low, 1), round(rows[-1].high, 1)
    (200.0, 176.7, 223.3)
    """
    squares = np.cumsum(((amounts - predictions) ** 2)[np.lexsort((amounts, -predictions))])
    expected, n_users = np.cumsum(scores), len(scores)
    floor = 0.0 if amounts.min() >= 0 else -math.inf
    rows = []
    for size in list_depths(n_users):
        n_judged = min(max(round(size / n_users * len(amounts)), MIN_JUDGED), len(amounts))
        variance = float(squares[n_judged - 1]) / n_judged
        middle, spread = float(expected[size - 1]), Z_90 * math.sqrt(variance * (size + size**2 / n_judged))
        rows.append(
            ForecastRow(
                n_users=size,
                expected=middle,
                low=max(middle - spread, floor),
                high=middle + spread,
                at_random=float(expected[-1]) * size / n_users,
            )
        )
    return tuple(rows)
