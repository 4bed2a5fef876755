"""What pods cost, and how much of it was for nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yule.runtime.events import PodEnded
from yule.runtime.kubernetes.api.protocol import Body
from yule.runtime.kubernetes.insight.outcomes import judge_pod
from yule.runtime.kubernetes.settings import Pool

_WASTE = {
    "preempted": "preemptions",
    "move": "preemptions",
    "evicted for memory": "memory",
    "out of memory": "memory",
    "done": "",
}


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the pods of a launch took.

    Parameters
    ----------
    n_pods
        How many ended.
    cpu_hours, memory_gib_hours
        What they had asked for, times how long they ran.
    money
        By the price table, in its currency; None when a pool that was used has no price.
    wasted_money, wasted_seconds
        By cause (``preemptions``, ``memory``, ``failures``): what pods that did not finish took.
    """

    n_pods: int
    cpu_hours: float
    memory_gib_hours: float
    money: float | None
    wasted_money: Mapping[str, float]
    wasted_seconds: Mapping[str, float]


def measure_pod(pod: Body) -> PodEnded | None:
    """Write down what a pod took; None while it has not ended, or when it never began.

    Parameters
    ----------
    pod
        The pod, as the API gives it.
    """
    outcome = judge_pod(pod)
    if outcome is None:
        return None
    ended = [(item.get("state") or {}).get("terminated") for item in pod["status"].get("containerStatuses") or ()]
    times = [(item.get("startedAt"), item.get("finishedAt")) for item in ended if item]
    began, over = times[0] if times else (pod["status"].get("startTime"), None)
    seconds = (_instant(over) - _instant(began)).total_seconds() if began and over else 0.0
    labels = pod["metadata"]["labels"]
    return PodEnded(
        pod=pod["metadata"]["name"],
        step=labels.get("yule.dev/step", "driver"),
        pool=labels["yule.dev/pool"],
        tier=int(labels["yule.dev/tier"]),
        seconds=max(0.0, seconds),
        cause=outcome.cause,
    )


def add_up(pods: Iterable[PodEnded], pools: Mapping[str, Pool]) -> Costs:
    """Add up what pods took.

    Parameters
    ----------
    pods
        The pods; one that is told twice counts once.
    pools
        The pools by name, with their prices.
    """
    found = {pod.pod: pod for pod in pods if pod.pool in pools}
    cpu = memory = money = 0.0
    wasted_money: dict[str, float] = {}
    wasted_seconds: dict[str, float] = {}
    is_priced = True
    for pod in found.values():
        pool, hours = pools[pod.pool], pod.seconds / 3600
        gib = pool.memory_mib[min(pod.tier, len(pool.memory_mib) - 1)] / 1024
        price = pool.cpu * pool.price.cpu + gib * pool.price.memory_gib if pool.price else 0.0
        is_priced = is_priced and pool.price is not None
        cpu, memory, money = cpu + pool.cpu * hours, memory + gib * hours, money + price * hours
        waste = _WASTE.get(pod.cause, "failures")
        if waste:
            wasted_money[waste] = wasted_money.get(waste, 0.0) + price * hours
            wasted_seconds[waste] = wasted_seconds.get(waste, 0.0) + pod.seconds
    return Costs(
        n_pods=len(found),
        cpu_hours=cpu,
        memory_gib_hours=memory,
        money=money if is_priced and found else None,
        wasted_money=wasted_money,
        wasted_seconds=wasted_seconds,
    )


def list_costs(costs: Costs, *, seconds: float) -> list[tuple[str, str]]:
    """Return what a launch took, for people: what, and how much of it."""
    rows = [
        ("time", f"{seconds / 60:.1f} minutes"),
        ("pods", f"{costs.n_pods}: {costs.cpu_hours:.2f} vCPU hours, {costs.memory_gib_hours:.2f} GiB hours"),
    ]
    if costs.money is not None:
        rows.append(("cost", f"{costs.money:.4f}"))
    for cause, wasted in sorted(costs.wasted_seconds.items()):
        money = f", cost {costs.wasted_money[cause]:.4f}" if costs.money is not None else ""
        rows.append((f"for nothing, by {cause}", f"{wasted / 60:.1f} minutes of pods{money}"))
    return rows


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
