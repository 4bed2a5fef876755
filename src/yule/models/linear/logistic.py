"""Logistic regression with an L2 penalty."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.models.card import ModelCard, importance_shares, read_card, write_card
from yule.models.early_stopping import best_step
from yule.models.linear.design import Design, design_columns, fit_design
from yule.models.probabilities import to_probabilities
from yule.models.progress import log_valid, mean_log_loss
from yule.models.protocol import FitContext

_FILE = "weights.safetensors"
_ROWS_AT_ONCE = 4096
_WAIT = 2  # points of the path without a better one after which the path ends


@dataclass(frozen=True, kw_only=True)
class LogisticRegression:
    """Settings of a logistic regression member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    strongest_penalty, weakest_penalty
        Ends of the path of penalties. The fit minimises the log loss summed over users plus the penalty times half
        the squared norm of the weights.
    n_penalties
        Points of the path, evenly spaced in logarithm, strongest first; the log loss of the users kept aside chooses.
    """

    kind: Literal["logistic"] = "logistic"
    name: str = "logistic"
    strongest_penalty: Annotated[float, Gt(0)] = 1e4
    weakest_penalty: Annotated[float, Gt(0)] = 1.0
    n_penalties: Annotated[int, Ge(2), Le(100)] = 9

    def fit(self, train: Labelled, stop: Labelled, *, context: FitContext) -> "LogisticModel":
        """See :class:`~yule.models.protocol.Estimator`."""
        design = fit_design(train.features)
        stop_columns = design_columns(design, stop.features)
        points: list[NDArray[np.float64]] = []
        losses: list[float] = []
        for point in _walk_path(self, design, train, context=context):
            points.append(point)
            losses.append(
                log_valid(
                    context.tracker,
                    stop.labels,
                    to_probabilities(_weighted_sums(stop_columns, point)),
                    step=len(points),
                )
            )
            if len(points) - best_step(losses) >= _WAIT:
                break
        n_steps = best_step(losses)
        return _new_model(self, design, points[n_steps - 1], n_steps=n_steps, features=train.features)


@dataclass(frozen=True, kw_only=True)
class LogisticModel:
    """A fitted logistic regression.

    Parameters
    ----------
    card
        What is known of the model.
    design
        How features become columns.
    weights
        float64 (n_columns + 1,): weight of each column; the last is the intercept.
    """

    card: ModelCard
    design: Design
    weights: NDArray[np.float64]

    @property
    def n_steps(self) -> int:
        """Point of the path."""
        return self.card.n_steps

    @property
    def importance(self) -> Mapping[str, float]:
        """Share of each feature in the absolute weights, each times the standard deviation of its column."""
        return self.card.importance

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:  # noqa: ARG002
        """See :class:`~yule.models.protocol.Model`. One thread is enough."""
        log_odds = np.empty(features.n_users)
        for start in range(0, features.n_users, _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            log_odds[rows] = _weighted_sums(design_columns(self.design, features.take(rows)), self.weights)
        return to_probabilities(log_odds)

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and ``weights.safetensors``."""
        from safetensors.numpy import save_file

        write_card(self.card, folder)
        tensors = {
            "medians": self.design.medians,
            "edges": self.design.edges,
            "kept": self.design.kept,
            "center": self.design.center,
            "scale": self.design.scale,
            "weights": self.weights,
        }
        save_file(tensors, folder / _FILE)


def load_logistic(folder: Path) -> LogisticModel:
    """Load what :meth:`LogisticModel.save` wrote."""
    from safetensors.numpy import load_file

    card, tensors = read_card(folder), load_file(folder / _FILE)
    weights = tensors.pop("weights")
    return LogisticModel(card=card, design=Design(categories=card.categories, **tensors), weights=weights)


def _walk_path(
    settings: LogisticRegression, design: Design, train: Labelled, *, context: FitContext
) -> Iterator[NDArray[np.float64]]:
    """Yield the weights and the intercept at each penalty, strongest first; log ``train/log_loss`` at each."""
    import sklearn.linear_model
    from threadpoolctl import threadpool_limits

    columns = design_columns(design, train.features)
    regression = sklearn.linear_model.LogisticRegression(warm_start=True, tol=3e-4, max_iter=300)
    penalties = np.geomspace(settings.strongest_penalty, settings.weakest_penalty, settings.n_penalties)
    for step, penalty in enumerate(penalties, start=1):
        with threadpool_limits(1):  # sums over threads are not bit-stable
            regression.set_params(C=1 / penalty).fit(columns, train.labels)
        weights = np.append(regression.coef_[0], regression.intercept_).astype(np.float64)
        probabilities = to_probabilities(_weighted_sums(columns, weights))
        context.tracker.log("train/log_loss", mean_log_loss(train.labels, probabilities), step=step)
        yield weights


def _weighted_sums(columns: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log-odds, (n_users,). A matrix product would be faster, but let a user's last digits depend on others."""
    log_odds: NDArray[np.float64] = (columns * weights[:-1]).sum(axis=1) + weights[-1]
    return log_odds


def _new_model(
    settings: LogisticRegression, design: Design, weights: NDArray[np.float64], *, n_steps: int, features: Features
) -> LogisticModel:
    deviations = design_columns(design, features).std(axis=0, dtype=np.float64)
    amounts = np.bincount(design.sources, np.abs(weights[:-1]) * deviations, minlength=len(features.names))
    card = ModelCard(
        kind=settings.kind,
        n_steps=n_steps,
        importance=importance_shares(features.names, amounts),
        categories=design.categories,
    )
    return LogisticModel(card=card, design=design, weights=weights)
