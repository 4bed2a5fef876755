"""The objects of a launch as the API takes them: its driver, its plan, and the Jobs that do the work.

The driver's Job is the anchor, which owns all others: deleting it stops and removes everything.
"""

import re
from collections.abc import Mapping, Sequence

from yule.core.settings import digest
from yule.runtime.kubernetes.api.protocol import Body
from yule.runtime.kubernetes.codes import KILLED, MISSED, MOVE, OUT_OF_MEMORY, REFUSED
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.manifest import Manifest
from yule.runtime.kubernetes.pod_template import from_field, pod_spec

MAX_INDEXES = 1000  # more finished pods in one Job burden the nodes that ran them
MAX_LABEL = 63  # characters of a label's value
N_RETRIES = 2  # of an index that crashed
DONE_SECONDS = 3600  # how long a finished Job and its pods can be looked at
KEPT_SECONDS = 86_400  # how long all that a launch made is kept once its driver has ended

PLAN = "plan.json"
RUNS = "yule.dev/runs"
"""The annotation of a driver's Job that names its runs: what is stopped, and told, is of these alone."""
DRIVERS = "app.kubernetes.io/managed-by=yule,app.kubernetes.io/component=driver"
"""Selects the anchors of all launches."""


def select_launch(launch: str, component: str | None = None) -> str:
    """Return the label selector of a launch's objects: of one component (``driver``, ``work``) or all."""
    return f"yule.dev/launch={launch}" + (f",app.kubernetes.io/component={component}" if component else "")


def select_project(project: str) -> str:
    """Return the label selector of the objects of all launches of a project."""
    return f"app.kubernetes.io/managed-by=yule,yule.dev/project={label(project)}"


def list_runs(anchor: Body) -> tuple[str, ...]:
    """Return the ids of the runs of a launch, as its anchor names them."""
    return tuple(str(anchor["metadata"]["annotations"][RUNS]).split(","))


def has_ended(job: Body) -> bool:
    """Say whether a Job is complete or has failed, and all its pods have ended."""
    conditions = job.get("status", {}).get("conditions") or ()
    return any(item["type"] in ("Complete", "Failed") and item["status"] == "True" for item in conditions)


def label(text: str) -> str:
    """Turn a text into a legal value of a label; what has to be changed ends with a digest, so that no two become one.

    >>> label("beer"), label("Beer & Co."), label("Beer, Co")
    ('beer', 'Beer-Co-cf8243a8', 'Beer-Co-622bd215')
    """
    cleaned = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-_.")
    if cleaned == text and len(text) <= MAX_LABEL:
        return text
    end = f"-{digest(text)[:8]}"
    return (cleaned[: MAX_LABEL - len(end)].rstrip("-_.") + end).lstrip("-")


def plan_map(frame: Frame, anchor_uid: str, plan: str) -> Body:
    """Describe the ConfigMap with the plan; the driver's pod waits until it is there.

    Parameters
    ----------
    frame
        The launch.
    anchor_uid
        Uid of the anchor.
    plan
        The plan that the driver follows, as JSON.
    """
    metadata = {"name": frame.name, "labels": _labels(frame, "plan"), "annotations": _annotations(frame)}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata | {"ownerReferences": [_owner(frame, anchor_uid)]},
        "immutable": True,
        "data": {PLAN: plan},
    }


def driver_job(frame: Frame, runs: Sequence[str]) -> Body:
    """Describe the Job that drives a launch of these runs; nothing owns it."""
    settings = frame.settings
    pool = settings.pools[settings.driver_pool]
    labels = _labels(frame, "driver") | _place_labels("driver", pool.name, 0)
    environment = [
        {"name": "YULE_LAUNCH", "valueFrom": {"configMapKeyRef": {"name": frame.name, "key": PLAN}}},
    ]
    spec = {
        "completions": 1,
        "parallelism": 1,
        "backoffLimit": 6,
        "podReplacementPolicy": "Failed",
        "ttlSecondsAfterFinished": KEPT_SECONDS,
        "podFailurePolicy": {
            "rules": [
                {"action": "FailJob", "onExitCodes": {"containerName": "main", "operator": "In", "values": [REFUSED]}},
                _IGNORE_DISRUPTIONS,
            ]
        },
        "template": {
            "metadata": {"labels": labels, "annotations": _KEEP},
            "spec": pod_spec(
                frame, pool, tier=0, module="yule.remote.driver", environment=environment, account="driver"
            ),
        },
    }
    return _job(frame, frame.anchor, labels, {RUNS: ",".join(runs)}, spec)


def work_job(frame: Frame, anchor_uid: str, manifest: Manifest, sha256: str, *, parallelism: int) -> Body:
    """Describe the Job that runs the tasks of a manifest, one index per batch."""
    settings = frame.settings
    pool = settings.pools[manifest.pool]
    # Of the anchor, too: Jobs of an earlier submission may be there for a while, and mean nothing to this one.
    name = f"{frame.name}-{manifest.step}-{digest(f'{sha256} {anchor_uid}')[:8]}"
    labels = _labels(frame, "work") | _place_labels(manifest.step, pool.name, manifest.tier)
    environment = [
        {"name": "YULE_MANIFEST_SHA256", "value": sha256},
        {"name": "YULE_PREEMPTION_BUDGET", "value": str(settings.preemption_budget)},
        from_field(
            "YULE_IGNORED_FAILURES", "metadata.annotations['batch.kubernetes.io/job-index-ignored-failure-count']"
        ),
    ]
    pod = pod_spec(
        frame, pool, tier=manifest.tier, module="yule.runtime.kubernetes.pod", environment=environment, account="worker"
    )
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"batch.kubernetes.io/job-name": name}},
    }
    limits = {"activeDeadlineSeconds": settings.deadline_seconds, "topologySpreadConstraints": [spread]}
    spec = {
        "completionMode": "Indexed",
        "completions": len(manifest.batches),
        "parallelism": parallelism,
        "backoffLimitPerIndex": N_RETRIES,
        "podReplacementPolicy": "Failed",
        "ttlSecondsAfterFinished": DONE_SECONDS,
        "podFailurePolicy": {
            "rules": [
                _fail_index(REFUSED, MISSED, MOVE, OUT_OF_MEMORY),
                _IGNORE_DISRUPTIONS,
                _fail_index(KILLED),
            ]
        },
        "template": {"metadata": {"labels": labels, "annotations": _KEEP}, "spec": {**pod, **limits}},
    }
    queue = {}
    if settings.queue:
        queue = {"kueue.x-k8s.io/queue-name": settings.queue}
    annotations = {"yule.dev/manifest-sha256": sha256}
    if settings.queue and parallelism > 1:
        annotations["kueue.x-k8s.io/job-min-parallelism"] = "1"
    return _job(frame, name, labels | queue, annotations, spec, owners=(_owner(frame, anchor_uid),))


_IGNORE_DISRUPTIONS = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}

_KEEP = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    "karpenter.sh/do-not-disrupt": "true",
}
"""Asks autoscalers not to move a pod that is at work."""


def _fail_index(*codes: int) -> Body:
    on_codes = {"containerName": "main", "operator": "In", "values": sorted(codes)}
    return {"action": "FailIndex", "onExitCodes": on_codes}


def _job(
    frame: Frame,
    name: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    spec: Body,
    *,
    owners: Sequence[Body] = (),
) -> Body:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "labels": dict(labels),
            "annotations": _annotations(frame) | dict(annotations),
            "ownerReferences": list(owners),
        },
        "spec": spec,
    }


def _owner(frame: Frame, anchor_uid: str) -> Body:
    """Refer to the anchor: not as a controller, which Kueue would take for one workload with all it owns."""
    return {"apiVersion": "batch/v1", "kind": "Job", "name": frame.anchor, "uid": anchor_uid}


def _labels(frame: Frame, component: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "yule",
        "app.kubernetes.io/managed-by": "yule",
        "app.kubernetes.io/component": component,
        "yule.dev/launch": frame.launch,
        "yule.dev/project": label(frame.project),
    }


def _place_labels(step: str, pool: str, tier: int) -> dict[str, str]:
    return {"yule.dev/step": step, "yule.dev/pool": pool, "yule.dev/tier": str(tier)}


def _annotations(frame: Frame) -> dict[str, str]:
    return {"yule.dev/commit": frame.commit, "yule.dev/image": frame.image}
