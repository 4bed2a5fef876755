"""Follow a launch from any machine, ask how it stands, and stop it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from yule.core.errors import TaskFailed, WorkspaceError
from yule.pipeline.runs import Run, read_runs, write_run
from yule.remote.journal import JournalReader
from yule.remote.launch import Launch
from yule.runtime.events import PodsWait, RunEnded, RunEvent
from yule.runtime.kubernetes.api.protocol import Body, Cluster
from yule.runtime.kubernetes.attempts.jobs import find_job_name
from yule.runtime.kubernetes.insight.outcomes import judge_pod
from yule.runtime.kubernetes.insight.ranges import read_ranges
from yule.runtime.kubernetes.insight.waits import Wait, find_waits, list_events
from yule.runtime.kubernetes.jobs import has_ended, list_runs, name_anchor, select_launch
from yule.storage.store import Store

LOOK_SECONDS = 1.0
DRIVER_SECONDS = 5.0  # how often the driver itself is looked at


def follow(cluster: Cluster, launch: Launch, store: Store, tell: Callable[[RunEvent], None]) -> RunEnded:
    """Tell all that happens in a launch until it is over.

    Parameters
    ----------
    cluster
        The cluster.
    launch
        The launch.
    store
        The workspace's store.
    tell
        Receives the events.

    Raises
    ------
    TaskFailed
        If the driver ended without finishing: it was stopped, or failed in a way that its message tells.
    """
    reader = JournalReader(store.objects, launch.name)
    looked_at = 0.0
    while True:
        for event in reader.take():
            tell(event)
            if isinstance(event, RunEnded):
                return event
        if time.monotonic() - looked_at > DRIVER_SECONDS:
            looked_at = time.monotonic()
            is_over = _look_at_driver(cluster, launch.name, tell)
            if is_over:
                for event in reader.take():  # it may have spoken since
                    tell(event)
                    if isinstance(event, RunEnded):
                        return event
                raise TaskFailed(_last_words(cluster, launch.name))
        time.sleep(LOOK_SECONDS)


@dataclass(frozen=True, kw_only=True)
class StepStatus:
    """How far a step of a launch is; tasks of retries count again."""

    step: str
    pool: str
    memory_tier: int
    n_indexes: int
    n_done: int
    n_failed: int
    n_active: int


def read_status(cluster: Cluster, launch: str) -> list[StepStatus]:
    """Ask the cluster how far the Jobs of a launch are; empty once they are gone."""
    return [_describe_job(job) for job in cluster.list("jobs", select_launch(launch, "work")).items]


def explain_waits(cluster: Cluster, launch: str) -> list[str]:
    """Say why pods of a launch do not work yet, and why Jobs have none."""
    waits = _find_waits(cluster, select_launch(launch))
    return [f"{waits.count(why)} waiting: {why}" for why in dict.fromkeys(waits)]


def stop(cluster: Cluster, store: Store, stopping: Run) -> list[str]:
    """Delete all of a run's launch in the cluster, and write down that its runs were interrupted.

    Returns
    -------
    list of str
        Ids of the runs that were stopped. What they have finished is kept.

    Raises
    ------
    WorkspaceError
        If the cluster knows that the launch is not of this run: somebody has changed its record.
    """
    launch = stopping.launch
    anchor = cluster.get("jobs", name_anchor(launch))
    if anchor is not None:
        launched = list_runs(anchor)
        if stopping.run_id not in launched:
            raise WorkspaceError(
                f"The launch {launch} is of {', '.join(launched)}, not of {stopping.run_id}: somebody has changed "
                "its run.json. Nothing was stopped."
            )
        cluster.delete("jobs", name_anchor(launch), uid=anchor["metadata"]["uid"])
    stopped = [run for run in read_runs(store) if run.launch == launch and run.status == "running"]
    for run in stopped:
        ended_at = datetime.now(UTC).isoformat(timespec="seconds")
        write_run(store, replace(run, status="interrupted", ended_at=ended_at))
    return [run.run_id for run in stopped]


def read_logs(cluster: Cluster, store: Store, run: Run, task: str | None, *, n_lines: int) -> Iterator[str]:
    """Yield what the driver, or a task of a run, has printed.

    Parameters
    ----------
    cluster
        The cluster.
    store
        The workspace's store.
    run
        The run.
    task
        The beginning of a task's unique id or family, or the name of a fit (``lightgbm/fold-2``); None for the driver.
    n_lines
        How many of the last lines.
    """
    if task is None:
        for pod in cluster.list("pods", select_launch(run.launch, "driver")).items:
            yield cluster.read_log(pod["metadata"]["name"], n_lines=n_lines)
        return
    wanted = run.fits.get(task, task)
    for name in store.objects.list("logs/"):
        _, family, file = name.split("/") if name.count("/") == 2 else ("", "", "")
        if file.startswith(wanted) or family == wanted:
            text = (store.objects.read(name) or b"").decode(errors="replace")
            yield f"{name}\n" + "\n".join(text.splitlines()[-n_lines:]) + "\n"


def _look_at_driver(cluster: Cluster, launch: str, tell: Callable[[RunEvent], None]) -> bool:
    """Return whether the driver is over; tell why it waits."""
    job = cluster.get("jobs", name_anchor(launch))
    if job is None or has_ended(job):
        return True
    texts = tuple(f"the driver waits: {why}" for why in _find_waits(cluster, select_launch(launch, "driver")))
    if texts:
        tell(PodsWait(texts=texts))
    return False


def _find_waits(cluster: Cluster, selector: str) -> list[str]:
    now, list_once = datetime.now(UTC), cache(lambda: list_events(cluster))
    pods = cluster.list("pods", selector).items
    waits: list[Wait] = []
    for job in cluster.list("jobs", selector).items:
        own = [pod for pod in pods if find_job_name(pod) == job["metadata"]["name"]]
        waits += find_waits(job, own, list_once, now=now)
    return [wait.why for wait in waits]


def _last_words(cluster: Cluster, launch: str) -> str:
    outcomes = [judge_pod(pod) for pod in cluster.list("pods", select_launch(launch, "driver")).items]
    words = [outcome.message for outcome in outcomes if outcome is not None and outcome.message]
    if words:
        return f"The driver ended: {words[-1]}"
    return "The run was stopped. What is finished is kept; run the same command again to go on."


def _describe_job(job: Body) -> StepStatus:
    labels, status = job["metadata"]["labels"], job.get("status", {})
    return StepStatus(
        step=labels["yule.dev/step"],
        pool=labels["yule.dev/pool"],
        memory_tier=int(labels["yule.dev/tier"]),
        n_indexes=job["spec"]["completions"],
        n_done=len(read_ranges(status.get("completedIndexes"))),
        n_failed=len(read_ranges(status.get("failedIndexes"))),
        n_active=status.get("active") or 0,
    )
