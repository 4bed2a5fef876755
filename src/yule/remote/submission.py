"""Submit a launch: check all there is to check, then create its anchor and its driver."""

import time
from collections.abc import Sequence
from dataclasses import replace

from yule.core.errors import YuleError
from yule.core.settings import to_json
from yule.core.steps import Step
from yule.pipeline.graph import CaseGraph
from yule.pipeline.runs import describe_run, read_runs, write_run
from yule.remote.launch import Launch, name_launch
from yule.runtime.kubernetes.api.protocol import AlreadyThere, Body, Cluster, ClusterError
from yule.runtime.kubernetes.jobs import anchor, driver_job, work_job
from yule.runtime.kubernetes.manifest import Manifest
from yule.runtime.kubernetes.settings import ClusterSettings
from yule.runtime.messages import Setup
from yule.storage.store import Store

_NEEDED = (
    ("create", "", "configmaps"),
    ("delete", "", "configmaps"),
    ("create", "batch", "jobs"),
    ("list", "batch", "jobs"),
    ("list", "", "pods"),
)

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
) -> Launch:
    """Freeze what is to be run; see :class:`~yule.remote.launch.Launch`."""
    run_ids = tuple(graph.run_id for graph in graphs)
    return Launch(
        name=name_launch(run_ids, image=image, commit=commit),
        project=project,
        workspace=workspace,
        image=image,
        commit=commit,
        fetching=fetching,
        runs=run_ids,
        reports=tuple(graph.report.unique_id for graph in graphs),
        settings=settings,
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
    return [anchor(frame, to_json(launch)), driver_job(frame, UID), example]


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


def submit(cluster: Cluster, launch: Launch, graphs: Sequence[CaseGraph], store: Store) -> bool:
    """Create a launch's anchor and driver; one that is there already goes on.

    Returns
    -------
    bool
        False when it was there and its driver is at work.
    """
    frame = launch.frame
    name = f"{frame.name}-driver"
    driver = cluster.get("jobs", name)
    if driver is not None and not _has_ended(driver):
        return False
    found = cluster.get("configmaps", frame.name)
    if found is not None:  # what an earlier attempt has left: its Jobs have ended, or are of no use without a driver
        cluster.delete("configmaps", frame.name, uid=found["metadata"]["uid"])
        _wait_until_gone(cluster, name, frame.name)
    known = {run.run_id: run for run in read_runs(store)}
    for graph in graphs:
        run = describe_run(graph, code=launch.commit, image=launch.image, launch=launch.name)
        before = known.get(graph.run_id)
        write_run(store, replace(run, started_at=before.started_at) if before and before.launch == run.launch else run)
    objects = store.objects
    objects.delete(objects.list(f"launches/{launch.name}/journal/"))
    try:
        created = cluster.create("configmaps", anchor(frame, to_json(launch)))
    except AlreadyThere:
        created = cluster.get("configmaps", frame.name) or {}
    if not created:
        raise YuleError("The launch was stopped while it was being submitted. Submit it again.")
    try:
        cluster.create("jobs", driver_job(frame, created["metadata"]["uid"]))
    except AlreadyThere:
        return False
    return True


def _wait_until_gone(cluster: Cluster, driver: str, anchor_name: str) -> None:
    deadline = time.monotonic() + 120
    while cluster.get("jobs", driver) is not None or cluster.get("configmaps", anchor_name) is not None:
        if time.monotonic() > deadline:
            raise YuleError(f"The Job {driver} of an earlier attempt does not go away. Delete it and run again.")
        time.sleep(0.2)


def _has_ended(job: Body) -> bool:
    return any(item["type"] in ("Complete", "Failed") for item in job.get("status", {}).get("conditions") or ())


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
