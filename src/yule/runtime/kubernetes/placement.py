"""Where a task runs next: which pool, with how much memory, and when it is given up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from yule.core.settings import from_bytes, to_json
from yule.runtime.kubernetes.insight.outcomes import Outcome
from yule.runtime.kubernetes.settings import ClusterSettings
from yule.runtime.messages import TaskMessage
from yule.storage.names import tell_left_out
from yule.storage.objects.protocol import Objects

MAX_ATTEMPTS = 5  # of a task that is killed from outside again and again

MEMORY = "learned/memory.json"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a task runs.

    Parameters
    ----------
    pool
        Name of the pool.
    tier
        Which of the pool's memory sizes; 0 is the smallest.
    attempt
        How often it was tried in this place before.
    """

    pool: str
    tier: int
    attempt: int = 0


@dataclass(frozen=True, kw_only=True)
class GivenUp:
    """A task that is not to be tried again.

    Parameters
    ----------
    message
        Why, and what to do.
    is_bug
        Whether it is not of the user's making.
    """

    message: str
    is_bug: bool = False


def place_first(message: TaskMessage, settings: ClusterSettings, learned: Mapping[str, int]) -> Placement:
    """Say where a task runs first.

    Parameters
    ----------
    message
        The task.
    settings
        The cluster's settings.
    learned
        Memory that tasks of a kind have turned out to need, in MiB, by ``memory_key``.
    """
    pool = settings.pools[settings.steps[message.step]]
    return Placement(pool=pool.name, tier=_find_tier(pool.memory_mib, learned.get(message.memory_key, 0)))


def place_again(placement: Placement, outcome: Outcome, settings: ClusterSettings) -> Placement | GivenUp:
    """Say where a task runs after it did not get done.

    Parameters
    ----------
    placement
        Where it ran.
    outcome
        What came of it.
    settings
        The cluster's settings.
    """
    match outcome.cause:
        case "out of memory":
            return _enlarge(placement, settings)
        case "move":
            return _move(placement, settings)
        case "preempted" | "evicted for memory" | "done":
            return repeat(placement)
        case "killed" if placement.attempt + 1 < MAX_ATTEMPTS:
            return repeat(placement)
        case _:
            return GivenUp(message=_say_why(outcome), is_bug=outcome.cause == "crashed")


def _enlarge(placement: Placement, settings: ClusterSettings) -> Placement | GivenUp:
    pool = settings.pools[placement.pool]
    if placement.tier + 1 < len(pool.memory_mib):
        return Placement(pool=pool.name, tier=placement.tier + 1)
    return GivenUp(
        message=f"it needs more than the {pool.memory_mib[-1]} MiB that the pool {pool.name} gives at the most. "
        f"Add a larger size to `memory` of the pool {pool.name} in project.yaml."
    )


def _move(placement: Placement, settings: ClusterSettings) -> Placement:
    if placement.pool not in settings.on_demand:
        return repeat(placement)
    size = settings.pools[placement.pool].memory_mib[placement.tier]
    pool = settings.pools[settings.on_demand[placement.pool]]
    return Placement(pool=pool.name, tier=_find_tier(pool.memory_mib, size))


def repeat(placement: Placement) -> Placement:
    """Say that a task runs again in the place where it ran."""
    return replace(placement, attempt=placement.attempt + 1)


def _say_why(outcome: Outcome) -> str:
    if outcome.cause in ("refused", "transient", "crashed"):
        return outcome.message or outcome.describe()
    how_often = f" {MAX_ATTEMPTS} times" if outcome.cause == "killed" else ""
    return f"{outcome.describe()}{how_often}. {outcome.message}".strip()


def read_learned(objects: Objects) -> dict[str, int]:
    """Read the memory that tasks have turned out to need, in MiB, by ``memory_key``."""
    try:
        return from_bytes(dict[str, int], objects.read(MEMORY) or b"{}")
    except ValueError:
        tell_left_out(f"{MEMORY} in the workspace is damaged or forged. Delete it: tasks begin with the least memory.")
        return {}


def write_learned(objects: Objects, learned: Mapping[str, int]) -> None:
    """Remember the memory that tasks have turned out to need; what others have learned meanwhile is kept."""
    known = read_learned(objects)
    merged = {key: max(known.get(key, 0), learned.get(key, 0)) for key in {*known, *learned}}
    if merged != known:
        objects.write(MEMORY, to_json(merged).encode())


def _find_tier(sizes: tuple[int, ...], needed: int) -> int:
    return next((tier for tier, size in enumerate(sizes) if size >= needed), len(sizes) - 1)
