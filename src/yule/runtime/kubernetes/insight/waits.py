"""Why a pod does not work yet, in plain words, with what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from yule.runtime.kubernetes.api.protocol import Body, Cluster, ClusterError

IMAGE_PATIENCE = timedelta(minutes=2)
UNSCHEDULABLE_PATIENCE = timedelta(minutes=30)
NEVER_CREATED_PATIENCE = timedelta(minutes=1)
LOST_NODE = timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Why something waits.

    Parameters
    ----------
    why
        In plain words, with what to do.
    is_hopeless
        Whether it has waited so long that it will not end by itself.
    """

    why: str
    is_hopeless: bool = False


_PULL = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError")
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
    if metadata.get("deletionTimestamp") and status.get("phase") in ("Running", "Pending"):
        since = now - _instant(metadata["deletionTimestamp"], now)
        if since > LOST_NODE:
            node = pod.get("spec", {}).get("nodeName", "its node")
            return Wait(
                why=f"{node} does not answer; the pod is replaced once the node is back or deleted "
                f"(`kubectl delete node {node}`)"
            )
        return None
    if status.get("phase") != "Pending":
        return None
    return _explain_scheduling(status, waited) or _explain_container(status, waited)


def explain_job(job: Body, events: tuple[Body, ...], *, now: datetime) -> Wait | None:
    """Say why a Job has no pods; None when it has some, or nothing is known yet.

    Parameters
    ----------
    job
        The Job, as the API gives it.
    events
        Events about the Job.
    now
        The instant to measure the wait at, with a time zone.
    """
    spec, status = job.get("spec", {}), job.get("status", {})
    if status.get("active") or any(item["type"] in ("Complete", "Failed") for item in status.get("conditions") or ()):
        return None
    if spec.get("suspend"):
        return Wait(why="the queue has not admitted it yet (see `kubectl get workloads`)")
    failed = [event for event in events if event.get("reason") == "FailedCreate"]
    if not failed:
        return None
    message = str(max(failed, key=_last_seen).get("message") or "")
    waited = now - _instant(job["metadata"].get("creationTimestamp"), now)
    if "exceeded quota" in message:
        return Wait(why=f"the namespace's quota is used up ({message}); it goes on when other pods end")
    hint = "ask for the policy of the namespace, or for the account named in it"
    return Wait(why=f"its pods cannot be created: {message}; {hint}", is_hopeless=waited > NEVER_CREATED_PATIENCE)


def list_events(cluster: Cluster, name: str) -> tuple[Body, ...]:
    """Return the events about an object; none where one may not list them: they are a help, not a need."""
    try:
        events = cluster.list("events", "").items
    except ClusterError:
        return ()
    return tuple(event for event in events if event.get("involvedObject", {}).get("name") == name)


def _explain_scheduling(status: Mapping[str, Any], waited: timedelta) -> Wait | None:
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            if condition.get("reason") == "SchedulingGated":
                return Wait(why="the queue has not admitted it yet")
            message = str(condition.get("message") or "")
            why = f"no node can take it: {_translate(message)}"
            return Wait(why=why, is_hopeless=waited > UNSCHEDULABLE_PATIENCE)
    return None


def _explain_container(status: Mapping[str, Any], waited: timedelta) -> Wait | None:
    for container in status.get("containerStatuses") or ():
        waiting = (container.get("state") or {}).get("waiting") or {}
        reason, message = waiting.get("reason"), str(waiting.get("message") or "").strip()
        if reason in _PULL:
            is_busy = "429" in message or "toomanyrequests" in message
            return Wait(
                why=f"the image {container.get('image', '')} cannot be pulled: {message or reason}; "
                "check it with `yule image check`, and `image_pull_secrets` in project.yaml",
                is_hopeless=waited > IMAGE_PATIENCE and not is_busy,
            )
        if reason in _CONFIG:
            return Wait(
                why=f"its container cannot be made: {message or reason}; check `secrets` and `volumes` in project.yaml",
                is_hopeless=waited > IMAGE_PATIENCE,
            )
    return None


def _translate(message: str) -> str:
    """Shorten the scheduler's message and say what usually helps."""
    core = (
        message.split(" preemption:", maxsplit=1)[0].removesuffix(" no new claims to deallocate,").strip().rstrip(".")
    )
    hints = []
    if "taint" in core:
        hints.append("a pool needs the taint among its `tolerations`")
    if "affinity/selector" in core or "node selector" in core:
        hints.append("no node has the labels of the pool's `node_selector`, or the pool is scaled to none yet")
    if "Insufficient" in core:
        hints.append("all nodes are full (it goes on when pods end or nodes are added), or its pool asks for too much")
    return f"{core} ({'; '.join(hints)})" if hints else core


def _last_seen(event: Body) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or "")


def _instant(text: str | None, default: datetime) -> datetime:
    return datetime.fromisoformat(text) if text else default
