"""What a namespace's quota leaves of hope: a pod that asks for more than the whole of it will never be made."""

import re
from collections.abc import Mapping

_EXCEEDED = re.compile(
    r"exceeded quota: (?P<name>[^,]+), requested: (?P<requested>.*), used: .*, limited: (?P<limited>[^;]*)"
)
_QUANTITY = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)(?P<unit>[numkMGTPE]|[KMGTPE]i)?")
_UNITS: Mapping[str, float] = {
    **{"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0},
    **{unit: 1000.0**power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": 1024.0**power for power, unit in enumerate("KMGTPE", 1)},
}


def explain_quota(message: str) -> str | None:
    """Say what a pod asks for that is more than the whole quota; None when it may be had once others have ended.

    Parameters
    ----------
    message
        Why the cluster did not create the pod.

    Examples
    --------
    >>> message = "exceeded quota: team, requested: limits.memory={}, used: limits.memory=0, limited: limits.memory=4Gi"
    >>> explain_quota(message.format("1Gi")) is None
    True
    >>> print(explain_quota(message.format("8Gi")))
    a pod asks for limits.memory=8Gi, more than the 4Gi of the whole quota team; raise the quota, or lower `cpu` or \
`memory` of the pool in project.yaml
    """
    told = _EXCEEDED.search(message)
    if told is None:
        return None
    requested, limited = _read(told["requested"]), _read(told["limited"])
    above = [
        f"{name}={amount}, more than the {limited[name]}"
        for name, amount in requested.items()
        if name in limited and _is_above(amount, limited[name])
    ]
    if not above:
        return None
    return (
        f"a pod asks for {' and '.join(above)} of the whole quota {told['name']}; raise the quota, or lower `cpu` or "
        "`memory` of the pool in project.yaml"
    )


def describe_quota(message: str) -> str | None:
    """Say which quota it is, without how much of it is used, which is another at every try; None when it is not told.

    Parameters
    ----------
    message
        Why the cluster did not create the pod.

    Examples
    --------
    >>> describe_quota("exceeded quota: team, requested: pods=1, used: pods=200, limited: pods=200")
    'team: limited to pods=200, a pod asks for pods=1'
    """
    told = _EXCEEDED.search(message)
    return told and f"{told['name']}: limited to {told['limited'].strip()}, a pod asks for {told['requested']}"


def _read(amounts: str) -> dict[str, str]:
    return {name: amount for name, _, amount in (part.partition("=") for part in amounts.split(","))}


def _is_above(amount: str, limit: str) -> bool:
    """Compare quantities as Kubernetes writes them; of what is none nothing is known."""
    found = [_QUANTITY.fullmatch(quantity.strip()) for quantity in (amount, limit)]
    sizes = [float(one["number"]) * _UNITS[one["unit"] or ""] for one in found if one]
    return len(sizes) == 2 and sizes[0] > sizes[1]
