"""Logistic regression on what users have had: embeddings of items and texts, which the log itself has taught.

An embedding is learned from all users of a log and without a label, so what goes together is known beforehand. The
labels have to say no more than which of it counts. Each group of columns, those of one embedding over one window, has a
Gaussian prior of its own. How wide it is the labels tell, too, by what they would have been most probable under [1]_:
with many labels, groups that say nothing drop out.

References
----------
.. [1] MacKay, "Bayesian interpolation", Neural Computation 1992.
   Differs from [1]_: labels are of two kinds, so the posterior is taken to be Gaussian about the most probable weights;
   and each width borrows from what is common to all groups, so that a few labels do not choose between them.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.losses import Loss
from yule.core.meanings import EMBEDDINGS, Meaning, find_group
from yule.core.threads import one_thread
from yule.models.card import ModelCard
from yule.models.heads import fit_head, track_loss, track_valid
from yule.models.linear.design import Design, design_columns, fit_design
from yule.models.linear.model import LinearModel, weigh_features, weighted_sums
from yule.models.linear.prior import WeightPrior
from yule.models.protocol import FitContext, Stop

_FREELY = 10.0  # as a standard deviation of log-odds
_AT_FIRST = 0.1  # width of every prior before a label is seen
_NARROWEST, _WIDEST = 1e-3, 3.0
_AT_ONCE = 3.0  # no prior becomes so many times as wide, or as narrow, in one round
_ROUNDS = 12
_LENT = 10.0  # weights' worth of what is common to all groups, over the labels of the rarer kind
_LEAST_TOLD = 1e-9
_ENOUGH = 5_000  # users, of all cut-offs alike, who tell how wide priors are


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Settings of an embedded member. Of a case it sees the embeddings alone.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    """

    kind: Literal["embedded"] = "embedded"
    name: str = "embedded"

    losses: ClassVar[frozenset[Loss]] = frozenset({"log_loss"})

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> LinearModel:
        """See :class:`~yule.models.protocol.Estimator`."""
        head = fit_head(train)
        design, groups = _design_groups(train.features)
        columns = design_columns(design, train.features)
        some = slice(None, None, -(-len(columns) // _ENOUGH))
        deviations = _learn_deviations(columns[some], train.labels[some], groups)
        weights = _fit_weights(columns, train.labels, deviations[groups])
        learned = head.predictions(weighted_sums(columns, weights))
        track_loss(context.tracker, head, float(head.losses(train.labels, learned).mean()), split="train", step=1)
        if isinstance(stop, Labelled):
            kept_aside = head.predictions(weighted_sums(design_columns(design, stop.features), weights))
            track_valid(context.tracker, head, stop.labels, kept_aside, step=1)
        importance = weigh_features(train.features.names, design, weights, columns.std(axis=0, dtype=np.float64))
        card = ModelCard(kind=self.kind, head=head, n_steps=1, importance=importance, categories=design.categories)
        return LinearModel(card=card, design=design, weights=weights)


def _design_groups(features: Features) -> tuple[Design, NDArray[np.intp]]:
    """Return how features become columns, one for each number and value, and the group of each column.

    The dimensions of an embedding stay as large to each other as they are: the later ones say less.
    """
    whole = fit_design(features)
    meanings = [features.meaning_of(name) for name in features.names]
    is_embedding = np.array([meaning.aggregate in EMBEDDINGS for meaning in meanings])
    is_first = np.append(True, np.diff(whole.sources) > 0)[: len(whole.sources)]
    is_seen = is_first | (whole.sources >= len(features.numeric_names))
    kept = whole.kept.copy()
    kept[kept] = is_seen
    sources = whole.sources[is_seen]
    keys = [str(_name_group(meanings[source])) for source in sources]
    groups = np.unique(keys, return_inverse=True)[1]
    scale = whole.scale[is_seen]
    widest = np.zeros(groups.max(initial=-1) + 1)
    np.maximum.at(widest, groups, scale)
    scale = np.where(is_embedding[sources], widest[groups], scale)
    return replace(whole, kept=kept, center=whole.center[is_seen], scale=scale), groups


def _name_group(meaning: Meaning) -> Meaning:
    """Return what the columns of a group have in common: of an embedding also its window."""
    group = find_group(meaning)
    return replace(group, column=meaning.column, windows=meaning.windows) if meaning.aggregate in EMBEDDINGS else group


def _learn_deviations(
    columns: NDArray[np.float32], labels: NDArray[np.float64], groups: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the standard deviation of the weights of each group under which the labels are most probable."""
    deviations = np.full(groups.max(initial=-1) + 1, _AT_FIRST)
    lent = _LENT / max(min(labels.sum(), (1 - labels).sum()), 1.0)
    for _ in range(_ROUNDS):
        weights = _fit_weights(columns, labels, deviations[groups])
        chances = 1 / (1 + np.exp(-weighted_sums(columns, weights)))
        scaled = np.column_stack([columns * deviations[groups], np.full(len(labels), _FREELY)])
        with one_thread():
            precision = np.eye(scaled.shape[1]) + scaled.T @ (scaled * (chances * (1 - chances))[:, None])
            told = 1 - np.diag(np.linalg.inv(precision))[:-1]
        squares, n_told = np.bincount(groups, weights[:-1] ** 2), np.bincount(groups, told)
        common = squares.sum() / max(n_told.sum(), _LEAST_TOLD)
        wanted = np.sqrt((squares + lent * common) / (n_told + lent))
        deviations = np.clip(wanted, deviations / _AT_ONCE, deviations * _AT_ONCE).clip(_NARROWEST, _WIDEST)
    return deviations


def _fit_weights(
    columns: NDArray[np.float32], labels: NDArray[np.float64], deviations: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the most probable weights and intercept, given how far each is expected to be from 0."""
    prior = WeightPrior(directions=np.diag(deviations), intercept_deviation=_FREELY)
    weights, intercept = prior.move(columns, np.zeros(len(labels)), labels)
    return np.append(weights, intercept)
