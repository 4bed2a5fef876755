"""What to expect when the first users of the list are contacted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yule.metrics.gains import top_size
from yule.metrics.intervals import Interval
from yule.report.quality import CURVE_FRACTIONS, FRACTIONS, Z_90, Quality, share_range


@dataclass(frozen=True, kw_only=True)
class ForecastRow:
    """Positives to expect among the first users of the list.

    Parameters
    ----------
    n_users
        Users contacted.
    expected, low, high
        Positives among them, and the range they fall in 90 times of 100.
    at_random
        Positives among as many users drawn at random.
    """

    n_users: int
    expected: float
    low: float
    high: float
    at_random: float


def forecast_top(scores: NDArray[np.float64], validation: Quality) -> tuple[ForecastRow, ...]:
    """Say what to expect from each of ``FRACTIONS`` of the list.

    Parameters
    ----------
    scores
        float64 (n_users,), descending: calibrated probabilities.
    validation
        How good such rankings were.
    """
    return forecast(scores, [top_size(part, len(scores)) for part in FRACTIONS], rate_errors(validation))


def forecast_curve(scores: NDArray[np.float64], validation: Quality) -> tuple[ForecastRow, ...]:
    """Say what to expect from the list at about fifty depths, from its first user to its last; see forecast_top."""
    return forecast(scores, list_depths(len(scores)), rate_errors(validation))


def list_depths(n_users: int) -> list[int]:
    """Return numbers of users to contact, from one to all: about fifty, and those that tables show."""
    return sorted({1, *(top_size(part, n_users) for part in (*CURVE_FRACTIONS, *FRACTIONS))})


def take_curve(rows: Sequence[ForecastRow]) -> tuple[tuple[float, float], ...]:
    """Return users contacted, and what is expected of them."""
    return tuple((float(row.n_users), row.expected) for row in rows)


def take_ranges(rows: Sequence[ForecastRow]) -> tuple[Interval, ...]:
    """Return where it lies 90 times of 100."""
    return tuple(Interval(low=row.low, high=row.high) for row in rows)


def rate_errors(validation: Quality) -> NDArray[np.float64]:
    """Return how far hit rates may be off: (2, n_points), fractions of the list and standard errors of the rates."""
    fractions, errors = [], []
    for point in validation.curve:
        n_users = max(round(point.fraction * validation.n_users), 1)
        low, high = share_range(min(point.recall * validation.n_positives / n_users, 1.0), n_users)
        fractions.append(point.fraction)
        errors.append((high - low) / (2 * Z_90))
    return np.array([fractions, errors])


def forecast(scores: NDArray[np.float64], sizes: list[int], errors: NDArray[np.float64]) -> tuple[ForecastRow, ...]:
    """Say what to expect from the first users of the list.

    Two things make the count uncertain: chance decides over each user even if every probability is right, and the
    probabilities themselves are known only as well as the validated users could show.

    Parameters
    ----------
    scores
        float64 (n_users,), descending: calibrated probabilities.
    sizes
        Numbers of users to contact.
    errors
        See :func:`rate_errors`.

    >>> (row,) = forecast(np.full(100, 0.5), [100], np.array([[1.0], [0.0]]))
    >>> row.expected, round(row.low, 1), round(row.high, 1)
    (50.0, 41.8, 58.2)
    """
    expected, variance = np.cumsum(scores), np.cumsum(scores * (1 - scores))
    at = np.array(sizes) - 1
    rate_error = np.interp(np.array(sizes) / len(scores), errors[0], errors[1])
    spread = Z_90 * np.sqrt(variance[at] + (rate_error * sizes) ** 2)
    return tuple(
        ForecastRow(
            n_users=size,
            expected=float(middle),
            low=max(float(middle - width), 0.0),
            high=min(float(middle + width), float(size)),
            at_random=float(expected[-1]) * size / len(scores),
        )
        for size, middle, width in zip(sizes, expected[at], spread, strict=True)
    )
