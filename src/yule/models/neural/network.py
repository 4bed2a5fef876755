"""The network: several small multilayer perceptrons side by side, over shared embeddings.

Imports torch; import this module inside functions only.

Letters of dimensions: B users of a batch, F numeric inputs, P frequencies, E width of an embedding, C categorical
features, D all embedded inputs together, K networks, H width of a hidden layer.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import torch
from torch import Tensor, nn

N_FREQUENCIES = 8
NUMERIC_WIDTH = 4
MAX_CATEGORY_WIDTH = 8
_SIGMA = 0.1
_CATEGORY_SIGMA = 0.3


@dataclass(frozen=True, kw_only=True)
class NetworkShape:
    """What decides the sizes of all weights.

    Parameters
    ----------
    n_numeric
        Numeric inputs.
    category_sizes
        For each categorical feature the number of codes.
    hidden_sizes
        Width of each hidden layer.
    n_networks
        Perceptrons side by side.
    """

    n_numeric: int
    category_sizes: tuple[int, ...]
    hidden_sizes: tuple[int, ...]
    n_networks: int


class PeriodicEmbedding(nn.Module):
    """Turns each number into itself and a few mixtures of waves with learned frequencies.

    References
    ----------
    .. [1] Gorishniy et al., On embeddings for numerical features in tabular deep learning, NeurIPS 2022.
    .. [2] Holzmüller et al., Better by default: Strong pre-tuned MLPs and boosted trees on tabular data, NeurIPS 2024:
       PBLD, a bias instead of the sine, and the number itself beside the waves. Differs from [2]_: fewer frequencies.
    """

    def __init__(self, n_numeric: int) -> None:
        super().__init__()
        self.frequency = nn.Parameter(_SIGMA * torch.randn(n_numeric, N_FREQUENCIES))  # (F, P)
        self.phase = nn.Parameter(math.pi * _symmetric(n_numeric, N_FREQUENCIES))  # (F, P)
        mixture = _symmetric(n_numeric, N_FREQUENCIES, NUMERIC_WIDTH - 1) / math.sqrt(N_FREQUENCIES)
        self.mixture = nn.Parameter(mixture)  # (F, P, E - 1)
        self.bias = nn.Parameter(torch.zeros(n_numeric, NUMERIC_WIDTH - 1))  # (F, E - 1)

    def forward(self, numeric: Tensor) -> Tensor:
        """Map (B, F) to (B, F * E)."""
        number = numeric[:, :, None]  # (B, F, 1)
        waves = torch.cos(2 * math.pi * number * self.frequency + self.phase)  # (B, F, P)
        mixed = torch.einsum("bfp,fpe->bfe", waves, self.mixture) + self.bias  # (B, F, E - 1)
        return torch.cat([number, mixed], dim=2).flatten(1)


class ParallelLinear(nn.Module):
    """One linear layer for each network."""

    def __init__(self, n_networks: int, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(_symmetric(n_networks, n_in, n_out) / math.sqrt(n_in))
        self.bias = nn.Parameter(_symmetric(n_networks, 1, n_out) / math.sqrt(n_in))

    def forward(self, hidden: Tensor) -> Tensor:
        """Map (K, B, n_in) to (K, B, n_out)."""
        return torch.baddbmm(self.bias, hidden, self.weight)


class Network(nn.Module):
    """K perceptrons that share the embeddings of the inputs.

    Parameters
    ----------
    shape
        Sizes.
    dropout
        Share of hidden units dropped while training.
    """

    def __init__(self, shape: NetworkShape, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.n_networks = shape.n_networks
        self.periodic = PeriodicEmbedding(shape.n_numeric)
        widths = [min(MAX_CATEGORY_WIDTH, (size + 1) // 2) for size in shape.category_sizes]
        self.categories = nn.ModuleList(map(_new_embedding, shape.category_sizes, widths))
        width = shape.n_numeric * NUMERIC_WIDTH + sum(widths)
        self.input_scale = nn.Parameter(torch.ones(width))  # (D,), as in RealMLP: lets the network drop inputs
        layers: list[nn.Module] = []
        for hidden_size in shape.hidden_sizes:
            layers += [ParallelLinear(shape.n_networks, width, hidden_size), nn.SiLU(), nn.Dropout(dropout)]
            width = hidden_size
        self.hidden = nn.Sequential(*layers)
        self.output = ParallelLinear(shape.n_networks, width, 1)
        nn.init.zeros_(self.output.weight)

    def forward(self, numeric: Tensor, codes: Tensor) -> Tensor:
        """Return log-odds or standardised amounts, (B, K), of users with numbers (B, F) and codes (B, C)."""
        return self.combine(numeric, self.embed(codes))

    def embed(self, codes: Tensor) -> Sequence[Tensor]:
        """Return for each of the C categorical features its embedding, (B, E)."""
        return [embedding(codes[:, place]) for place, embedding in enumerate(self.categories)]

    def combine(self, numeric: Tensor, embedded: Sequence[Tensor]) -> Tensor:
        """Return log-odds or standardised amounts, (B, K), of users with numbers (B, F) and embedded categories."""
        output: Tensor = self.output(self.activate(numeric, embedded))[:, :, 0]  # (K, B)
        return output.T

    def activate(self, numeric: Tensor, embedded: Sequence[Tensor]) -> Tensor:
        """Return the last hidden layer, (K, B, H), of users with numbers (B, F) and embedded categories."""
        inputs = torch.cat([self.periodic(numeric), *embedded], dim=1) * self.input_scale  # (B, D)
        hidden: Tensor = self.hidden(inputs.expand(self.n_networks, *inputs.shape))
        return hidden


class _OneThread:
    """Who needs torch to use one thread: it is one for all threads of this process until the last has left."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._n_inside = 0
        self._n_before = 1

    def enter(self) -> None:
        with self._lock:
            if not self._n_inside:
                self._n_before = torch.get_num_threads()
            self._n_inside += 1
            torch.set_num_threads(1)

    def leave(self) -> None:
        with self._lock:
            self._n_inside -= 1
            if not self._n_inside:
                torch.set_num_threads(self._n_before)


_ONE_THREAD = _OneThread()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread, so that equal inputs give equal bits whatever the machine."""
    _ONE_THREAD.enter()
    try:
        yield
    finally:
        _ONE_THREAD.leave()


def _new_embedding(n_codes: int, width: int) -> nn.Embedding:
    embedding = nn.Embedding(n_codes, width)
    nn.init.normal_(embedding.weight, std=_CATEGORY_SIGMA)
    return embedding


def _symmetric(*shape: int) -> Tensor:
    """Return random numbers, evenly between -1 and 1."""
    return 2 * torch.rand(*shape) - 1
