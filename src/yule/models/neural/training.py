"""Training of the network. Imports torch; import this module inside functions only.

Letters of dimensions: see :mod:`yule.models.neural.network`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from yule.core.losses import Loss
from yule.models.neural.adam import AdamW, Group
from yule.models.neural.network import Network

_INPUT_SCALE_SPEED = 3.0
_WARM_UP = 0.1
_MIN_STEPS_PER_EPOCH = 16
_MIN_BATCH_SIZE = 32
_N_IMPORTANCE_USERS = 1024


class _Measure(Protocol):
    """The mean loss of outputs (B, K) by labels (B, K), each times a weight (B, K); None stands for 1."""

    def __call__(self, output: Tensor, labels: Tensor, /, *, weight: Tensor | None) -> Tensor: ...


def _square_error(output: Tensor, labels: Tensor, /, *, weight: Tensor | None) -> Tensor:
    losses = mse_loss(output, labels, reduction="none")
    return (losses if weight is None else weight * losses).mean()


@dataclass(frozen=True, kw_only=True)
class _Objective:
    """How a loss is measured, and where the output of a network begins, by the mean of its labels."""

    measure: _Measure
    begin: Callable[[float], float]


_OBJECTIVES: Mapping[Loss, _Objective] = {
    "log_loss": _Objective(
        measure=binary_cross_entropy_with_logits, begin=lambda mean: math.log((mean + 1e-6) / (1 - mean + 1e-6))
    ),
    "squared_error": _Objective(measure=_square_error, begin=lambda mean: mean),
}


@dataclass(frozen=True, kw_only=True)
class Batches:
    """Training users as tensors.

    Parameters
    ----------
    numeric, codes
        Inputs of the network: float32 (n_users, F) and int64 (n_users, C).
    labels
        float32 (n_users,); 0 or 1, or standardised amounts.
    weights
        float32 (n_users,): what the loss of each counts; None where all count the same.
    loss
        What the network is fitted by, which says which of the two.
    max_size
        Users of a gradient step at most; fewer when there are few users, so that an epoch has some steps.
    """

    numeric: Tensor
    codes: Tensor
    labels: Tensor
    weights: Tensor | None
    loss: Loss
    max_size: int

    @property
    def size(self) -> int:
        """Users of a gradient step."""
        n_users = len(self.labels)
        return min(self.max_size, max(_MIN_BATCH_SIZE, n_users // _MIN_STEPS_PER_EPOCH), n_users)

    @property
    def n_steps(self) -> int:
        """Gradient steps of an epoch."""
        return len(self.labels) // self.size

    def shuffled(self) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor | None]]:
        """Yield numbers, codes, labels and weights of one random batch after the other; a remainder is left out."""
        order = torch.randperm(len(self.labels))
        for rows in torch.split(order[: self.n_steps * self.size], self.size):
            weights = None if self.weights is None else self.weights[rows]
            yield self.numeric[rows], self.codes[rows], self.labels[rows], weights


def train_network(
    network: Network,
    batches: Batches,
    *,
    n_epochs: int,
    learning_rate: float,
    weight_decay: float,
) -> Iterator[float]:
    """Train a network, one epoch each time a value is taken.

    Parameters
    ----------
    network
        Changed in place.
    batches
        Training users.
    n_epochs
        Epochs of the schedule: the learning rate rises for a tenth of them, then falls along a cosine to 0.
    learning_rate, weight_decay
        Of AdamW. Embeddings do not decay.

    Yields
    ------
    float
        Mean loss of the epoch's batches, each before its step: log loss, or squared error.

    References
    ----------
    .. [1] Holzmüller et al., Better by default: Strong pre-tuned MLPs and boosted trees on tabular data, NeurIPS 2024:
       a faster learning rate for the scale of the inputs. Differs from [1]_: far fewer epochs, a cosine schedule, no
       label smoothing.
    """
    objective = _OBJECTIVES[batches.loss]
    with torch.no_grad():
        network.output.bias.fill_(objective.begin(float(batches.labels.mean())))
    optimizer = _new_optimizer(network, learning_rate=learning_rate, weight_decay=weight_decay)
    factors = _cosine_schedule(n_epochs * batches.n_steps)
    for _ in range(n_epochs):
        network.train()
        total = 0.0
        for numeric, codes, labels, weights in batches.shuffled():
            output = network(numeric, codes)  # (B, K)
            weight = None if weights is None else weights[:, None].expand_as(output)
            loss = objective.measure(output, labels[:, None].expand_as(output), weight=weight)
            optimizer.step(loss, factor=next(factors))
            total += loss.item()
        network.eval()
        yield total / batches.n_steps


def measure_importance(network: Network, batches: Batches) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Measure how far each input moves the output for a sample of training users.

    Returns
    -------
    numeric, categorical
        (F,) and (C,): mean over users of |gradient x (input - mean input)|, summed over an embedding.
    """
    rows = torch.linspace(0, len(batches.labels) - 1, min(len(batches.labels), _N_IMPORTANCE_USERS)).long()
    numeric = batches.numeric[rows].requires_grad_()
    embedded = [part.detach().requires_grad_() for part in network.embed(batches.codes[rows])]
    inputs = [numeric, *embedded]
    gradients = torch.autograd.grad(network.combine(numeric, embedded).mean(dim=1).sum(), inputs)
    with torch.no_grad():
        moves = [gradient * (part - part.mean(dim=0)) for gradient, part in zip(gradients, inputs, strict=True)]
        categorical = [part.sum(dim=1).abs().mean().item() for part in moves[1:]]
        return moves[0].abs().mean(dim=0).numpy(), np.array(categorical, np.float32)


def _new_optimizer(network: Network, *, learning_rate: float, weight_decay: float) -> AdamW:
    decaying = [*network.hidden.parameters(), *network.output.parameters()]
    embeddings = [*network.periodic.parameters(), *network.categories.parameters()]
    return AdamW(
        [
            Group(parameters=decaying, learning_rate=learning_rate, weight_decay=weight_decay),
            Group(parameters=embeddings, learning_rate=learning_rate),
            Group(parameters=[network.input_scale], learning_rate=_INPUT_SCALE_SPEED * learning_rate),
        ]
    )


def _cosine_schedule(n_steps: int) -> Iterator[float]:
    """Yield what the learning rate is multiplied by in each of some steps."""
    for step in range(n_steps):
        done = step / n_steps
        if done < _WARM_UP:
            yield (step + 1) / (_WARM_UP * n_steps + 1)
        else:
            yield 0.5 * (1 + math.cos(math.pi * (done - _WARM_UP) / (1 - _WARM_UP)))
