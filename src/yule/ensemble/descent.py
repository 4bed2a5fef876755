"""Descent: the smooth, convex fits of an ensemble, of a few numbers each."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.core.threads import one_thread

Lose: TypeAlias = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]
"""Gives the loss of some numbers and its gradient."""


def descend(lose: Lose, start: Sequence[float], *, at_least: Sequence[float | None]) -> NDArray[np.float64]:
    """Return the numbers of least loss, each no smaller than its bound."""
    from scipy.optimize import minimize

    bounds = [(least, None) for least in at_least]
    options = {"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9}
    with one_thread():
        found: NDArray[np.float64] = minimize(
            lose, np.array(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options
        ).x
    return found
