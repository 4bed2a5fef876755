"""The pooled model: one for many questions, which answers a question that it has not seen.

Boosted trees over all users, cut-offs and auxiliary questions, as in global forecasting [1]_. It is told nothing but
roles, so it cannot know which question it answers. Users are held out by the folds of the project, as in all cases.

References
----------
.. [1] Makridakis et al., "M5 accuracy competition", International Journal of Forecasting 2022.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Labelled
from yule.models.gbdt.light_gbm import LightGBM, LightGBMModel
from yule.models.protocol import FitContext
from yule.questions.answers import Answers
from yule.training.folds import find_fold

ESTIMATOR = LightGBM(
    name="pooled",
    learning_rate=0.1,
    max_trees=200,
    num_leaves=15,
    min_data_in_leaf=200,
    feature_fraction=0.7,
    bagging_fraction=0.5,
    lambda_l2=5.0,
)
"""What it is fitted by: few and small trees, so that it takes seconds; more are no better (docs/experiments.md)."""


def fit_pooled(
    answers: Sequence[Answers],
    *,
    questions: Collection[int],
    fold: int,
    n_folds: int,
    context: FitContext,
) -> LightGBMModel:
    """Fit the pooled model of a fold.

    Parameters
    ----------
    answers
        Those of each cut-off.
    questions
        Places of the questions that are learned from.
    fold
        The fold whose users are held out. Those of the next say when to stop.
    n_folds
        Number of folds.
    context
        Seed, threads and tracker of the fit.
    """
    stop_fold = (fold + 1) % n_folds
    train, stop = [], []
    for part in answers:
        folds = find_fold(part.user_ids.tolist(), n_folds)
        asked = np.isin(part.questions, sorted(questions))
        train.append(_take(part, asked & (folds != fold) & (folds != stop_fold)))
        stop.append(_take(part, asked & (folds == stop_fold)))
    return ESTIMATOR.fit(_join(train), _join(stop), context=context)


def _take(answers: Answers, rows: NDArray[np.bool_]) -> Labelled:
    return Labelled(features=answers.features.take(rows), labels=answers.labels[rows])


def _join(parts: Sequence[Labelled]) -> Labelled:
    numeric = np.concatenate([part.features.numeric for part in parts])
    first = parts[0].features
    features = replace(first, numeric=numeric, codes=np.empty((len(numeric), 0), dtype=np.int32))
    return Labelled(features=features, labels=np.concatenate([part.labels for part in parts]))
