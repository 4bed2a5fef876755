"""The path of penalties: from the strongest to weaker ones, until users kept aside gain no more."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Labelled
from yule.models.card import ModelCard
from yule.models.early_stopping import best_step
from yule.models.heads import fit_head, track_loss, track_valid
from yule.models.linear.design import design_columns, fit_design
from yule.models.linear.model import LinearModel, weigh_features, weighted_sums
from yule.models.protocol import FitContext, Stop

Walk: TypeAlias = Callable[[NDArray[np.float32], NDArray[np.float64]], Iterator[NDArray[np.float64]]]
"""Gives the weights and the intercept at each penalty, strongest first, for columns and what they are fitted to."""

_WAIT = 2  # points of the path without a better one after which the path ends


def fit_path(kind: str, walk: Walk, train: Labelled, stop: Stop, *, context: FitContext) -> LinearModel:
    """Walk a path and keep its best point, by the loss of the users kept aside, or the point of a number.

    Parameters
    ----------
    kind
        Kind of the member.
    walk
        The path.
    train, stop, context
        See :class:`~yule.models.protocol.Estimator`.
    """
    head, design = fit_head(train), fit_design(train.features)
    columns = design_columns(design, train.features)
    stop_columns = design_columns(design, stop.features) if isinstance(stop, Labelled) else None
    points: list[NDArray[np.float64]] = []
    losses: list[float] = []
    for step, weights in enumerate(walk(columns, head.targets(train.labels)), start=1):
        points.append(weights)
        loss = float(head.losses(train.labels, head.predictions(weighted_sums(columns, weights))).mean())
        track_loss(context.tracker, head, loss, split="train", step=step)
        if isinstance(stop, Labelled) and stop_columns is not None:
            kept_aside = head.predictions(weighted_sums(stop_columns, weights))
            losses.append(track_valid(context.tracker, head, stop.labels, kept_aside, step=step))
        if step == stop or (losses and step - best_step(losses) >= _WAIT):
            break
    n_steps = best_step(losses) if losses else len(points)
    weights = points[n_steps - 1]
    card = ModelCard(
        kind=kind,
        head=head,
        n_steps=n_steps,
        importance=weigh_features(train.features.names, design, weights, columns.std(axis=0, dtype=np.float64)),
        categories=design.categories,
    )
    return LinearModel(card=card, design=design, weights=weights)
