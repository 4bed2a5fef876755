"""Jobs that no longer are of use: what they wait for will not come, or not soon."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from yule.messages.message import Message
from yule.messages.values import Total, name_one
from yule.runtime.kubernetes.api.protocol import Cluster
from yule.runtime.kubernetes.attempts.jobs import Job
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.insight.outcomes import Outcome
from yule.runtime.kubernetes.insight.waits import Wait, find_hopeless, is_active, is_at_work
from yule.runtime.kubernetes.jobs import select_project
from yule.runtime.kubernetes.placement import find_other_pool
from yule.runtime.kubernetes.settings import ClusterSettings


def judge_stall(cluster: Cluster, frame: Frame, job: Job, waits: Sequence[Wait]) -> Outcome | None:
    """Say what becomes of the tasks of a Job that does not get on; None while it may.

    Parameters
    ----------
    cluster
        The cluster.
    frame
        The launch.
    job
        The Job.
    waits
        What its pods wait for.
    """
    starved = _find_starved(job, waits, frame.settings)
    if starved:
        return starved
    hopeless = find_hopeless(waits, job.pods.values())
    if hopeless is None or (hopeless.cause == "no node" and _is_busy(cluster, frame, job.manifest.pool)):
        return None
    return Outcome(cause="refused", seen=hopeless.why)


def _find_starved(job: Job, waits: Iterable[Wait], settings: ClusterSettings) -> Outcome | None:
    """Say that a pool has no nodes for a Job of which no pod has one, if there is another pool for its tasks."""
    patience = timedelta(seconds=settings.spot_wait_seconds)
    n_starved = sum(wait.cause == "no node" and wait.waited >= patience for wait in waits)
    n_active = sum(map(is_active, job.pods.values()))
    if n_starved == 0 or n_starved < n_active or find_other_pool(job.place, settings) is None:
        return None
    starved, minutes = name_one(job.manifest.pool), Total(settings.spot_wait_seconds / 60)
    return Outcome(
        cause="no node", seen=Message(code="pool-without-nodes", values={"starved": starved, "minutes": minutes})
    )


def _is_busy(cluster: Cluster, frame: Frame, pool: str) -> bool:
    """Say whether pods of the project are at work in a pool: then others wait for these to end."""
    selector = f"{select_project(frame.project)},app.kubernetes.io/component=work,yule.dev/pool={pool}"
    return any(map(is_at_work, cluster.list("pods", selector).items))
