"""Logistic regression whose weights other questions have told beforehand: labels move them as far as they have to.

Each question of a log has weights of its own over the same columns. Their mean is a model of any further question
without a label of it. What they differ in is a Gaussian prior, within which the labels of that question move the
weights [1]_: a few hardly, many freely.

How common something is no question can learn from itself, for all its users are told the same. What such columns say is
learned across questions, on top of the mean.

References
----------
.. [1] Raina, Ng, Koller, Constructing informative priors using transfer learning, ICML 2006.
   Differs from [1]_: the prior's covariance is that of the weights of the other questions, not learned from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.errors import DataError
from yule.core.losses import Loss
from yule.core.threads import one_thread
from yule.models.card import ModelCard
from yule.models.heads import fit_head, track_loss, track_valid
from yule.models.linear.design import Design, design_columns, fit_design
from yule.models.linear.model import LinearModel, load_linear, weigh_features, weighted_sums
from yule.models.linear.prior import WeightPrior, learn_prior, move_weights
from yule.models.protocol import FitContext, Stop

_FREELY = 10.0  # as a standard deviation of log-odds
_MAX_STEPS = 300
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, kw_only=True)
class Refined:
    """Settings of a refined member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    penalty
        Of the weights of each other question: its fit minimises the log loss summed over users plus the penalty times
        half the squared norm of the weights.
    n_directions
        How many directions the case's own labels may move the weights in: those in which the other questions differ
        most.
    """

    kind: Literal["refined"] = "refined"
    name: str = "refined"
    penalty: Annotated[float, Gt(0)] = 100.0
    n_directions: Annotated[int, Ge(0), Le(100)] = 15

    losses: ClassVar[frozenset[Loss]] = frozenset({"log_loss"})

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> "LinearPrior":
        """See :class:`~yule.models.protocol.Estimator`; rows are users with a question."""
        return _learn_prior(self, train, stop, context=context)


@dataclass(frozen=True, kw_only=True)
class LinearPrior:
    """What other questions tell of the weights of one more.

    Parameters
    ----------
    model
        The mean of their models, and what columns that tell questions apart say.
    prior
        How far the labels of one more move them.
    """

    model: LinearModel
    prior: WeightPrior

    @property
    def n_steps(self) -> int:
        """See :class:`~yule.models.protocol.Model`; always 1."""
        return self.model.n_steps

    @property
    def importance(self) -> Mapping[str, float]:
        """Share of each feature in the absolute weights, each times the standard deviation of its column."""
        return self.model.importance

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:
        """See :class:`~yule.models.protocol.Model`."""
        return self.model.predict(features, n_threads=n_threads)

    def save(self, folder: Path) -> None:
        """Write the files of the mean, and ``prior.safetensors``."""
        self.model.save(folder)
        self.prior.save(folder)


def load_prior(folder: Path) -> LinearPrior:
    """Load what :meth:`LinearPrior.save` wrote."""
    return LinearPrior(model=load_linear(folder), prior=WeightPrior.load(folder))


def refine(prior: LinearPrior, learned: Labelled) -> LinearModel:
    """Move the mean of a prior by the labels of a question: the most probable weights given both.

    Parameters
    ----------
    prior
        What is known beforehand.
    learned
        Users with their labels; the columns of the prior.

    Returns
    -------
    LinearModel
        A logistic regression.
    """
    model = prior.model
    columns = design_columns(model.design, learned.features)
    sums = weighted_sums(columns, model.weights)
    along, own = prior.prior.move(columns, sums, learned.labels)
    weights = model.weights + np.append(along, own)
    deviations = columns.std(axis=0, dtype=np.float64)
    importance = weigh_features(learned.features.names, model.design, weights, deviations)
    card = replace(model.card, kind="logistic", importance=importance)
    return LinearModel(card=card, design=model.design, weights=weights)


@dataclass(frozen=True, kw_only=True)
class _Question:
    """A question: its rows, the weights and the intercept fitted to them, means and variances of its columns."""

    rows: NDArray[np.intp]
    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    variances: NDArray[np.float64]


def _learn_prior(settings: Refined, train: Labelled, stop: Stop, *, context: FitContext) -> LinearPrior:
    head, design = fit_head(train), fit_design(train.features)
    questions = list(_fit_questions(settings, design, train))
    if not questions:
        raise DataError("No question that could be learned from has users of both kinds. Leave `refined` out.")
    fitted = np.array([question.weights for question in questions])
    variances = np.mean([question.variances for question in questions], axis=0)
    tells_questions_apart = np.var([question.means for question in questions], axis=0) > variances
    mean = _learn_level(settings, design, train, fitted.mean(axis=0), tells_questions_apart)
    card = ModelCard(
        kind=settings.kind,
        head=head,
        n_steps=1,
        importance=weigh_features(train.features.names, design, mean, np.sqrt(variances)),
        categories=design.categories,
    )
    model = LinearModel(card=card, design=design, weights=mean)
    learned = model.predict(train.features, n_threads=context.n_threads)
    track_loss(context.tracker, head, float(head.losses(train.labels, learned).mean()), split="train", step=1)
    if isinstance(stop, Labelled):
        kept_aside = model.predict(stop.features, n_threads=context.n_threads)
        track_valid(context.tracker, head, stop.labels, kept_aside, step=1)
    means = np.array([(train.labels[question.rows].mean(), learned[question.rows].mean()) for question in questions])
    actual, expected = (np.log(means) - np.log1p(-means)).T
    differences = (fitted - fitted.mean(axis=0))[:, :-1]
    return LinearPrior(model=model, prior=learn_prior(differences, actual - expected, settings.n_directions))


def _fit_questions(settings: Refined, design: Design, train: Labelled) -> Iterator[_Question]:
    """Fit each question that has users of both kinds."""
    import sklearn.linear_model

    questions = np.zeros(len(train.labels), np.intp) if train.questions is None else train.questions
    for question in np.unique(questions):
        rows = np.flatnonzero(questions == question)
        labels = train.labels[rows]
        if labels.min() == labels.max():
            continue
        columns = design_columns(design, train.features.take(rows))
        regression = sklearn.linear_model.LogisticRegression(C=1 / settings.penalty, max_iter=_MAX_STEPS)
        with one_thread():
            regression.fit(columns, labels)
        yield _Question(
            rows=rows,
            weights=np.append(regression.coef_[0], regression.intercept_).astype(np.float64),
            means=columns.mean(axis=0, dtype=np.float64),
            variances=columns.var(axis=0, dtype=np.float64),
        )


def _learn_level(
    settings: Refined, design: Design, train: Labelled, mean: NDArray[np.float64], is_moved: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Add to a mean what some columns and the intercept say across questions."""
    sums, columns = np.empty(len(train.labels)), np.empty((len(train.labels), int(is_moved.sum())), np.float32)
    for start in range(0, len(sums), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        some = design_columns(design, train.features.take(rows))
        sums[rows], columns[rows] = weighted_sums(some, mean), some[:, is_moved]
    directions = np.eye(columns.shape[1]) / np.sqrt(settings.penalty)
    moved, intercept = move_weights(columns, sums, train.labels, directions=directions, intercept_deviation=_FREELY)
    level = mean.copy()
    level[:-1][is_moved] += moved
    level[-1] += intercept
    return level
