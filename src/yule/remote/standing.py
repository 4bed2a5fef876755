"""How a launch stands by what the cluster says of it: its driver, its steps, what it waits for; and its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import Literal

from yule.core.errors import WorkspaceError
from yule.messages.message import Message
from yule.messages.telling import tell_message
from yule.pipeline.runs.reading import read_runs
from yule.pipeline.runs.record import Run, write_run
from yule.remote.journal import journal_folder
from yule.runtime.kubernetes.api.protocol import Body, Cluster
from yule.runtime.kubernetes.attempts.jobs import find_owner
from yule.runtime.kubernetes.frame import name_anchor
from yule.runtime.kubernetes.insight.outcomes import judge_pod
from yule.runtime.kubernetes.insight.ranges import read_ranges
from yule.runtime.kubernetes.insight.waits import Wait, find_hopeless, find_waits, list_events
from yule.runtime.kubernetes.jobs import DRIVERS, has_ended, list_runs, select_launch
from yule.storage.store import Store

GO_ON = "What is finished is kept; run the same command again to go on."


@dataclass(frozen=True, kw_only=True)
class Driver:
    """How the driver of a launch stands.

    Parameters
    ----------
    state
        ``at work``: also while it waits; ``hopeless``: it waits for what will not come; ``done``; ``failed``; ``gone``.
    text
        Why it has failed, is hopeless or gone; empty otherwise.
    waits
        Why its pod is not at work.
    """

    state: Literal["at work", "hopeless", "done", "failed", "gone"]
    text: str = ""
    waits: tuple[Message, ...] = ()


STOPPED = Driver(state="gone", text=f"The run was stopped. {GO_ON}")


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


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a run stands.

    Parameters
    ----------
    run, case
        Its id and its case.
    status
        ``running``, ``done``, ``failed`` or ``interrupted``.
    launch
        Of a run on a cluster, its launch.
    started_at, ended_at
        Instants, ISO 8601, UTC; ``ended_at`` is empty while it is running.
    message
        Why it failed or was interrupted, where that is known.
    steps, waits
        What the cluster's pods are at, and why some are not at work.
    """

    run: str
    case: str
    status: str
    launch: str
    started_at: str
    ended_at: str
    message: str
    steps: tuple[StepStatus, ...] = ()
    waits: tuple[str, ...] = ()


def describe_standing(run: Run, steps: tuple[StepStatus, ...] = (), waits: tuple[str, ...] = ()) -> Standing:
    """Say how a run stands by its record; its steps and waits are known of a run on a cluster."""
    return Standing(
        run=run.run_id,
        case=run.case,
        status=run.status,
        launch=run.launch,
        started_at=run.started_at,
        ended_at=run.ended_at,
        message=run.message,
        steps=steps,
        waits=waits,
    )


def judge_driver(cluster: Cluster, launch: str) -> Driver:
    """Ask the cluster how the driver of a launch stands."""
    job = cluster.get("jobs", name_anchor(launch))
    if job is None:
        return STOPPED
    if has_ended(job):
        failure = _find_failure(job)
        if failure is None:
            return Driver(state="done")
        return Driver(state="failed", text=_describe_failure(cluster, launch, job, failure))
    pods = cluster.list("pods", select_launch(launch, "driver")).items
    waits = find_waits(job, pods, partial(list_events, cluster), now=cluster.now())
    hopeless = find_hopeless(waits, pods)
    # A driver that was replaced may wait for the room that its own pods take.
    if hopeless is not None and not any(step.n_active for step in read_status(cluster, launch)):
        return Driver(state="hopeless", text=f"The driver cannot begin: {tell_message(hopeless.why)}. {GO_ON}")
    return Driver(state="at work", waits=tuple(wait.why for wait in waits))


def judge_runs(cluster: Cluster, runs: Sequence[Run]) -> list[Run]:
    """Return runs as they stand by what the cluster says of their drivers, and change nothing."""
    return _apply_drivers(runs, _judge_drivers(cluster, runs))


def settle_runs(cluster: Cluster, store: Store, runs: Sequence[Run]) -> list[Run]:
    """Return runs as they stand; where a driver is at its end, write that down, and remove what is hopeless.

    A driver that this cluster does not know may be at work in another: that its run is interrupted is not written down.
    """
    drivers = _judge_drivers(cluster, runs)
    for launch, driver in drivers.items():
        if driver.state in ("failed", "hopeless"):
            end_launch(cluster, store, launch, driver)
    running = [run for run in runs if run.status == "running"]
    left = [run for run in running if run.launch in drivers and drivers[run.launch].state not in ("at work", "done")]
    moved = {
        run.run_id: replace(run, launch=others[0]) for run in left if (others := _find_others(cluster, store, run))
    }
    current = [moved.get(run.run_id, run) for run in runs]
    return _apply_drivers(current, drivers | _judge_drivers(cluster, list(moved.values())))


def end_launch(cluster: Cluster, store: Store, launch: str, driver: Driver) -> None:
    """Write down how the runs of a launch have ended whose driver cannot say it; remove one that is hopeless."""
    job = cluster.get("jobs", name_anchor(launch)) if driver.state == "hopeless" else None
    if job is not None:
        cluster.delete("jobs", name_anchor(launch), uid=job["metadata"]["uid"])
    _write_ends(cluster, store, launch, driver)


def read_status(cluster: Cluster, launch: str) -> list[StepStatus]:
    """Ask the cluster how far the Jobs of a launch are; empty once they are gone."""
    return [_describe_job(job) for job in cluster.list("jobs", select_launch(launch, "work")).items]


def explain_waits(cluster: Cluster, launch: str) -> list[str]:
    """Say why pods of a launch do not work yet, and why Jobs have none."""
    waits = _find_waits(cluster, select_launch(launch))
    return [f"{waits.count(why)} waiting: {why}" for why in dict.fromkeys(waits)]


def stop(cluster: Cluster, store: Store, stopping: Run) -> list[str]:
    """Delete all of a run's launch in the cluster that is at work, and write down that its runs were interrupted.

    Returns
    -------
    list of str
        Ids of the runs that were stopped. What they have finished is kept.

    Raises
    ------
    WorkspaceError
        If the cluster knows that the launch is not of this run: somebody has changed its record.
    """
    stopped: list[str] = []
    for launch in dict.fromkeys([stopping.launch, *_find_others(cluster, store, stopping)]):
        anchor = cluster.get("jobs", name_anchor(launch))
        if anchor is not None:
            launched = list_runs(anchor)
            if stopping.run_id not in launched:
                raise WorkspaceError(
                    f"The launch {launch} is of {', '.join(launched)}, not of {stopping.run_id}: somebody has changed "
                    "its run.json. Nothing was stopped."
                )
            if _is_at_work(cluster, launch, anchor):  # else its logs are kept as long as they would be
                cluster.delete("jobs", name_anchor(launch), uid=anchor["metadata"]["uid"])
        stopped += _write_ends(cluster, store, launch, STOPPED)
    return stopped


def _is_at_work(cluster: Cluster, launch: str, anchor: Body) -> bool:
    """Say whether anything of a launch has yet to end; its Jobs may outlive a driver that has failed."""
    jobs = (anchor, *cluster.list("jobs", select_launch(launch, "work")).items)
    return not all(map(has_ended, jobs))


def _write_ends(cluster: Cluster, store: Store, launch: str, driver: Driver) -> list[str]:
    """Write down how the runs of a launch have ended that no other launch is at; return their ids."""
    ended = []
    for run in [run for run in read_runs(store) if run.launch == launch and run.status == "running"]:
        others = _find_others(cluster, store, run)
        if others:
            write_run(store, replace(run, launch=others[0]))
        elif _is_over(cluster, launch):  # else somebody has submitted it again meanwhile
            write_run(store, _apply_driver(run, driver))
            ended.append(run.run_id)
    return ended


def _find_others(cluster: Cluster, store: Store, run: Run) -> list[str]:
    """Return other launches of this workspace whose drivers are at a run; its record names only the newest."""
    found = []
    for job in cluster.list("jobs", DRIVERS).items:
        launch = job["metadata"]["labels"]["yule.dev/launch"]
        is_other = launch != run.launch and run.run_id in list_runs(job) and not _has_left(job)
        if is_other and store.objects.list(journal_folder(launch)):  # a run of another workspace may have its name
            found.append(launch)
    return found


def _is_over(cluster: Cluster, launch: str) -> bool:
    """Say whether a launch has no driver that is yet to end."""
    job = cluster.get("jobs", name_anchor(launch))
    return job is None or _has_left(job)


def _has_left(job: Body) -> bool:
    return has_ended(job) or bool(job["metadata"].get("deletionTimestamp"))


def _judge_drivers(cluster: Cluster, runs: Sequence[Run]) -> dict[str, Driver]:
    launches = {run.launch for run in runs if run.launch and run.status == "running"}
    return {launch: judge_driver(cluster, launch) for launch in sorted(launches)}


def _apply_drivers(runs: Sequence[Run], drivers: Mapping[str, Driver]) -> list[Run]:
    return [
        _apply_driver(run, drivers[run.launch]) if run.status == "running" and run.launch in drivers else run
        for run in runs
    ]


def _apply_driver(run: Run, driver: Driver) -> Run:
    match driver.state:
        case "failed" | "hopeless":
            return replace(run, status="failed", ended_at=_now(), message=driver.text)
        case "gone":
            return replace(run, status="interrupted", ended_at=_now(), message=driver.text)
        case "at work" | "done":
            return run


def _find_waits(cluster: Cluster, selector: str) -> list[str]:
    list_once = cache(lambda: list_events(cluster))
    pods = cluster.list("pods", selector).items
    waits: list[Wait] = []
    for job in cluster.list("jobs", selector).items:
        own = [pod for pod in pods if find_owner(pod).uid == job["metadata"]["uid"]]
        waits += find_waits(job, own, list_once, now=cluster.now())
    return [tell_message(wait.why) for wait in waits]


def _find_failure(job: Body) -> Body | None:
    conditions = job["status"].get("conditions") or ()
    return next((item for item in conditions if item["type"] == "Failed" and item["status"] == "True"), None)


def _describe_failure(cluster: Cluster, launch: str, job: Body, failure: Body) -> str:
    """Say why a driver's Job has failed, with the driver's last words."""
    pods = cluster.list("pods", select_launch(launch, "driver")).items
    ended = sorted(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""))
    outcomes = [outcome for outcome in map(judge_pod, ended) if outcome is not None]
    last = outcomes[-1] if outcomes else None
    words = " ".join(part for part in (last.describe() + ":", last.message) if part).strip(" :") if last else ""
    if last is not None and last.cause == "refused" and last.message:
        return f"The driver ended: {last.message}"
    if failure.get("reason") == "BackoffLimitExceeded":
        n_failed = job["status"].get("failed") or len(outcomes)
        said = f", the last time since {words}" if words else ""
        return f"The driver ended {n_failed} times before its work was done and is not started again{said}. {GO_ON}"
    reason = words or str(failure.get("message") or failure.get("reason") or "for no reason that is told")
    return f"The driver ended: {reason}. {GO_ON}"


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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
