"""AdamW, in the few lines that are needed of it. Imports torch; import this module inside functions only.

torch's own optimisers load its compiler as soon as one is made, which takes every process that fits a network more than
a second and 70 MiB, and is not used.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

_BETAS = (0.9, 0.95)
_EPSILON = 1e-8


@dataclass(frozen=True, kw_only=True)
class Group:
    """Parameters that are trained alike.

    Parameters
    ----------
    parameters
        Changed in place.
    learning_rate
        At its highest.
    weight_decay
        Share of themselves that they lose in a step, times the learning rate.
    """

    parameters: Sequence[Tensor]
    learning_rate: float
    weight_decay: float = 0.0


class AdamW:
    """The optimiser, with the running means of the gradients and of their squares.

    Parameters
    ----------
    groups
        All that is trained.

    References
    ----------
    .. [1] Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019. To the bit what
       ``torch.optim.AdamW`` does on a processor.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups
        self._means = [[torch.zeros_like(parameter) for parameter in group.parameters] for group in groups]
        self._squares = [[torch.zeros_like(parameter) for parameter in group.parameters] for group in groups]
        self._n_steps = 0

    def step(self, loss: Tensor, *, factor: float) -> None:
        """Change the parameters so that a loss falls.

        Parameters
        ----------
        loss
            One number that was computed from all of them.
        factor
            What the learning rates are multiplied by.
        """
        self._n_steps += 1
        gradients = iter(torch.autograd.grad(loss, [one for group in self._groups for one in group.parameters]))
        with torch.no_grad():
            for group, means, squares in zip(self._groups, self._means, self._squares, strict=True):
                for parameter, mean, square in zip(group.parameters, means, squares, strict=True):
                    mean.lerp_(gradient := next(gradients), 1 - _BETAS[0])
                    square.mul_(_BETAS[1]).addcmul_(gradient, gradient, value=1 - _BETAS[1])
                    parameter.mul_(1 - group.learning_rate * factor * group.weight_decay)
                    size = group.learning_rate * factor / (1 - _BETAS[0] ** self._n_steps)
                    scale = (1 - _BETAS[1] ** self._n_steps) ** 0.5
                    parameter.addcdiv_(mean, (square.sqrt() / scale).add_(_EPSILON), value=-size)
