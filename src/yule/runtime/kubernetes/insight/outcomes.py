"""What the end of a pod means. A pod that is killed says less than one that fails, and not always the same."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from yule.messages.message import Message, quote
from yule.messages.telling import tell_message
from yule.runtime.kubernetes.api.protocol import Body
from yule.runtime.kubernetes.codes import CRASHED, MISSED, MOVE, OUT_OF_MEMORY, REFUSED, TRANSIENT

Cause: TypeAlias = Literal[
    "done",
    "preempted",
    "move",
    "no node",
    "out of memory",
    "evicted for memory",
    "refused",
    "missed",
    "transient",
    "crashed",
    "disk full",
    "too long",
    "killed",
    "lost",
]
"""Why a pod ended, or a task did without one.

``move``: it was preempted so often that it asks for other nodes; ``no node``: none of its pool was to be had for so
long; ``evicted for memory``: its node ran out, which need not be its own fault; ``missed``: what it reads was gone or
damaged; ``killed``: by a person or for no reason that is told; ``lost``: it was done, or its Job is gone, and there is
no output.
"""

_BY_CODE: Mapping[int, Cause] = {
    0: "done",
    CRASHED: "crashed",
    REFUSED: "refused",
    MISSED: "missed",
    TRANSIENT: "transient",
    MOVE: "move",
    OUT_OF_MEMORY: "out of memory",
}

_REPLACED: tuple[Cause, ...] = ("preempted", "evicted for memory", "transient", "crashed")

_AT_WORK = re.compile(r"[A-Za-z][A-Za-z0-9]*\[(?P<unique_id>[0-9a-f]+)\](: |$)")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a pod ended.

    Parameters
    ----------
    cause
        Why.
    message
        What the pod said itself; may be empty.
    seen
        What was seen of it besides; None where there is nothing to tell.
    at_work
        Unique id of the task it was at; empty when that is not known.
    n_evicted
        How often its node has evicted it for memory.
    """

    cause: Cause
    message: str = ""
    seen: Message | None = None
    at_work: str = ""
    n_evicted: int = 0

    @property
    def why(self) -> Message:
        """What the pod said; else what was seen of it; else its cause."""
        return quote(self.message) if self.message else self.seen or Message(code=name_cause(self.cause))

    @property
    def words(self) -> str:
        """What the pod said, or what was seen of it; may be empty."""
        return tell_message(self.why) if self.message or self.seen else ""

    def describe(self) -> str:
        """Say the cause, in plain words."""
        return tell_message(Message(code=name_cause(self.cause)))


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
    at_work, words = _split_words(str(ended.get("message") or ""))
    cause = _find_cause(status, ended)
    return Outcome(
        cause=cause,
        message=words or str(status.get("message") or "").strip(),
        at_work=at_work,
        n_evicted=int(cause == "evicted for memory"),
    )


def describe_loss(cause: str) -> str:
    """Say why a pod ended that its Job replaces as far as it may; empty where tasks tell what becomes of them.

    >>> describe_loss("preempted"), describe_loss("refused")
    ('its node was taken away', '')
    """
    return tell_message(Message(code=name_cause(cause))) if cause in _REPLACED else ""


def name_cause(cause: str) -> str:
    """Return the code of the message that tells a cause.

    >>> name_cause("out of memory")
    'ended-out-of-memory'
    """
    return f"ended-{cause.replace(' ', '-')}"


def index_of(pod: Body) -> int | None:
    """Return the index a pod works on; None when it says none."""
    annotations = pod["metadata"].get("annotations") or {}
    index = annotations.get("batch.kubernetes.io/job-completion-index")
    return None if index is None else int(index)


def judge_index(pods: Iterable[Body]) -> Outcome:
    """Say how an index failed, from its pods that are still known; the newest that ended decides."""
    known = sorted(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""))
    outcomes = [outcome for outcome in map(judge_pod, known) if outcome is not None]
    if not outcomes:
        return Outcome(cause="killed", seen=Message(code="pod-without-word"))
    return replace(outcomes[-1], n_evicted=sum(outcome.n_evicted for outcome in outcomes))


def _split_words(message: str) -> tuple[str, str]:
    """Split what a pod says last into the task it was at, which it names first, and its words."""
    named = _AT_WORK.match(message)
    return (named["unique_id"], message[named.end() :].strip()) if named else ("", message.strip())


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
