"""Submit a launch: check all there is to check, then create its driver and the plan that the driver waits for."""

import time
from collections.abc import Sequence
from dataclasses import replace

from yule.core.errors import YuleError
from yule.core.settings import to_json
from yule.core.steps import Step
from yule.pipeline.graph import CaseGraph
from yule.pipeline.runs.reading import read_runs
from yule.pipeline.runs.record import Run, write_run
from yule.pipeline.runs.recording import describe_run
from yule.remote.journal import journal_folder
from yule.remote.launch import Launch, name_launch
from yule.runtime.kubernetes.api.protocol import AlreadyThere, Body, Cluster, ClusterError
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.jobs import driver_job, has_ended, plan_map, select_launch, work_job
from yule.runtime.kubernetes.manifest import Manifest
from yule.runtime.kubernetes.settings import ClusterSettings
from yule.storage.setup import Setup
from yule.storage.store import Store

_NEEDED = (
    ("create", "", "configmaps"),
    ("create", "batch", "jobs"),
    ("delete", "batch", "jobs"),
    ("list", "batch", "jobs"),
    ("list", "", "pods"),
)
GONE_SECONDS = 120  # how long what is left of an earlier attempt may take to vanish

UID = "00000000-0000-0000-0000-000000000000"  # of the anchor, before there is one


def plan_launch(
    graphs: Sequence[CaseGraph],
    *,
    project: str,
    workspace: str,
    image: str,
    commit: str,
    fetching: str,
    settings: ClusterSettings,
    notify: str | None,
) -> Launch:
    """Freeze what is to be run; see :class:`~yule.remote.launch.Launch`."""
    run_ids = tuple(graph.run_id for graph in graphs)
    return Launch(
        name=name_launch(run_ids, workspace=workspace, image=image, commit=commit),
        project=project,
        workspace=workspace,
        image=image,
        commit=commit,
        fetching=fetching,
        runs=run_ids,
        reports=tuple(graph.report.unique_id for graph in graphs),
        settings=settings,
        notify=notify,
    )


def describe_objects(launch: Launch) -> list[Body]:
    """Return the objects of a launch as they are created; the last is an example of the Jobs that do the work."""
    frame = launch.frame
    step: Step = "train"
    manifest = Manifest(
        setup=Setup(workspace=launch.workspace, n_threads=1, fetching="{}"),
        step=step,
        pool=launch.settings.steps[step],
        tier=0,
        attempt=0,
        batches=((), ()),
    )
    example = work_job(frame, UID, manifest, "0" * 64, parallelism=2)
    return [driver_job(frame, launch.runs), plan_map(frame, UID, to_json(launch)), example]


def check_cluster(cluster: Cluster, launch: Launch) -> None:
    """Ask the cluster whether all of a launch would be allowed.

    Raises
    ------
    ClusterError
        With all that it would not, or that it warns of.
    """
    problems = [problem for needed in _NEEDED if (problem := _ask(cluster, launch.settings.namespace, *needed))]
    for body in describe_objects(launch) if not problems else ():
        kind = "configmaps" if body["kind"] == "ConfigMap" else "jobs"
        try:
            cluster.create(kind, body, dry_run=True)  # type: ignore[arg-type]
        except AlreadyThere:
            continue
        except ClusterError as error:
            problems.append(f"{body['kind']} {body['metadata']['name']}: {error}")
    if problems:
        raise ClusterError("The cluster would not take this run:\n" + "\n".join(f"    {text}" for text in problems))


def is_driven(cluster: Cluster, launch: Launch) -> bool:
    """Say whether a launch is submitted whole and not over: a driver is at work, or about to be."""
    driver = cluster.get("jobs", launch.frame.anchor)
    if driver is None or has_ended(driver) or driver["metadata"].get("deletionTimestamp"):
        return False
    return cluster.get("configmaps", launch.frame.name) is not None


def submit(cluster: Cluster, launch: Launch, graphs: Sequence[CaseGraph], store: Store) -> bool:
    """Create a launch's driver and its plan; a driver that is there already goes on.

    The driver's Job comes first, since it owns the plan; its pod waits for the plan. What is interrupted in between is
    completed by the next submission.

    Returns
    -------
    bool
        False when it was there and its driver is at work.
    """
    driver = cluster.get("jobs", launch.frame.anchor)
    old_uid = ""
    if driver is not None and (has_ended(driver) or driver["metadata"].get("deletionTimestamp")):
        old_uid = driver["metadata"]["uid"]
        cluster.delete("jobs", launch.frame.anchor, uid=old_uid)  # and all that it has left
        driver = None
    runs = _describe_runs(launch, graphs, store)
    driver = driver or _wait_until_gone(cluster, launch.frame, old_uid)
    if driver is None:
        store.objects.delete(store.objects.list(journal_folder(launch.name)))
        driver = _create_driver(cluster, launch)
    if cluster.get("configmaps", launch.frame.name) is not None:
        return False
    for run in runs:
        write_run(store, run)
    try:
        cluster.create("configmaps", plan_map(launch.frame, driver["metadata"]["uid"], to_json(launch)))
    except AlreadyThere:  # somebody else has submitted it at the same time
        return False
    return True


def _create_driver(cluster: Cluster, launch: Launch) -> Body:
    try:
        return cluster.create("jobs", driver_job(launch.frame, launch.runs))
    except AlreadyThere:
        driver = cluster.get("jobs", launch.frame.anchor)
    if driver is None:
        raise YuleError("The launch was stopped while it was being submitted. Submit it again.")
    return driver


def _describe_runs(launch: Launch, graphs: Sequence[CaseGraph], store: Store) -> list[Run]:
    """Return the runs as they begin; what goes on began when it began."""
    known = {run.run_id: run for run in read_runs(store)}
    runs = []
    for graph in graphs:
        run = describe_run(graph, code=launch.commit, image=launch.image, launch=launch.name)
        before = known.get(graph.run_id)
        runs.append(replace(run, started_at=before.started_at) if before and before.launch == run.launch else run)
    return runs


def _wait_until_gone(cluster: Cluster, frame: Frame, old_uid: str) -> Body | None:
    """Wait until the cluster has removed what an earlier attempt has left: its names are needed.

    Returns
    -------
    Body or None
        The driver's Job that somebody else who waited for the same has created since.
    """
    selector = select_launch(frame.launch)
    deadline = time.monotonic() + GONE_SECONDS
    while (jobs := cluster.list("jobs", selector).items) or cluster.get("configmaps", frame.name) is not None:
        for job in jobs:
            if job["metadata"]["name"] == frame.anchor and job["metadata"]["uid"] != old_uid:
                return job
        if time.monotonic() > deadline:
            raise YuleError(
                f"What is left of an earlier attempt does not go away. Look at it with `kubectl get jobs,configmaps "
                f"--namespace {frame.settings.namespace} --selector {selector}`, delete it, and run again."
            )
        time.sleep(0.2)
    return None


def _ask(cluster: Cluster, namespace: str, verb: str, group: str, resource: str) -> str:
    attributes = {"namespace": namespace, "verb": verb, "group": group, "resource": resource}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = cluster.create("selfsubjectaccessreviews", review)
    if answer.get("status", {}).get("allowed"):
        return ""
    return f"you may not {verb} {resource} in the namespace {namespace} (see `yule kubernetes manifests`)"
