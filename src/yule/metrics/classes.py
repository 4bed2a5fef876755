"""Metrics of one of several classes: each a mean over users, so that its interval is that of a mean.

Labels are numbers of classes, from 0; chances sum to 1 over the classes of a user.
"""

import numpy as np
from numpy.typing import NDArray

LEAST = 1e-12
"""Chances are counted as at least this."""


def log_likelihoods(labels: NDArray[np.float64], chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of the chance that each user's own class was given, in nats; their mean is minus log loss.

    Parameters
    ----------
    labels
        (n_users,); number of the class.
    chances
        (n_users, n_classes).

    Returns
    -------
    ndarray
        (n_users,); at most 0.

    >>> log_likelihoods(np.array([0.0, 1.0]), np.array([[1.0, 0.0], [0.5, 0.5]])).round(4) + 0.0
    array([ 0.    , -0.6931])
    """
    given = np.take_along_axis(chances, labels.astype(np.intp)[:, None], axis=1)[:, 0]
    return np.log(np.maximum(given, LEAST))


def likeliest_hits(labels: NDArray[np.float64], chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 for each user whose likeliest class is the own one, else 0; their mean is the accuracy.

    Parameters
    ----------
    labels
        (n_users,); number of the class.
    chances
        (n_users, n_classes); of equal chances the first counts.

    >>> likeliest_hits(np.array([0.0, 1.0]), np.array([[0.6, 0.4], [0.5, 0.5]]))
    array([1., 0.])
    """
    hits: NDArray[np.float64] = (chances.argmax(axis=1) == labels).astype(np.float64)
    return hits


def auc_parts(labels: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each user adds to the area under the ROC curve: the mean is the area.

    Parameters
    ----------
    labels
        (n_users,); 0 or 1; both occur.
    scores
        (n_users,); only their order counts.

    Returns
    -------
    ndarray
        (n_users,). A resample's mean differs from the area by what the resample's area differs from it, to first
        order [1]_: so the interval of the mean is that of the area.

    References
    ----------
    .. [1] DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more correlated receiver operating
       characteristic curves: a nonparametric approach, Biometrics 1988.

    >>> float(auc_parts(np.array([0.0, 1.0, 1.0]), np.array([0.1, 0.1, 0.7])).mean())
    0.75
    """
    _, place = np.unique(scores, return_inverse=True)
    is_positive = labels == 1
    n_places = int(place.max()) + 1
    positives, negatives = (np.bincount(place[rows], minlength=n_places) for rows in (is_positive, ~is_positive))
    below = (np.cumsum(negatives) - negatives / 2) / negatives.sum()
    above = 1 - (np.cumsum(positives) - positives / 2) / positives.sum()
    won = np.where(is_positive, below[place], above[place])
    area, share = float(won[is_positive].mean()), float(is_positive.mean())
    parts: NDArray[np.float64] = area + (won - area) / np.where(is_positive, share, 1 - share)
    return parts


def macro_auc_parts(labels: NDArray[np.float64], chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each user adds to the mean, over classes, of the AUC of one class against the rest.

    Parameters
    ----------
    labels
        (n_users,); number of the class.
    chances
        (n_users, n_classes).

    Returns
    -------
    ndarray
        (n_users,); see :func:`auc_parts`. Classes that no user, or every user, is of are left out; all are 0.5 when
        none is left.

    >>> chances = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7]])
    >>> float(macro_auc_parts(np.array([0.0, 1.0, 2.0]), chances).mean())
    1.0
    """
    told = [number for number in range(chances.shape[1]) if 0 < (labels == number).sum() < len(labels)]
    if not told:
        return np.full(len(labels), 0.5)
    parts: NDArray[np.float64] = np.mean(
        [auc_parts((labels == number).astype(np.float64), chances[:, number]) for number in told], axis=0
    )
    return parts


def confusion_counts(labels: NDArray[np.float64], chances: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count users by their class and the likeliest one.

    Parameters
    ----------
    labels
        (n_users,); number of the class.
    chances
        (n_users, n_classes).

    Returns
    -------
    ndarray
        (n_classes, n_classes): rows are the users' classes, columns the likeliest ones.

    >>> confusion_counts(np.array([0.0, 1.0, 1.0]), np.array([[0.6, 0.4], [0.6, 0.4], [0.1, 0.9]]))
    array([[1, 0],
           [1, 1]])
    """
    n_classes = chances.shape[1]
    pairs = labels.astype(np.int64) * n_classes + chances.argmax(axis=1)
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes).astype(np.int64)
