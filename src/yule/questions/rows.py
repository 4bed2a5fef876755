"""Which answers the pooled model of a fold learns from: users are held out by the folds of the project."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.dataset import Labelled
from yule.questions.answers import Answers
from yule.training.folds import find_fold


def divide_answers(
    answers: Sequence[Answers], *, questions: Collection[int], fold: int, n_folds: int
) -> tuple[Labelled, Labelled]:
    """Return what a pooled model learns from, and what says when to stop.

    Parameters
    ----------
    answers
        Those of each cut-off.
    questions
        Places of the questions that are learned from.
    fold
        The fold whose users are in neither; those of the next say when to stop.
    n_folds
        Number of folds.
    """
    stop_fold = (fold + 1) % n_folds
    train, stop = [], []
    for part in answers:
        users = pa.array(
            part.user_ids, pa.string()
        ).dictionary_encode()  # each is asked as often as there are questions
        folds = find_fold(users.dictionary.to_pylist(), n_folds)[users.indices.to_numpy()]
        asked = np.isin(part.questions, sorted(questions))
        train.append(_take(part, asked & (folds != fold) & (folds != stop_fold)))
        stop.append(_take(part, asked & (folds == stop_fold)))
    return _join(train), _join(stop)


def _take(answers: Answers, rows: NDArray[np.bool_]) -> Labelled:
    return Labelled(
        features=answers.features.take(rows),
        labels=answers.labels[rows],
        loss=answers.loss,
        questions=answers.questions[rows],
    )


def _join(parts: Sequence[Labelled]) -> Labelled:
    numeric = np.concatenate([part.features.numeric for part in parts])
    codes = np.empty((len(numeric), 0), dtype=np.int32)
    features = replace(parts[0].features, numeric=numeric, codes=codes)
    return Labelled(
        features=features,
        labels=np.concatenate([part.labels for part in parts]),
        loss=parts[0].loss,
        questions=np.concatenate([part.questions for part in parts if part.questions is not None]),
    )
