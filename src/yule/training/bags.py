"""Bags: what one fit learns from when only positives are known.

Every fit learns from all positives outside its fold and from its own draw of the unlabelled users outside its fold
("bagging" [1]_): with five folds and four members, twenty draws. What is held out is drawn once and has the same
proportion of unlabelled users, so that scores mean the same when they are learned and when they are judged.

References
----------
.. [1] Mordelet and Vert, A bagging SVM to learn from positive and unlabeled examples, Pattern Recognition Letters,
   2014. Differs from [1]_: positives are not resampled, and the unlabelled are several times as many.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yule.training.folds import FoldRows, Folds


@dataclass(frozen=True, kw_only=True)
class Draw:
    """How unlabelled users are drawn.

    Parameters
    ----------
    per_positive
        So many for each positive; all when there are fewer.
    seed
        Seed of the draw.
    """

    per_positive: int
    seed: int


def draw_bag(rows: FoldRows, labels: NDArray[np.float64], draw: Draw) -> FoldRows:
    """Leave out unlabelled users that a fit learns from, or stops by, until the rest is in proportion.

    Parameters
    ----------
    rows
        Rows of one fold.
    labels
        (n_examples,); 1 for a positive, 0 for an unlabelled user.
    draw
        How many are drawn.

    >>> rows = FoldRows(train=np.arange(10), stop=np.arange(10, 14), held_out=np.arange(14, 20))
    >>> labels = np.array([1.0] * 2 + [0.0] * 8 + [1.0, 0.0, 0.0, 0.0] + [0.0] * 6)
    >>> bag = draw_bag(rows, labels, Draw(per_positive=2, seed=0))
    >>> len(bag.train), len(bag.stop), len(bag.held_out)
    (6, 3, 6)
    """
    random = np.random.default_rng(draw.seed)
    return replace(
        rows,
        train=_thin(rows.train, labels, draw.per_positive, random),
        stop=_thin(rows.stop, labels, draw.per_positive, random),
    )


def thin_validation(folds: Folds, labels: NDArray[np.float64], draw: Draw) -> Folds:
    """Hold out the same share of the unlabelled users of every fold; the others are learned from alone.

    There are as many of them in all as are wanted for the positives: a fold may have more or fewer, or no positive.

    Parameters
    ----------
    folds
        How examples are divided.
    labels
        (n_examples,); 1 for a positive, 0 for an unlabelled user.
    draw
        How many are drawn.
    """
    random = np.random.default_rng(draw.seed)
    is_positive = labels == 1
    n_positives, n_unlabelled = (int((folds.is_validation & part).sum()) for part in (is_positive, ~is_positive))
    fraction = min(1.0, draw.per_positive * n_positives / n_unlabelled)
    is_validation = folds.is_validation & is_positive
    for fold in range(folds.n_folds):
        rows = np.flatnonzero(folds.is_validation & ~is_positive & (folds.fold == fold))
        is_validation[random.choice(rows, math.ceil(fraction * len(rows)), replace=False)] = True
    return replace(folds, is_validation=is_validation)


def _thin(
    rows: NDArray[np.intp], labels: NDArray[np.float64], per_positive: int, random: np.random.Generator
) -> NDArray[np.intp]:
    """Return all positive rows and a draw of the others, ascending."""
    is_positive = labels[rows] == 1
    positives, unlabelled = rows[is_positive], rows[~is_positive]
    n_drawn = min(per_positive * len(positives), len(unlabelled))
    return np.sort(np.concatenate([positives, random.choice(unlabelled, n_drawn, replace=False)]))
