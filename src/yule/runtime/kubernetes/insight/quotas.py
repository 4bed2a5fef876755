"""What a namespace's quota leaves of hope: a pod that asks for more than the whole of it will never be made."""

import re
from collections.abc import Mapping

from yule.messages.message import Message
from yule.messages.values import Said, name_one, name_some

_EXCEEDED = re.compile(
    r"exceeded quota: (?P<name>[^,]+), requested: (?P<requested>.*), used: .*, limited: (?P<limited>[^;]*)"
)
_QUANTITY = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)(?P<unit>[numkMGTPE]|[KMGTPE]i)?")
_UNITS: Mapping[str, float] = {
    **{"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0},
    **{unit: 1000.0**power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": 1024.0**power for power, unit in enumerate("KMGTPE", 1)},
}


def explain_quota(message: str) -> Message | None:
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
    >>> explain_quota(message.format("8Gi")).values["asked"]
    Names(value=('limits.memory=8Gi',), n=1, unit='names')
    """
    told = _EXCEEDED.search(message)
    if told is None:
        return None
    requested, limited = _read(told["requested"]), _read(told["limited"])
    above = [name for name, amount in requested.items() if name in limited and _is_above(amount, limited[name])]
    if not above:
        return None
    return Message(
        code="waits-above-quota",
        values={
            "asked": name_some([f"{name}={requested[name]}" for name in above]),
            "limited": name_some([limited[name] for name in above]),
            "quota": name_one(told["name"]),
        },
    )


def describe_quota(message: str) -> Message | None:
    """Say which quota it is, without how much of it is used, which is another at every try; None when it is not told.

    Parameters
    ----------
    message
        Why the cluster did not create the pod.

    Examples
    --------
    >>> told = describe_quota("exceeded quota: team, requested: pods=1, used: pods=200, limited: pods=200")
    >>> told.values["limited"]
    Said(value='pods=200', unit='said')
    """
    told = _EXCEEDED.search(message)
    if told is None:
        return None
    return Message(
        code="waits-for-quota",
        values={
            "quota": name_one(told["name"]),
            "limited": Said(told["limited"].strip()),
            "asked": Said(told["requested"]),
        },
    )


def _read(amounts: str) -> dict[str, str]:
    return {name: amount for name, _, amount in (part.partition("=") for part in amounts.split(","))}


def _is_above(amount: str, limit: str) -> bool:
    """Compare quantities as Kubernetes writes them; of what is none nothing is known."""
    found = [_QUANTITY.fullmatch(quantity.strip()) for quantity in (amount, limit)]
    sizes = [float(one["number"]) * _UNITS[one["unit"] or ""] for one in found if one]
    return len(sizes) == 2 and sizes[0] > sizes[1]
