"""A multilayer perceptron on embedded features."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Len, Lt
from numpy.typing import NDArray

from yule.core.dataset import Features, Labelled
from yule.core.losses import LOSSES, Loss
from yule.core.settings import read_json, to_json
from yule.models.card import ModelCard, importance_shares, read_card, write_card
from yule.models.early_stopping import best_step
from yule.models.heads import Head, fit_head, track_loss, track_valid
from yule.models.neural.balance import balance_questions
from yule.models.neural.inputs import Inputs, category_inputs, fit_inputs, numeric_inputs
from yule.models.neural.needs import require_torch
from yule.models.protocol import BLOCK, FitContext, Stop

if TYPE_CHECKING:
    from torch import Tensor

    from yule.models.neural.network import Network, NetworkShape
    from yule.models.neural.training import Batches

_SHAPE_FILE = "network.json"
_INPUTS_FILE = "inputs.safetensors"
_WEIGHTS_FILE = "weights.safetensors"


@dataclass(frozen=True, kw_only=True)
class Mlp:
    """Settings of a multilayer perceptron member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    n_epochs
        Passes over the training users that the schedule of the learning rate spans; the weights after the best one,
        by the loss of the users kept aside, are kept.
    batch_size
        Users per gradient step.
    hidden_sizes
        Width of each hidden layer.
    n_networks
        Perceptrons side by side, each with its own weights over shared embeddings; their predictions are averaged.
    learning_rate
        Highest learning rate of the schedule.
    weight_decay
        Decay of the weights, as in AdamW.
    dropout
        Share of hidden units dropped while training.
    """

    kind: Literal["mlp"] = "mlp"
    name: str = "mlp"
    n_epochs: Annotated[int, Ge(1), Le(1000)] = 10
    batch_size: Annotated[int, Ge(8)] = 256
    hidden_sizes: Annotated[tuple[Annotated[int, Ge(1)], ...], Len(1, 8)] = (64, 64)
    n_networks: Annotated[int, Ge(1), Le(64)] = 4
    learning_rate: Annotated[float, Gt(0), Le(1)] = 5e-3
    weight_decay: Annotated[float, Ge(0)] = 0.01
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.3

    losses: ClassVar[frozenset[Loss]] = LOSSES

    def fit(self, train: Labelled, stop: Stop, *, context: FitContext) -> "MlpModel":
        """See :class:`~yule.models.protocol.Estimator`."""
        return _train(self, train, stop, context=context)


@dataclass(frozen=True, kw_only=True)
class MlpModel:
    """A fitted multilayer perceptron.

    Parameters
    ----------
    card
        What is known of the model.
    inputs
        How features become the inputs of the network.
    shape
        Sizes of the network.
    weights
        float32 arrays by name, as in the network's state.
    """

    card: ModelCard
    inputs: Inputs
    shape: "NetworkShape"
    weights: Mapping[str, NDArray[np.float32]]

    @property
    def n_steps(self) -> int:
        """Epochs."""
        return self.card.n_steps

    @property
    def importance(self) -> Mapping[str, float]:
        """Share of each feature in how far the inputs move the output for a sample of training users."""
        return self.card.importance

    def predict(self, features: Features, *, n_threads: int) -> NDArray[np.float64]:  # noqa: ARG002
        """See :class:`~yule.models.protocol.Model`. One thread, for stable bits.

        A user's prediction may depend, by about 1e-7, on the user's place within a block of ``BLOCK`` rows: cut users
        into slices that start at multiples of it, and the slices change nothing.
        """
        if not features.n_users:
            return np.empty(0)
        return _predictions(self.network, self.inputs, self.card.head, features)

    def save(self, folder: Path) -> None:
        """Write ``model.json``, ``network.json``, ``inputs.safetensors`` and ``weights.safetensors``."""
        from safetensors.numpy import save_file

        write_card(self.card, folder)
        (folder / _SHAPE_FILE).write_text(to_json(self.shape), encoding="utf-8")
        inputs = {
            "medians": self.inputs.medians,
            "knots": self.inputs.knots,
            "scores": self.inputs.scores,
            "has_missing": self.inputs.has_missing,
        }
        save_file(inputs, folder / _INPUTS_FILE)
        save_file(dict(self.weights), folder / _WEIGHTS_FILE)

    @cached_property
    def network(self) -> "Network":
        """The network with these weights, ready to predict."""
        import torch

        from yule.models.neural.network import Network

        network = Network(self.shape)
        network.load_state_dict({name: torch.from_numpy(weight) for name, weight in self.weights.items()})
        return network.eval()


def load_mlp(folder: Path) -> MlpModel:
    """Load what :meth:`MlpModel.save` wrote."""
    from safetensors.numpy import load_file

    require_torch()
    from yule.models.neural.network import NetworkShape

    card = read_card(folder)
    return MlpModel(
        card=card,
        inputs=Inputs(categories=card.categories, **load_file(folder / _INPUTS_FILE)),
        shape=read_json(NetworkShape, folder / _SHAPE_FILE),
        weights=load_file(folder / _WEIGHTS_FILE),
    )


def _train(settings: Mlp, train: Labelled, stop: Stop, *, context: FitContext) -> MlpModel:
    require_torch()
    import torch

    from yule.models.neural.network import Network, NetworkShape, one_thread
    from yule.models.neural.training import measure_importance

    inputs, head = fit_inputs(train.features), fit_head(train)
    shape = NetworkShape(
        n_numeric=inputs.n_numeric,
        category_sizes=tuple(size + 1 for size in inputs.categories.sizes),
        hidden_sizes=settings.hidden_sizes,
        n_networks=settings.n_networks,
    )
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(context.seed)
        network = Network(shape, dropout=settings.dropout)
        batches = make_batches(settings, inputs, head, train)
        n_kept = _run_epochs(settings, network, batches, inputs=inputs, head=head, stop=stop, context=context)
        numeric, categorical = measure_importance(network, batches)
    sources = np.concatenate([inputs.sources, len(inputs.medians) + np.arange(len(categorical))])
    amounts = np.bincount(sources, np.concatenate([numeric, categorical]), minlength=len(train.features.names))
    card = ModelCard(
        kind=settings.kind,
        head=head,
        n_steps=n_kept,
        importance=importance_shares(train.features.names, amounts),
        categories=inputs.categories,
    )
    weights = {name: weight.numpy() for name, weight in network.state_dict().items()}
    return MlpModel(card=card, inputs=inputs, shape=shape, weights=weights)


def _run_epochs(
    settings: Mlp,
    network: "Network",
    batches: "Batches",
    *,
    inputs: Inputs,
    head: Head,
    stop: Stop,
    context: FitContext,
) -> int:
    """Train a network in place and return the epoch whose weights it has in the end: the best one, or a number's."""
    from yule.models.neural.training import train_network

    epochs = train_network(
        network,
        batches,
        n_epochs=settings.n_epochs,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
    )
    if isinstance(stop, int):
        return _count_epochs(epochs, stop, head, context)
    losses: list[float] = []
    stop_weights = balance_questions(stop)
    best_weights = network.state_dict()
    for step, learned in enumerate(epochs, start=1):
        track_loss(context.tracker, head, learned, split="train", step=step)
        predictions = _predictions(network, inputs, head, stop.features)
        loss = track_valid(context.tracker, head, stop.labels, predictions, step=step)
        if stop_weights is not None:
            loss = float(np.average(head.losses(stop.labels, predictions), weights=stop_weights))
        losses.append(loss)
        if best_step(losses) == step:
            best_weights = {name: weight.clone() for name, weight in network.state_dict().items()}
    network.load_state_dict(best_weights)
    return best_step(losses)


def _count_epochs(epochs: Iterator[float], n_epochs: int, head: Head, context: FitContext) -> int:
    """Train for so many epochs of a schedule, or for all it has; return for how many."""
    step = 0
    for step, learned in enumerate(islice(epochs, n_epochs), start=1):
        track_loss(context.tracker, head, learned, split="train", step=step)
    return step


def make_batches(settings: Mlp, inputs: Inputs, head: Head, train: Labelled) -> "Batches":
    """Return training users as tensors."""
    import torch

    from yule.models.neural.training import Batches

    weights = balance_questions(train)
    return Batches(
        numeric=torch.from_numpy(numeric_inputs(inputs, train.features)),
        codes=torch.from_numpy(category_inputs(inputs, train.features)),
        labels=torch.from_numpy(head.targets(train.labels).astype(np.float32)),
        weights=None if weights is None else torch.from_numpy(weights),
        loss=head.loss,
        max_size=settings.batch_size,
    )


def _predictions(network: "Network", inputs: Inputs, head: Head, features: Features) -> NDArray[np.float64]:
    """Return the mean prediction over the networks, (n_users,)."""
    raw = apply_blocks(network, inputs, features)
    predictions: NDArray[np.float64] = head.predictions(raw).mean(axis=1)
    return predictions


def apply_blocks(
    apply: Callable[["Tensor", "Tensor"], "Tensor"], inputs: Inputs, features: Features
) -> NDArray[np.float32]:
    """Return what a function makes of the inputs of users, (n_users, ...), block by block.

    The last block is filled up with 0.
    """
    import torch

    from yule.models.neural.network import one_thread

    n_users = features.n_users
    fill = ((0, -n_users % BLOCK), (0, 0))
    numeric = torch.from_numpy(np.pad(numeric_inputs(inputs, features), fill))
    codes = torch.from_numpy(np.pad(category_inputs(inputs, features), fill))
    with one_thread(), torch.no_grad():
        blocks = zip(torch.split(numeric, BLOCK), torch.split(codes, BLOCK), strict=True)
        made: NDArray[np.float32] = torch.cat([apply(*block) for block in blocks])[:n_users].numpy()
    return made
