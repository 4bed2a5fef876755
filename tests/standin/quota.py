"""The namespace's ResourceQuota: what all pods together may ask for, whoever they belong to."""

from collections.abc import Mapping

from standin.state import Body, State

UNITS = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4}


def explain_excess(state: State, pod: Body, hard: Mapping[str, str]) -> str | None:
    """Say why a pod is over the quota, in Kubernetes' own words; None when it is not.

    References
    ----------
    staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go, ``CheckRequest``.
    """
    if not hard:
        return None
    alive = state.list("pods", lambda other: other["status"].get("phase") in ("Pending", "Running"))
    asked, used = _count(pod), dict.fromkeys(hard, 0)
    for other in alive:
        for name, amount in _count(other).items():
            used[name] = used.get(name, 0) + amount
    limits = {name: _read(text) for name, text in hard.items()}
    over = sorted(name for name, limit in limits.items() if used[name] + asked[name] > limit)
    if not over:
        return None
    requested, taken, limited = (
        ",".join(f"{name}={_write(name, amounts[name])}" for name in over) for amounts in (asked, used, limits)
    )
    return f"exceeded quota: yule, requested: {requested}, used: {taken}, limited: {limited}"


def needs(pod: Body) -> tuple[int, int]:
    """Return the thousandths of a core and the bytes of memory that a pod asks for."""
    asked = pod["spec"]["containers"][0]["resources"]["requests"]
    return _read(asked["cpu"]), _read(asked["memory"])


def _count(pod: Body) -> dict[str, int]:
    cpu, memory = needs(pod)
    return {"pods": 1000, "requests.cpu": cpu, "requests.memory": memory}


def _read(text: str) -> int:
    """Read an amount: of memory in bytes, of all else in thousandths."""
    for unit, factor in UNITS.items():
        if text.endswith(unit):
            return int(text.removesuffix(unit)) * factor
    return int(text.removesuffix("m")) * (1 if text.endswith("m") else 1000)


def _write(name: str, amount: int) -> str:
    if name != "requests.memory":  # 4000 cores are 4k
        thousands = next(power for power in (3, 2, 1, 0) if amount % 1000**power == 0) if amount else 1
        return f"{amount // 1000**thousands}{('m', '', 'k', 'M')[thousands]}"
    unit = next((unit for unit, factor in reversed(UNITS.items()) if amount and amount % factor == 0), "")
    return f"{amount // UNITS.get(unit, 1)}{unit}"
