"""Early stopping: when training has stopped helping users kept aside."""

from collections.abc import Sequence

import numpy as np


def best_step(losses: Sequence[float]) -> int:
    """Return the step with the lowest loss, from 1; of equal ones the first.

    Parameters
    ----------
    losses
        Loss of the users kept aside after each step. Differences below 1e-9 do not count: libraries sum
        over threads, and the last digits depend on their number.

    >>> best_step([0.5, 0.3, 0.3, 0.4])
    2
    """
    return int(np.argmin(np.round(losses, 9))) + 1


def is_over(losses: Sequence[float], *, n_users: int) -> bool:
    """Tell whether the best step lies so far back that a better one is not to be expected.

    Parameters
    ----------
    losses
        Loss of the users kept aside after each step so far.
    n_users
        Training users: the fewer, the noisier the curve and the longer the wait.

    Notes
    -----
    The wait grows with the best step, as in the adaptive early stopping of AutoGluon [1]_. Differs from [1]_: the
    shortest wait is 100 steps up to 10,000 users (there 300), for our learning rates are higher.

    References
    ----------
    .. [1] Erickson et al., AutoGluon-Tabular: Robust and accurate AutoML for structured data, 2020.

    >>> is_over([0.5] * 100, n_users=10_000), is_over([0.5] * 102, n_users=10_000)
    (False, True)
    """
    best = best_step(losses)
    shortest = max(20.0, 100 * min(1.0, 10_000 / n_users))
    return len(losses) - best > max(shortest, 0.3 * best + 20)
