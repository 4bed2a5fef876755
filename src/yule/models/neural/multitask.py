"""The multi-task member: a network shared by many questions, with a head that a further question's labels move.

One trunk is trained on all questions at once; it sees nothing but roles (:mod:`yule.features.roles`), so with the head
that all questions share it answers one that it has never seen. What heads of their own would differ in, is a prior for
the head of that question [1]_.

References
----------
.. [1] Caruana, Multitask learning, Machine Learning 1997.
   Differs from [1]_: heads of single questions are fitted when the trunk is finished, as moves of a shared one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Len, Lt
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.errors import DataError
from yule.core.losses import Loss
from yule.models.linear.prior import WeightPrior, learn_prior, move_weights
from yule.models.neural.mlp import Mlp, MlpModel, apply_blocks, load_mlp
from yule.models.protocol import FitContext, Stop

if TYPE_CHECKING:
    from torch import Tensor

_FREELY = 10.0  # as a standard deviation of log-odds


@dataclass(frozen=True, kw_only=True)
class Multitask:
    """Settings of a multi-task member. Any network of this size is as good (docs/experiments.md).

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    n_epochs
        Passes over the rows of users and questions that the schedule of the learning rate spans; the weights after
        the best one, by the mean loss of the questions of the users kept aside, are kept.
    batch_size
        Rows per gradient step.
    hidden_sizes
        Width of each hidden layer.
    learning_rate
        Highest learning rate of the schedule.
    weight_decay
        Decay of the weights, as in AdamW.
    dropout
        Share of hidden units dropped while training.
    penalty
        Of how far the head of each other question lies from the shared one: half the squared norm times this is added
        to the log loss summed over users.
    n_directions
        How many directions the case's own labels may move the head in: those in which the heads of the other
        questions differ most.
    """

    kind: Literal["multitask"] = "multitask"
    name: str = "multitask"
    n_epochs: Annotated[int, Ge(1), Le(1000)] = 5
    batch_size: Annotated[int, Ge(8)] = 2048
    hidden_sizes: Annotated[tuple[Annotated[int, Ge(1)], ...], Len(1, 8)] = (64, 64)
    learning_rate: Annotated[float, Gt(0), Le(1)] = 5e-3
    weight_decay: Annotated[float, Ge(0)] = 0.01
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.1
    penalty: Annotated[float, Gt(0)] = 100.0
    n_directions: Annotated[int, Ge(0), Le(100)] = 15

    losses: ClassVar[frozenset[Loss]] = frozenset({"log_loss"})

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> "SharedNetwork":
        """See :class:`~yule.models.protocol.Estimator`; rows are users with a question."""
        network = Mlp(
            name=self.name,
            n_epochs=self.n_epochs,
            batch_size=self.batch_size,
            hidden_sizes=self.hidden_sizes,
            n_networks=1,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            dropout=self.dropout,
        )
        model = network.fit(train, stop, context=context)
        return _learn_heads(self, replace(model, card=replace(model.card, kind=self.kind)), train)


@dataclass(frozen=True, kw_only=True)
class SharedNetwork:
    """A network that many questions share, and what their heads say of one more.

    Parameters
    ----------
    model
        The network with the shared head.
    prior
        How far the labels of one more move its head.
    """

    model: MlpModel
    prior: WeightPrior

    @property
    def n_steps(self) -> int:
        """Epochs."""
        return self.model.n_steps

    @property
    def importance(self) -> Mapping[str, float]:
        """Share of each feature in how far the inputs move the output for a sample of rows."""
        return self.model.importance

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:
        """See :class:`~yule.models.protocol.Model`."""
        return self.model.predict(features, n_threads=n_threads)

    def save(self, folder: Path) -> None:
        """Write the files of the network, and ``prior.safetensors``."""
        self.model.save(folder)
        self.prior.save(folder)


def load_shared(folder: Path) -> SharedNetwork:
    """Load what :meth:`SharedNetwork.save` wrote."""
    return SharedNetwork(model=load_mlp(folder), prior=WeightPrior.load(folder))


def move_head(shared: SharedNetwork, learned: Labelled) -> MlpModel:
    """Move the shared head by the labels of a question: the most probable one given both.

    Parameters
    ----------
    shared
        What is known beforehand.
    learned
        Users with their labels; the columns of the network in its order, under whatever names.

    Returns
    -------
    MlpModel
        The network, as it was but for its head.
    """
    model = shared.model
    along, own = shared.prior.move(*_activate(model, learned.features), learned.labels)
    moved = {
        "output.weight": model.weights["output.weight"] + along[None, :, None].astype(np.float32),
        "output.bias": model.weights["output.bias"] + np.float32(own),
    }
    importance = dict(zip(learned.features.names, model.importance.values(), strict=False))  # none, if nothing counts
    card = replace(model.card, kind="mlp", importance=importance)
    return replace(model, card=card, weights={**model.weights, **moved})


def _learn_heads(settings: Multitask, model: MlpModel, train: Labelled) -> SharedNetwork:
    heads = np.array(list(_fit_heads(settings, model, train)))
    if not len(heads):
        raise DataError("No question that could be learned from has users of both kinds. Leave `multitask` out.")
    return SharedNetwork(model=model, prior=learn_prior(heads[:, :-1], heads[:, -1], settings.n_directions))


def _fit_heads(settings: Multitask, model: MlpModel, train: Labelled) -> Iterator[NDArray[np.float64]]:
    """Yield how far the head of each question with users of both kinds is from the shared one; the intercept last."""
    hidden, sums = _activate(model, train.features)
    directions = np.eye(hidden.shape[1]) / np.sqrt(settings.penalty)
    questions = np.zeros(len(train.labels), np.intp) if train.questions is None else train.questions
    for question in np.unique(questions):
        rows = np.flatnonzero(questions == question)
        labels = train.labels[rows]
        if labels.min() < labels.max():
            along, own = move_weights(
                hidden[rows], sums[rows], labels, directions=directions, intercept_deviation=_FREELY
            )
            yield np.append(along, own)


def _activate(model: MlpModel, features: Features) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the last hidden layer of users, (n_users, n_hidden), and their log-odds, (n_users,)."""
    network = model.network

    def apply(numeric: "Tensor", codes: "Tensor") -> "Tensor":
        return network.activate(numeric, network.embed(codes))[0]

    hidden = apply_blocks(apply, model.inputs, features)
    head, intercept = model.weights["output.weight"][0, :, 0], float(model.weights["output.bias"].item())
    return hidden, hidden.astype(np.float64) @ head.astype(np.float64) + intercept
