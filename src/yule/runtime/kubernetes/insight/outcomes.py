"""What the end of a pod means. A pod that is killed says less than one that fails, and not always the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from yule.runtime.kubernetes.api.protocol import Body
from yule.runtime.kubernetes.codes import CRASHED, MOVE, OUT_OF_MEMORY, REFUSED, TRANSIENT

Cause: TypeAlias = Literal[
    "done",
    "preempted",
    "move",
    "out of memory",
    "evicted for memory",
    "refused",
    "transient",
    "crashed",
    "disk full",
    "too long",
    "killed",
]
"""Why a pod ended.

``move``: it was preempted so often that it asks for other nodes; ``evicted for memory``: its node ran out, which need
not be its own fault; ``killed``: by a person or for no reason that is told.
"""

_BY_CODE: Mapping[int, Cause] = {
    0: "done",
    CRASHED: "crashed",
    REFUSED: "refused",
    TRANSIENT: "transient",
    MOVE: "move",
    OUT_OF_MEMORY: "out of memory",
}

_TEXTS: Mapping[Cause, str] = {
    "done": "done",
    "preempted": "its node was taken away",
    "move": "its node was taken away too often",
    "out of memory": "it ran out of memory",
    "evicted for memory": "its node ran out of memory",
    "refused": "it was refused",
    "transient": "a service it needs did not answer",
    "crashed": "it crashed",
    "disk full": "it used more disk than its node gives it",
    "too long": "it took longer than `deadline` in project.yaml allows",
    "killed": "it was killed from outside",
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a pod ended.

    Parameters
    ----------
    cause
        Why.
    message
        What the pod said itself; may be empty.
    """

    cause: Cause
    message: str = ""

    def describe(self) -> str:
        """Say why, in plain words."""
        return _TEXTS[self.cause]


def judge_pod(pod: Body) -> Outcome | None:
    """Say how a pod ended; None while it has not.

    Parameters
    ----------
    pod
        The pod, as the API gives it.
    """
    status = pod.get("status", {})
    if status.get("phase") not in ("Succeeded", "Failed"):
        return None
    ended = _find_end(status)
    message = str(ended.get("message") or status.get("message") or "").strip()
    return Outcome(cause=_find_cause(status, ended), message=message)


def index_of(pod: Body) -> int | None:
    """Return the index a pod works on; None when it says none."""
    annotations = pod["metadata"].get("annotations") or {}
    index = annotations.get("batch.kubernetes.io/job-completion-index")
    return None if index is None else int(index)


def judge_index(pods: Iterable[Body]) -> Outcome:
    """Say how an index failed, from its pods that are still known; the newest that ended decides.

    Two evictions for memory count as out of memory: the index needs more than its node can give it.
    """
    ended = sorted(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""))
    outcomes = [outcome for outcome in map(judge_pod, ended) if outcome is not None]
    if not outcomes:
        return Outcome(cause="killed", message="its pod is gone and left no word")
    last = outcomes[-1]
    n_evicted = sum(outcome.cause == "evicted for memory" for outcome in outcomes)
    if n_evicted >= 2 and last.cause in ("move", "evicted for memory"):
        return Outcome(cause="out of memory", message=last.message)
    return last


def _find_cause(status: Mapping[str, Any], ended: Mapping[str, Any]) -> Cause:
    if status.get("phase") == "Succeeded":
        return "done"
    reason, text, code = status.get("reason"), str(status.get("message") or ""), ended.get("exitCode")
    if reason == "DeadlineExceeded":
        return "too long"
    if reason == "Evicted":
        return "evicted for memory" if "memory" in text else "disk full" if _is_disk(text) else "preempted"
    if ended.get("reason") == "OOMKilled":
        return "out of memory"
    if code:
        cause = _BY_CODE.get(int(code))
        if cause:
            return cause
    return "preempted" if _is_disrupted(status) else "killed"


def _is_disk(text: str) -> bool:
    return any(word in text for word in ("ephemeral", "emptyDir", "disk", "inodes"))


def _is_disrupted(status: Mapping[str, Any]) -> bool:
    conditions = status.get("conditions") or ()
    return any(item["type"] == "DisruptionTarget" and item["status"] == "True" for item in conditions)


def _find_end(status: Mapping[str, Any]) -> Mapping[str, Any]:
    for container in status.get("containerStatuses") or ():
        ended: Mapping[str, Any] | None = (container.get("state") or {}).get("terminated")
        if ended:
            return ended
    return {}
