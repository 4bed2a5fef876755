"""The optimiser of the network is torch's, without all that torch loads with its own."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

torch = pytest.importorskip("torch")

from yule.models.neural.adam import AdamW, Group  # noqa: E402

RATE, FASTER, DECAY = 0.01, 0.03, 0.1
FACTORS = (0.2, 0.6, 1.0, 0.7, 0.3)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


def new_parameters() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in ((7, 5), (5,))]


def measure(parameters: list[torch.Tensor]) -> torch.Tensor:
    matrix, vector = parameters
    return (torch.cos(matrix) @ vector).square().sum()


def test_steps_are_those_of_torch_to_the_bit() -> None:
    ours, theirs = new_parameters(), new_parameters()
    optimizer = AdamW(
        [
            Group(parameters=[ours[0]], learning_rate=RATE, weight_decay=DECAY),
            Group(parameters=[ours[1]], learning_rate=FASTER),
        ]
    )
    reference = torch.optim.AdamW(
        [{"params": [theirs[0]], "weight_decay": DECAY}, {"params": [theirs[1]], "weight_decay": 0.0, "lr": FASTER}],
        lr=RATE,
        betas=(0.9, 0.95),
    )
    for factor in FACTORS:
        optimizer.step(measure(ours), factor=factor)
        for group, rate in zip(reference.param_groups, (RATE, FASTER), strict=True):
            group["lr"] = rate * factor
        reference.zero_grad()
        measure(theirs).backward()
        reference.step()
        for one, other in zip(ours, theirs, strict=True):
            assert torch.equal(one, other)


def test_a_step_does_not_load_the_compiler_of_torch() -> None:
    program = """
import sys, torch
from yule.models.neural.adam import AdamW, Group
weight = torch.ones(3, requires_grad=True)
AdamW([Group(parameters=[weight], learning_rate=0.1)]).step(weight.square().sum(), factor=1.0)
print("torch._dynamo" in sys.modules)
"""
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert printed == "False\n"
