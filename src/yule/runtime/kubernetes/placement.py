"""Where a task runs next: which pool, with how much memory, and when it is given up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from yule.core.settings import from_bytes, to_json
from yule.runtime.kubernetes.insight.outcomes import Outcome
from yule.runtime.kubernetes.settings import ClusterSettings, Pool
from yule.runtime.messages import TaskMessage
from yule.storage.names import tell_left_out
from yule.storage.objects.protocol import Objects

MAX_ATTEMPTS = 5  # of a task that comes to a bad end again and again without a fault that is known to be its own
MAX_EVICTIONS = 2  # by nodes that have run out of memory

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
        How often it came to a bad end in this place that may have been chance.
    turn
        How often it was placed before, anywhere in the launch. It only grows: of several Jobs that have held a task
        the one with the highest turn says what is to become of it.
    n_evicted
        How often nodes that ran out of memory have evicted it since it got this much.
    """

    pool: str
    tier: int
    attempt: int = 0
    turn: int = 0
    n_evicted: int = 0


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


def place_first(message: TaskMessage, settings: ClusterSettings, needed_mib: int) -> Placement:
    """Say where a task runs first.

    Parameters
    ----------
    message
        The task.
    settings
        The cluster's settings.
    needed_mib
        Memory that it is known to need; 0 when nothing is.
    """
    home = settings.steps[message.step]
    sizes = _list_sizes(home, settings)
    enough = (size for size in sizes if size.memory_mib >= needed_mib)
    size = next(enough, max(sizes, key=lambda size: size.memory_mib))
    return Placement(pool=size.pool, tier=size.tier)


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
    place = replace(repeat(placement), n_evicted=placement.n_evicted + outcome.n_evicted)
    if is_too_big(placement, outcome):
        return _enlarge(place, settings)
    match outcome.cause:
        case "move" | "no node":
            return move(place, settings)
        case "preempted" | "evicted for memory":
            return place
        case "killed" | "transient" | "lost" if placement.attempt + 1 < MAX_ATTEMPTS:
            return replace(place, attempt=placement.attempt + 1)
        case _:
            return GivenUp(message=_say_why(outcome), is_bug=outcome.cause == "crashed")


def is_too_big(placement: Placement, outcome: Outcome) -> bool:
    """Say whether a task has turned out to need more memory than it had, or than its node could give it."""
    if outcome.cause in ("move", "preempted", "evicted for memory"):
        return placement.n_evicted + outcome.n_evicted >= MAX_EVICTIONS
    return outcome.cause == "out of memory"


def find_memory(placement: Placement, settings: ClusterSettings) -> int:
    """Return how many MiB a task has in a place."""
    return settings.pools[placement.pool].memory_mib[placement.tier]


def repeat(placement: Placement) -> Placement:
    """Say that a task runs again in the place where it was, through no fault of its own."""
    return replace(placement, turn=placement.turn + 1)


def move(place: Placement, settings: ClusterSettings) -> Placement:
    """Say where a task runs whose pool has no nodes for it: where nodes stay, if there is such a pool."""
    other = find_other_pool(place, settings)
    if other is None:
        return place
    needed = find_memory(place, settings)
    tier = next(tier for tier, memory_mib in enumerate(other.memory_mib) if memory_mib >= needed)
    return Placement(pool=other.name, tier=tier, turn=place.turn, n_evicted=place.n_evicted)


@dataclass(frozen=True, kw_only=True)
class _Size:
    """One of the sizes of memory that a task can have, and where."""

    pool: str
    tier: int
    memory_mib: int


def _list_sizes(pool: str, settings: ClusterSettings) -> list[_Size]:
    """Return the sizes of a pool, and then those of the one that its tasks move to."""
    names = [pool, *(name for spot, name in settings.on_demand.items() if spot == pool)]
    return [
        _Size(pool=name, tier=tier, memory_mib=memory_mib)
        for name in names
        for tier, memory_mib in enumerate(settings.pools[name].memory_mib)
    ]


def _enlarge(place: Placement, settings: ClusterSettings) -> Placement | GivenUp:
    had = find_memory(place, settings)
    size = next((size for size in _list_sizes(place.pool, settings) if size.memory_mib > had), None)
    if size is not None:
        return Placement(pool=size.pool, tier=size.tier, turn=place.turn)
    pool = settings.pools[place.pool]
    return GivenUp(
        message=f"it needs more than the {pool.memory_mib[-1]} MiB that the pool {pool.name} gives at the most. "
        f"Add a larger size to `memory` of the pool {pool.name} in project.yaml."
    )


def find_other_pool(place: Placement, settings: ClusterSettings) -> Pool | None:
    """Return the pool whose nodes stay, to which a task can move with all its memory; None when there is none."""
    name = settings.on_demand.get(place.pool)
    if name is None or settings.pools[name].memory_mib[-1] < find_memory(place, settings):
        return None
    return settings.pools[name]


def _say_why(outcome: Outcome) -> str:
    if outcome.cause in ("killed", "transient", "lost"):
        return f"{outcome.describe()}, {MAX_ATTEMPTS} times. {outcome.words}".strip()
    if outcome.cause in ("refused", "missed", "crashed"):
        return outcome.words or outcome.describe()
    return f"{outcome.describe()}. {outcome.words}".strip()


def read_learned(objects: Objects) -> dict[str, int]:
    """Read the memory that tasks have turned out to need, in MiB, by kind and size."""
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
