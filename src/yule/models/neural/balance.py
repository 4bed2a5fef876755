"""Weights of rows of many questions, so that none that is large or common drowns the others."""

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Labelled


def balance_questions(labelled: Labelled) -> NDArray[np.float32] | None:
    """Return a weight for each row, (n_rows,), of mean 1; None where all rows answer the same question.

    A question counts by the root of its number of rows, as if questions were sampled so, and its loss in units of what
    a constant would lose: rows of a question that hardly anybody answers with yes weigh more.

    >>> from dataclasses import replace
    >>> from yule.testing.models import make_users
    >>> balance_questions(make_users(3, seed=0)) is None
    True
    """
    if labelled.questions is None:
        return None
    _, questions = np.unique(labelled.questions, return_inverse=True)
    n_rows = np.bincount(questions)
    shares = (np.bincount(questions, labelled.labels) + 1) / (n_rows + 2)  # as if there were one more of each kind
    constant_losses = -shares * np.log(shares) - (1 - shares) * np.log1p(-shares)
    weights = (1 / np.sqrt(n_rows) / constant_losses)[questions]
    return np.asarray(weights / weights.mean(), dtype=np.float32)
