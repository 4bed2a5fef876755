"""Why a pod does not work yet, and when there is no hope left."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from yule.messages.message import Message
from yule.messages.values import Codes, Said, name_one
from yule.runtime.kubernetes.api.protocol import Body, Cluster, ClusterError
from yule.runtime.kubernetes.insight.quotas import describe_quota, explain_quota

IMAGE_PATIENCE = timedelta(minutes=2)
REGISTRY_PATIENCE = timedelta(minutes=30)  # of a registry that is busy or away
UNSCHEDULABLE_PATIENCE = timedelta(minutes=30)
NEVER_CREATED_PATIENCE = timedelta(minutes=1)
LOST_NODE = timedelta(minutes=3)
CREATING_PATIENCE = timedelta(seconds=30)  # what is fetched and mounted sooner is not told

WaitCause: TypeAlias = Literal["queue", "no node", "container", "never created", "lost node"]
"""What is waited for. ``queue``: other work must end first; ``container``: an image, or what a container needs."""


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Why something waits.

    Parameters
    ----------
    cause
        What for.
    why
        What hinders it; its words say what to do.
    waited
        For how long.
    is_hopeless
        Whether it has waited so long that it will not end by itself.
    """

    cause: WaitCause
    why: Message
    waited: timedelta = timedelta()
    is_hopeless: bool = False


def find_waits(
    job: Body, pods: Iterable[Body], list_events: Callable[[], tuple[Body, ...]], *, now: datetime
) -> tuple[Wait, ...]:
    """Say why a Job's pods are not at work: a wait for each, or one for the Job that has none.

    Parameters
    ----------
    job
        The Job, as the API gives it.
    pods
        Its pods, with those that have ended.
    list_events
        Returns the events of the namespace; asked only when they are needed.
    now
        The instant to measure the waits at, with a time zone.
    """
    known = tuple(pods)
    if any(is_active(pod) for pod in known):
        waits = (explain_pod(pod, now=now) or _explain_creating(pod, list_events, now=now) for pod in known)
        return tuple(wait for wait in waits if wait is not None)
    wait = explain_job(job, known, list_events, now=now)
    return () if wait is None else (wait,)


def find_hopeless(waits: Iterable[Wait], pods: Iterable[Body]) -> Wait | None:
    """Return a wait of a Job that will not end by itself; None as long as one of its pods is at work."""
    if any(is_at_work(pod) for pod in pods):
        return None
    return next((wait for wait in waits if wait.is_hopeless), None)


def is_active(pod: Body) -> bool:
    """Say whether a pod has yet to end."""
    return pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")


def is_at_work(pod: Body) -> bool:
    """Say whether a pod runs."""
    return bool(pod.get("status", {}).get("phase") == "Running")


_PULL = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError")
_BACK_OFF = re.compile(r'^Back-off pulling image "[^"]*": ErrImagePull: ')
_UNANSWERED = re.compile(
    r"429|toomanyrequests|i/o timeout|handshake timeout|deadline exceeded|connection re(fused|set)|unexpected EOF|"
    r"unexpected status.*: 5[0-9]{2}|server misbehaving|no route to host|network is unreachable",
    re.IGNORECASE,
)
"""How kubelets tell of a registry that does not answer, or asks to come back later."""

_CONFIG = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")


def explain_pod(pod: Body, *, now: datetime) -> Wait | None:
    """Say why a pod is not at work; None when it is, or has ended.

    Parameters
    ----------
    pod
        The pod, as the API gives it.
    now
        The instant to measure the wait at, with a time zone.
    """
    status, metadata = pod.get("status", {}), pod["metadata"]
    waited = now - _instant(metadata.get("creationTimestamp"), now)
    if metadata.get("deletionTimestamp") and is_active(pod):
        since = now - _instant(metadata["deletionTimestamp"], now)
        if since > LOST_NODE:
            node = pod.get("spec", {}).get("nodeName", "its node")
            why = Message(code="waits-for-node", values={"node": name_one(node)})
            return Wait(cause="lost node", why=why, waited=since)
        return None
    if status.get("phase") != "Pending":
        return None
    placed_at = next(
        (item.get("lastTransitionTime") for item in status.get("conditions") or () if _is_placed(item)), None
    )
    return _explain_scheduling(status, waited) or _explain_container(status, now - _instant(placed_at, now - waited))


def explain_job(
    job: Body, pods: Iterable[Body], list_events: Callable[[], tuple[Body, ...]], *, now: datetime
) -> Wait | None:
    """Say why a Job has no pods that could work; None when it has ended, or nothing is known yet.

    See :func:`find_waits`.
    """
    spec, status = job.get("spec", {}), job.get("status", {})
    if status.get("active") or any(item["type"] in ("Complete", "Failed") for item in status.get("conditions") or ()):
        return None
    if spec.get("suspend"):
        return Wait(cause="queue", why=_explain_queue(job["metadata"].get("namespace")))
    # What failed before the last pod was made is over: that pod has ended, and its replacement is due.
    began = max(_instant(item["metadata"].get("creationTimestamp"), now) for item in (job, *pods))
    failed = [
        event
        for event in list_events()
        if event.get("involvedObject", {}).get("name") == job["metadata"]["name"]
        and event.get("reason") == "FailedCreate"
        and _seen(event, "lastTimestamp", now) >= began
    ]
    if not failed:
        return None
    last = max(failed, key=lambda event: _seen(event, "lastTimestamp", now))
    waited = now - max(began, min(_seen(event, "firstTimestamp", now) for event in failed))
    return _explain_creation(str(last.get("message") or ""), waited)


def _explain_creation(message: str, waited: timedelta) -> Wait:
    if "exceeded quota" in message:
        above = explain_quota(message)
        if above:
            return Wait(cause="never created", why=above, waited=waited, is_hopeless=True)
        said = Said(_without_pod(message))
        used = describe_quota(message) or Message(code="waits-for-some-quota", values={"said": said})
        return Wait(cause="queue", why=used, waited=waited)
    why = Message(code="waits-to-be-created", values={"said": Said(_without_pod(message))})
    return Wait(cause="never created", why=why, waited=waited, is_hopeless=waited > NEVER_CREATED_PATIENCE)


def list_events(cluster: Cluster) -> tuple[Body, ...]:
    """Return the events of the namespace; none where one may not list them: they are a help, not a need."""
    try:
        return cluster.list("events", "").items
    except ClusterError:
        return ()


def _explain_scheduling(status: Mapping[str, Any], waited: timedelta) -> Wait | None:
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            if condition.get("reason") == "SchedulingGated":
                return Wait(cause="queue", why=Message(code="waits-in-queue"), waited=waited)
            why = _explain_place(str(condition.get("message") or ""))
            return Wait(cause="no node", why=why, waited=waited, is_hopeless=waited > UNSCHEDULABLE_PATIENCE)
    return None


def _explain_container(status: Mapping[str, Any], waited: timedelta) -> Wait | None:
    for container in status.get("containerStatuses") or ():
        waiting = (container.get("state") or {}).get("waiting") or {}
        reason, message = waiting.get("reason"), str(waiting.get("message") or "").strip()
        if reason in _PULL:
            message = _BACK_OFF.sub("", message)
            patience = REGISTRY_PATIENCE if _UNANSWERED.search(message) else IMAGE_PATIENCE
            return Wait(
                cause="container",
                why=Message(
                    code="waits-for-image",
                    values={"image": name_one(container.get("image", "")), "said": Said(message or reason)},
                ),
                waited=waited,
                is_hopeless=waited > patience,
            )
        if reason in _CONFIG:
            return Wait(
                cause="container",
                why=Message(code="waits-for-container", values={"said": Said(message or reason)}),
                waited=waited,
                is_hopeless=waited > IMAGE_PATIENCE,
            )
    return None


def _is_placed(condition: Mapping[str, Any]) -> bool:
    return (condition["type"], condition["status"]) == ("PodScheduled", "True")


def _explain_creating(pod: Body, list_events: Callable[[], tuple[Body, ...]], *, now: datetime) -> Wait | None:
    """Say what a pod waits for that has a node and of which the node says nothing but that it is at it."""
    states = [container.get("state") or {} for container in pod.get("status", {}).get("containerStatuses") or ()]
    waited = now - _instant(pod["metadata"].get("creationTimestamp"), now)
    if waited < CREATING_PATIENCE or not any(_is_creating(state) for state in states):
        return None
    failed = [
        event
        for event in list_events()
        if event.get("involvedObject", {}).get("name") == pod["metadata"]["name"]
        and event.get("reason") in ("FailedMount", "FailedAttachVolume")
    ]
    if not failed:
        return Wait(cause="container", why=Message(code="waits-for-start"), waited=waited)
    message = max(failed, key=lambda event: _seen(event, "lastTimestamp", now)).get("message")
    why = Message(code="waits-for-volume", values={"said": Said(str(message))})
    return Wait(cause="container", why=why, waited=waited)


def _is_creating(state: Mapping[str, Any]) -> bool:
    return (state.get("waiting") or {}).get("reason") == "ContainerCreating"


def _explain_place(message: str) -> Message:
    """Shorten the scheduler's message and add what usually helps."""
    core = (
        message.split(" preemption:", maxsplit=1)[0].removesuffix(" no new claims to deallocate,").strip().rstrip(".")
    )
    is_selected = "affinity/selector" in core or "node selector" in core
    hints = {"hint-taint": "taint" in core, "hint-selector": is_selected, "hint-full": "Insufficient" in core}
    helping = Codes(tuple(hint for hint, helps in hints.items() if helps))
    if not helping.value:
        return Message(code="waits-for-place", values={"said": Said(core)})
    return Message(code="waits-for-place-hinted", values={"said": Said(core), "hints": helping})


def _explain_queue(namespace: str | None) -> Message:
    if namespace is None:
        return Message(code="waits-in-queue-somewhere")
    return Message(code="waits-in-queue-of", values={"namespace": name_one(namespace)})


def _without_pod(message: str) -> str:
    """Leave out a pod's name, which is another at every try, and what Kubernetes says of events alone."""
    return re.sub(r'pods "[^"]*"', "pods", message.removeprefix("(combined from similar events): "))


def _seen(event: Body, field: Literal["firstTimestamp", "lastTimestamp"], default: datetime) -> datetime:
    told = event.get(field) or event.get("eventTime") or event["metadata"].get("creationTimestamp")
    return _instant(told, default)


def _instant(text: str | None, default: datetime) -> datetime:
    return datetime.fromisoformat(text) if text else default
