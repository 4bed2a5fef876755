"""The pure parts: what ends and waits mean, where a task goes next, what it costs."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yule.core.errors import WorkspaceError
from yule.runtime.events import PodEnded
from yule.runtime.kubernetes.insight.costs import add_up
from yule.runtime.kubernetes.insight.outcomes import Cause, Outcome, judge_index, judge_pod
from yule.runtime.kubernetes.insight.ranges import read_ranges
from yule.runtime.kubernetes.insight.waits import explain_job, explain_pod
from yule.runtime.kubernetes.manifest import Manifest, read_manifest, write_manifest
from yule.runtime.kubernetes.namespace import describe_namespace
from yule.runtime.kubernetes.placement import GivenUp, Placement, place_again, read_learned, write_learned
from yule.runtime.kubernetes.settings import ClusterSettings, Pool, Price
from yule.runtime.messages import Setup
from yule.storage.objects.folder import FolderObjects

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPOT = Pool(name="spot", cpu=2.0, memory_mib=(1024, 2048), spot=True, price=Price(cpu=0.01, memory_gib=0.001))
STEADY = Pool(name="steady", cpu=2.0, memory_mib=(2048, 4096))
SETTINGS = ClusterSettings(
    pools={"spot": SPOT, "steady": STEADY}, steps={"train": "spot"}, on_demand={"spot": "steady"}, driver_pool="steady"
)
DISRUPTED = [{"type": "DisruptionTarget", "status": "True", "reason": "TerminationByKubelet"}]


def ended(
    code: int | None,
    *,
    reason: str = "Error",
    at: int = 0,
    told: Mapping[str, Any] | None = None,
    is_disrupted: bool = False,
) -> Mapping[str, Any]:
    """Return a pod that has failed."""
    state = {"terminated": {"exitCode": code, "reason": reason, "message": "its words"}}
    containers = [] if code is None else [{"name": "main", "state": state}]
    created = (NOW + timedelta(minutes=at)).isoformat()
    conditions = DISRUPTED if is_disrupted else []
    status = {"phase": "Failed", "containerStatuses": containers, "conditions": conditions, **(told or {})}
    return {"metadata": {"name": f"pod-{at}", "creationTimestamp": created}, "status": status}


def pending(*, minutes: int, **status: Any) -> Mapping[str, Any]:
    """Return a pod that has waited for so long."""
    created = (NOW - timedelta(minutes=minutes)).isoformat()
    return {"metadata": {"name": "pod", "creationTimestamp": created}, "status": {"phase": "Pending", **status}}


EVICTED = {"reason": "Evicted", "message": "The node was low on resource: memory."}


@pytest.mark.parametrize(
    ("pod", "cause"),
    [
        (ended(65), "refused"),
        (ended(75), "transient"),
        (ended(85), "move"),
        (ended(86), "out of memory"),
        (ended(1), "crashed"),
        (ended(137, reason="OOMKilled"), "out of memory"),
        (ended(0, reason="OOMKilled"), "out of memory"),
        (ended(137), "killed"),
        (ended(143), "killed"),
        (ended(143, is_disrupted=True), "preempted"),
        (ended(None, is_disrupted=True), "preempted"),
        (ended(255, is_disrupted=True), "preempted"),
        (ended(137, is_disrupted=True, told=EVICTED), "evicted for memory"),
        (ended(137, told={"reason": "Evicted", "message": "Pod ephemeral local storage exceeds"}), "disk full"),
        (ended(None, told={"reason": "DeadlineExceeded"}), "too long"),
        (ended(None), "killed"),
    ],
)
def test_the_end_of_a_pod_has_one_meaning(pod: Mapping[str, Any], cause: Cause) -> None:
    outcome = judge_pod(pod)
    assert outcome is not None
    assert outcome.cause == cause


def test_a_pod_that_is_at_work_has_no_outcome() -> None:
    assert judge_pod({"metadata": {"name": "pod"}, "status": {"phase": "Running"}}) is None


def test_the_newest_pod_of_an_index_decides() -> None:
    assert judge_index([ended(65, at=2), ended(1, at=1)]) == Outcome(cause="refused", message="its words")
    assert judge_index([]).cause == "killed"


def test_two_evictions_for_memory_mean_that_the_index_needs_more() -> None:
    evicted = [ended(137, at=at, is_disrupted=True, told=EVICTED) for at in (1, 2)]
    assert judge_index([*evicted, ended(85, at=3)]).cause == "out of memory"
    assert judge_index([evicted[0], ended(85, at=3)]).cause == "move"


def test_out_of_memory_goes_up_to_the_last_size_and_then_says_what_to_do() -> None:
    up = place_again(Placement(pool="spot", tier=0), Outcome(cause="out of memory"), SETTINGS)
    assert up == Placement(pool="spot", tier=1)
    over = place_again(Placement(pool="spot", tier=1), Outcome(cause="out of memory"), SETTINGS)
    assert isinstance(over, GivenUp)
    assert "2048 MiB" in over.message
    assert "Add a larger size" in over.message


def test_a_task_that_moves_keeps_at_least_its_memory() -> None:
    moved = place_again(Placement(pool="spot", tier=1), Outcome(cause="move"), SETTINGS)
    assert moved == Placement(pool="steady", tier=0)


@given(causes=st.lists(st.sampled_from(["preempted", "evicted for memory", "done"]), max_size=60))
def test_disruptions_are_retried_without_limit(causes: list[Cause]) -> None:
    place = Placement(pool="spot", tier=0)
    for cause in causes:
        found = place_again(place, Outcome(cause=cause), SETTINGS)
        assert isinstance(found, Placement)
        place = found
    assert place == Placement(pool="spot", tier=0, attempt=len(causes))


@given(causes=st.lists(st.sampled_from(["killed", "out of memory", "refused", "crashed", "too long"]), min_size=12))
def test_failures_come_to_an_end(causes: list[Cause]) -> None:
    place: Placement | GivenUp = Placement(pool="spot", tier=0)
    for cause in causes:
        if isinstance(place, Placement):
            place = place_again(place, Outcome(cause=cause), SETTINGS)
    assert isinstance(place, GivenUp)


@given(st.sets(st.integers(0, 200)))
def test_ranges_name_every_index(indexes: set[int]) -> None:
    from standin.jobs import as_ranges

    assert read_ranges(as_ranges(indexes)) == indexes


def test_an_image_that_is_not_there_is_hopeless_after_a_while_but_a_busy_registry_is_not() -> None:
    def pulling(message: str) -> list[dict[str, Any]]:
        return [{"image": "yule", "state": {"waiting": {"reason": "ImagePullBackOff", "message": message}}}]

    for minutes, message, is_hopeless in ((1, "not found", False), (3, "not found", True), (3, "429 slow", False)):
        wait = explain_pod(pending(minutes=minutes, containerStatuses=pulling(message)), now=NOW)
        assert wait is not None
        assert wait.is_hopeless == is_hopeless
        assert "the image yule cannot be pulled" in wait.why


def test_what_the_scheduler_says_is_explained() -> None:
    message = (
        "0/3 nodes are available: 1 node(s) had untolerated taint {spot: true}, 2 Insufficient memory. "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]
    wait = explain_pod(pending(minutes=1, conditions=conditions), now=NOW)
    assert wait is not None
    assert "preemption" not in wait.why
    assert "`tolerations`" in wait.why
    assert "all nodes are full" in wait.why


def test_pods_that_are_never_created_are_explained() -> None:
    created = (NOW - timedelta(minutes=2)).isoformat()
    job = {"metadata": {"name": "job", "creationTimestamp": created}, "spec": {}, "status": {}}
    event = {"metadata": {}, "reason": "FailedCreate", "message": "error looking up service account yule/x"}
    wait = explain_job(job, (event,), now=NOW)
    assert wait is not None
    assert wait.is_hopeless
    quota = explain_job(job, ({**event, "message": "exceeded quota: yule"},), now=NOW)
    assert quota is not None
    assert not quota.is_hopeless
    assert explain_job(job, (), now=NOW) is None


def test_costs_count_a_pod_once_and_say_what_was_for_nothing() -> None:
    def pod(name: str, cause: str) -> PodEnded:
        return PodEnded(pod=name, step="train", pool="spot", tier=1, seconds=1800.0, cause=cause)

    costs = add_up([pod("a", "done"), pod("a", "done"), pod("b", "preempted")], SETTINGS.pools)
    assert (costs.n_pods, costs.cpu_hours, costs.memory_gib_hours) == (2, 2.0, 2.0)
    assert costs.money == pytest.approx(2 * (2 * 0.01 + 2 * 0.001) * 0.5)
    assert costs.wasted_seconds == {"preemptions": 1800.0}


def test_a_manifest_is_named_by_its_content_and_checked(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    setup = Setup(workspace="w", n_threads=1, fetching="{}")
    manifest = Manifest(setup=setup, step="train", pool="spot", tier=0, attempt=0, batches=())
    sha256 = write_manifest(objects, manifest)
    assert read_manifest(objects, sha256) == manifest
    (file,) = (tmp_path / "manifests").iterdir()
    other = write_manifest(objects, Manifest(setup=setup, step="train", pool="steady", tier=0, attempt=0, batches=()))
    file.write_bytes((tmp_path / "manifests" / f"{other}.json.gz").read_bytes())
    with pytest.raises(WorkspaceError, match="damaged"):
        read_manifest(objects, sha256)


def test_what_is_learned_only_grows(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    assert read_learned(objects) == {}
    write_learned(objects, {"fit mlp": 2048, "fit catboost": 1024})
    write_learned(objects, {"fit mlp": 1024, "labels": 512})
    assert read_learned(objects) == {"fit mlp": 2048, "fit catboost": 1024, "labels": 512}


def test_no_account_may_do_more_than_it_needs() -> None:
    bodies = describe_namespace(namespace="team", driver="d", worker="w", max_pods=10, max_cpu=20, max_memory_gib=40)
    roles = {body["metadata"]["name"]: body["rules"] for body in bodies if body["kind"] == "Role"}
    verbs = {verb for rules in roles.values() for rule in rules for verb in rule["verbs"]}
    assert verbs == {"create", "get", "list", "watch", "delete"}
    assert not any("secrets" in rule["resources"] for rules in roles.values() for rule in rules)
    bound = {subject["name"] for body in bodies if body["kind"] == "RoleBinding" for subject in body["subjects"]}
    assert bound == {"d"}
