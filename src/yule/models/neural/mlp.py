"""A multilayer perceptron on embedded features."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len, Lt

from yule.core.dataset import Labelled
from yule.models.protocol import FitContext, Model


@dataclass(frozen=True, kw_only=True)
class Mlp:
    """Settings of a multilayer perceptron member.

    Parameters
    ----------
    name
        Name of the member, unique in a case.
    n_epochs
        Passes over the training users; the schedule of the learning rate spans them.
    batch_size
        Users per gradient step.
    hidden_sizes
        Width of each hidden layer.
    learning_rate
        Highest learning rate of the schedule.
    weight_decay
        Decay of the weights, as in AdamW.
    dropout
        Share of hidden units dropped while training.
    """

    kind: Literal["mlp"] = "mlp"
    name: str = "mlp"
    n_epochs: Annotated[int, Ge(1), Le(1000)] = 16
    batch_size: Annotated[int, Ge(8)] = 256
    hidden_sizes: Annotated[tuple[int, ...], Len(1, 8)] = (128, 128)
    learning_rate: Annotated[float, Gt(0), Le(1)] = 1e-3
    weight_decay: Annotated[float, Ge(0)] = 0.01
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.15

    def fit(self, train: Labelled, stop: Labelled, *, context: FitContext) -> Model:
        """See :class:`~yule.models.protocol.Estimator`."""
        raise NotImplementedError

    def refit(self, train: Labelled, *, n_steps: int, context: FitContext) -> Model:
        """See :class:`~yule.models.protocol.Estimator`."""
        raise NotImplementedError
