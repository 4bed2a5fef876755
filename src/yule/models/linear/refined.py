"""Logistic regression whose weights other questions have told beforehand: labels move them as far as they have to.

Each question of a log has weights of its own over the same columns. Their mean is a model of any further question
without a label of it. What they differ in is a Gaussian prior, within which the labels of that question move the
weights [1]_: a few hardly, many freely.

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
from yule.models.card import ModelCard
from yule.models.heads import fit_head, track_loss, track_valid
from yule.models.linear.design import Design, design_columns, fit_design
from yule.models.linear.model import LinearModel, load_linear, weigh_features, weighted_sums
from yule.models.protocol import FitContext

_FILE = "prior.safetensors"
_LEAST_DEVIATION = 1.0  # of intercepts: how common something is differs more than a few questions show
_MAX_STEPS = 300


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

    def fit(self, train: Labelled, stop: Labelled, *, context: FitContext) -> "LinearPrior":
        """See :class:`~yule.models.protocol.Estimator`; rows are users with a question."""
        return _learn_prior(self, train, stop, context=context)


@dataclass(frozen=True, kw_only=True)
class LinearPrior:
    """What other questions tell of the weights of one more.

    Parameters
    ----------
    model
        The mean of their models.
    directions
        float64 (n_directions, n_columns), orthogonal: what the weights differ in, each as long as their standard
        deviation along it.
    intercept_deviation
        Standard deviation of the intercepts.
    """

    model: LinearModel
    directions: NDArray[np.float64]
    intercept_deviation: float

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
        from safetensors.numpy import save_file

        self.model.save(folder)
        save_file(
            {"directions": self.directions, "intercept_deviation": np.array([self.intercept_deviation])}, folder / _FILE
        )


def load_prior(folder: Path) -> LinearPrior:
    """Load what :meth:`LinearPrior.save` wrote."""
    from safetensors.numpy import load_file

    tensors = load_file(folder / _FILE)
    (deviation,) = tensors["intercept_deviation"].tolist()
    return LinearPrior(model=load_linear(folder), directions=tensors["directions"], intercept_deviation=deviation)


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
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    model = prior.model
    columns = design_columns(model.design, learned.features)
    sums, labels = weighted_sums(columns, model.weights), learned.labels
    scales = np.append(np.ones(len(prior.directions)), prior.intercept_deviation)

    def lose(moves: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        values = sums + moved @ (moves * scales)
        loss = np.logaddexp(0, values).sum() - labels @ values + moves @ moves / 2
        errors = 1 / (1 + np.exp(-values)) - labels
        return float(loss), scales * (moved.T @ errors) + moves

    with threadpool_limits(1):  # sums over threads are not bit-stable
        along = columns @ prior.directions.T.astype(np.float32)
        moved = np.column_stack([along, np.ones(len(labels))]).astype(np.float64)
        found = minimize(lose, np.zeros(len(scales)), jac=True, method="L-BFGS-B", options={"maxiter": _MAX_STEPS})
        moves = found.x * scales
        weights = model.weights + np.append(moves[:-1] @ prior.directions, moves[-1])
    deviations = columns.std(axis=0, dtype=np.float64)
    importance = weigh_features(learned.features.names, model.design, weights, deviations)
    card = replace(model.card, kind="logistic", importance=importance)
    return LinearModel(card=card, design=model.design, weights=weights)


def _learn_prior(settings: Refined, train: Labelled, stop: Labelled, *, context: FitContext) -> LinearPrior:
    head, design = fit_head(train), fit_design(train.features)
    fitted = list(_fit_questions(settings, design, train))
    if not fitted:
        raise DataError("No question that could be learned from has users of both kinds. Leave `refined` out.")
    weights, deviations = np.array([one for one, _ in fitted]), np.mean([one for _, one in fitted], axis=0)
    mean = weights.mean(axis=0)
    card = ModelCard(
        kind=settings.kind,
        head=head,
        n_steps=1,
        importance=weigh_features(train.features.names, design, mean, deviations),
        categories=design.categories,
    )
    model = LinearModel(card=card, design=design, weights=mean)
    learned, kept_aside = (model.predict(part.features, n_threads=context.n_threads) for part in (train, stop))
    track_loss(context.tracker, head, float(head.losses(train.labels, learned).mean()), split="train", step=1)
    track_valid(context.tracker, head, stop.labels, kept_aside, step=1)
    return LinearPrior(
        model=model,
        directions=_find_directions(weights[:, :-1] - mean[:-1], settings.n_directions),
        intercept_deviation=max(float(weights[:, -1].std()), _LEAST_DEVIATION),
    )


def _fit_questions(
    settings: Refined, design: Design, train: Labelled
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Yield the weights and the intercept of each question, and the standard deviations of its columns."""
    import sklearn.linear_model
    from threadpoolctl import threadpool_limits

    questions = np.zeros(len(train.labels), np.intp) if train.questions is None else train.questions
    for question in np.unique(questions):
        rows = questions == question
        labels = train.labels[rows]
        if labels.min() == labels.max():
            continue
        columns = design_columns(design, train.features.take(rows))
        regression = sklearn.linear_model.LogisticRegression(C=1 / settings.penalty, max_iter=_MAX_STEPS)
        with threadpool_limits(1):
            regression.fit(columns, labels)
        weights = np.append(regression.coef_[0], regression.intercept_).astype(np.float64)
        yield weights, columns.std(axis=0, dtype=np.float64)


def _find_directions(differences: NDArray[np.float64], n_directions: int) -> NDArray[np.float64]:
    """Return what weights differ in most, (n_directions or fewer, n_columns), as long as their standard deviation."""
    from threadpoolctl import threadpool_limits

    n_questions = len(differences)
    with threadpool_limits(1):
        _, sizes, axes = np.linalg.svd(differences, full_matrices=False)
    kept = min(n_directions, n_questions - 1)
    directions: NDArray[np.float64] = axes[:kept] * (sizes[:kept] / np.sqrt(max(n_questions - 1, 1)))[:, None]
    return np.ascontiguousarray(directions)
