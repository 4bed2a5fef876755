"""Classes: probabilities of each class against the rest become chances of all classes, which sum to 1."""

import numpy as np
from numpy.typing import NDArray


def normalise(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide the probabilities of each user's classes by their sum.

    Parameters
    ----------
    probabilities
        Of each class against the rest, calibrated, (n_users, n_classes); above 0.

    Returns
    -------
    ndarray
        (n_users, n_classes); a user's sum to 1 and depend on no other user.

    Notes
    -----
    Each class's probabilities are calibrated on users that the models did not see, so their sums lie near 1 as they
    are. Slopes and intercepts fitted to the classes gained nothing (``docs/decisions/0011-classes.md``).

    >>> normalise(np.array([[0.2, 0.6]])).round(2)
    array([[0.25, 0.75]])
    """
    chances: NDArray[np.float64] = probabilities / probabilities.sum(axis=1, keepdims=True)
    return chances
