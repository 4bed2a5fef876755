"""The pure parts: what ends and waits mean, where a task goes next, what it costs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yule.core.errors import WorkspaceError
from yule.messages.telling import tell_message
from yule.runtime.events import PodEnded
from yule.runtime.kubernetes.insight.costs import add_up
from yule.runtime.kubernetes.insight.outcomes import Cause, Outcome, judge_index, judge_pod
from yule.runtime.kubernetes.insight.ranges import read_ranges
from yule.runtime.kubernetes.insight.waits import explain_pod, find_hopeless, find_waits
from yule.runtime.kubernetes.manifest import Manifest, read_manifest, write_manifest
from yule.runtime.kubernetes.namespace import describe_namespace
from yule.runtime.kubernetes.placement import GivenUp, Placement, place_again, read_learned, write_learned
from yule.runtime.kubernetes.settings import ClusterSettings, Pool, Price
from yule.storage.objects.folder import FolderObjects
from yule.storage.setup import Setup

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


OOM, MOVE = Outcome(cause="out of memory"), Outcome(cause="move")
NO_NODE, EVICTION = Outcome(cause="no node"), Outcome(cause="evicted for memory", n_evicted=1)
PREEMPTED, KILLED = Outcome(cause="preempted"), Outcome(cause="killed")
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


def test_evictions_for_memory_are_counted_over_the_pods_of_an_index() -> None:
    evicted = [ended(137, at=at, is_disrupted=True, told=EVICTED) for at in (1, 2)]
    assert judge_index([*evicted, ended(85, at=3)]) == Outcome(cause="move", message="its words", n_evicted=2)


def test_a_pod_says_first_which_task_it_was_at() -> None:
    unique_id = "0123456789abcdef" * 2
    for message, words in (
        (f"FitFold[{unique_id}]", ""),
        (f"FitFold[{unique_id}]: its process was killed", "its process was killed"),
    ):
        state = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": message}}
        pod = ended(137, told={"containerStatuses": [{"state": state}]})
        assert judge_pod(pod) == Outcome(cause="out of memory", message=words, at_work=unique_id)


def test_a_task_that_is_named_in_a_log_was_not_for_that_at_work() -> None:
    message = f"reading FitFold[{'0' * 32}]: done"
    pod = ended(1, told={"containerStatuses": [{"state": {"terminated": {"exitCode": 1, "message": message}}}]})
    assert judge_pod(pod) == Outcome(cause="crashed", message=message)


def test_out_of_memory_goes_up_to_the_last_size_and_then_says_what_to_do() -> None:
    up = place_again(Placement(pool="spot", tier=0), Outcome(cause="out of memory"), SETTINGS)
    assert up == Placement(pool="spot", tier=1, turn=1)
    over = place_again(Placement(pool="steady", tier=1), Outcome(cause="out of memory"), SETTINGS)
    assert isinstance(over, GivenUp)
    assert "4096 MiB" in over.message
    assert "Add a larger size" in over.message


def test_out_of_memory_at_the_last_size_of_a_spot_pool_is_an_end_if_no_other_has_more() -> None:
    pools = {"spot": SPOT, "steady": replace(STEADY, memory_mib=(2048,))}
    over = place_again(Placement(pool="spot", tier=1), OOM, replace(SETTINGS, pools=pools))
    assert isinstance(over, GivenUp)
    assert "2048 MiB that the pool spot" in over.message


def test_a_task_that_moves_keeps_at_least_its_memory() -> None:
    moved = place_again(Placement(pool="spot", tier=1), Outcome(cause="move"), SETTINGS)
    assert moved == Placement(pool="steady", tier=0, turn=1)


SPOT_AGAIN, SPOT_LARGE = Placement(pool="spot", tier=0), Placement(pool="spot", tier=1)
ELSEWHERE, ELSEWHERE_LARGE = Placement(pool="steady", tier=0), Placement(pool="steady", tier=1)

HISTORIES: dict[str, tuple[list[Outcome], str | Placement]] = {
    "preempted while moved": ([MOVE, MOVE, PREEMPTED], ELSEWHERE),
    "out of memory after a move": ([MOVE, OOM], ELSEWHERE_LARGE),
    "a move after out of memory": ([OOM, MOVE], ELSEWHERE),
    "out of memory beyond the last size after a move": (
        [MOVE, OOM, OOM],
        "more than the 4096 MiB that the pool steady",
    ),
    "evicted for memory twice in a Job": ([replace(MOVE, n_evicted=2)], SPOT_LARGE),
    "evicted for memory once in each of two Jobs": ([replace(MOVE, n_evicted=1)] * 2, ELSEWHERE_LARGE),
    "evicted for memory at the last size of a spot pool": ([OOM, *[EVICTION] * 2], ELSEWHERE_LARGE),
    "out of memory at the last size of a spot pool": ([OOM, OOM], ELSEWHERE_LARGE),
    "out of memory at the last size of all": ([OOM, OOM, OOM], "more than the 4096 MiB that the pool steady"),
    "killed among preemptions": ([PREEMPTED, *[KILLED] * 4, PREEMPTED], replace(SPOT_AGAIN, attempt=4)),
    "killed too often": ([KILLED] * 5, "it was killed from outside, 5 times"),
    "killed, but not too often in one place": ([*[KILLED] * 4, OOM, *[KILLED] * 4], replace(SPOT_LARGE, attempt=4)),
    "a service that never answers": ([Outcome(cause="transient")] * 5, "did not answer, 5 times"),
    "a Job deleted again and again": ([Outcome(cause="lost", message="its Job was deleted")] * 5, "was deleted"),
    "no spot node": ([NO_NODE], ELSEWHERE),
    "no spot node after out of memory": ([OOM, NO_NODE, OOM], ELSEWHERE_LARGE),
    "a mistake after a move": ([MOVE, Outcome(cause="refused", message="a column is missing")], "a column is missing"),
}


@pytest.mark.parametrize(("outcomes", "end"), HISTORIES.values(), ids=HISTORIES)
def test_each_history_has_one_place_to_go_on_or_one_reason_to_stop(
    outcomes: list[Outcome], end: str | Placement
) -> None:
    place: Placement | GivenUp = Placement(pool="spot", tier=0)
    for outcome in outcomes:
        assert isinstance(place, Placement)
        place = place_again(place, outcome, SETTINGS)
    if isinstance(end, Placement):
        assert place == replace(end, turn=len(outcomes))
    else:
        assert isinstance(place, GivenUp)
        assert end in place.message


def test_a_task_does_not_move_to_where_it_would_have_less_memory() -> None:
    pools = {"spot": SPOT, "steady": replace(STEADY, memory_mib=(1024,))}
    again = place_again(Placement(pool="spot", tier=1), MOVE, replace(SETTINGS, pools=pools))
    assert again == Placement(pool="spot", tier=1, turn=1)


@given(causes=st.lists(st.sampled_from(["preempted", "move", "no node"]), max_size=60))
def test_disruptions_are_retried_without_limit(causes: list[Cause]) -> None:
    place = Placement(pool="spot", tier=0)
    for cause in causes:
        found = place_again(place, Outcome(cause=cause), SETTINGS)
        assert isinstance(found, Placement)
        place = found
    assert (place.turn, place.attempt) == (len(causes), 0)


@given(
    causes=st.lists(
        st.sampled_from(["killed", "out of memory", "refused", "crashed", "too long", "transient", "lost"]), min_size=12
    )
)
def test_failures_come_to_an_end(causes: list[Cause]) -> None:
    place: Placement | GivenUp = Placement(pool="spot", tier=0)
    for turn, cause in enumerate(causes, 1):
        if isinstance(place, Placement):
            place = place_again(place, Outcome(cause=cause), SETTINGS)
            assert isinstance(place, GivenUp) or place.turn == turn
    assert isinstance(place, GivenUp)


@given(st.sets(st.integers(0, 200)))
def test_ranges_name_every_index(indexes: set[int]) -> None:
    from standin.jobs import as_ranges

    assert read_ranges(as_ranges(indexes)) == indexes


def pulling(message: str) -> list[dict[str, Any]]:
    """Return what a pod says of its container whose image cannot be pulled."""
    return [{"image": "yule", "state": {"waiting": {"reason": "ImagePullBackOff", "message": message}}}]


@pytest.mark.parametrize(
    ("minutes", "message", "is_hopeless"),
    [
        (1, "not found", False),
        (3, "not found", True),
        (3, "429 Too Many Requests", False),
        (3, "dial tcp 10.0.0.1:443: i/o timeout", False),
        (3, "unexpected status from HEAD request: 503 Service Unavailable", False),
        (31, "dial tcp 10.0.0.1:443: i/o timeout", True),
    ],
)
def test_an_image_that_is_not_there_is_hopeless_sooner_than_a_registry_that_is_away(
    minutes: int, message: str, is_hopeless: bool
) -> None:
    wait = explain_pod(pending(minutes=minutes, containerStatuses=pulling(message)), now=NOW)
    assert wait is not None
    assert wait.is_hopeless == is_hopeless
    assert "the image yule cannot be pulled" in tell_message(wait.why)


def test_an_image_is_waited_for_from_when_there_was_a_node() -> None:
    placed = {"type": "PodScheduled", "status": "True", "lastTransitionTime": (NOW - timedelta(minutes=1)).isoformat()}
    late = pending(minutes=9, conditions=[placed], containerStatuses=pulling("not found"))
    wait = explain_pod(late, now=NOW)
    assert wait is not None
    assert not wait.is_hopeless


def test_a_pull_that_failed_and_one_that_is_to_be_tried_again_are_one_wait() -> None:
    fault = 'failed to pull and unpack image "yule": not found'
    whys = {
        tell_message(wait.why)
        for message in (fault, f'Back-off pulling image "yule": ErrImagePull: {fault}')
        if (wait := explain_pod(pending(minutes=1, containerStatuses=pulling(message)), now=NOW))
    }
    assert len(whys) == 1


def test_what_the_scheduler_says_is_explained() -> None:
    message = (
        "0/3 nodes are available: 1 node(s) had untolerated taint {spot: true}, 2 Insufficient memory. "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]
    wait = explain_pod(pending(minutes=1, conditions=conditions), now=NOW)
    assert wait is not None
    assert "preemption" not in tell_message(wait.why)
    assert "`tolerations`" in tell_message(wait.why)
    assert "all nodes are full" in tell_message(wait.why)


def test_pods_that_are_never_created_are_explained() -> None:
    job = waiting_job(minutes=2)
    event = failed_create("error looking up service account yule/x", at=NOW - timedelta(seconds=90))
    (wait,) = find_waits(job, (), lambda: (event,), now=NOW)
    assert wait.is_hopeless
    assert not find_waits(job, (), lambda: (), now=NOW)


@pytest.mark.parametrize(
    ("requested", "is_hopeless"),
    [("pods=1", False), ("requests.cpu=500m", False), ("requests.cpu=2500m", True), ("limits.memory=8Gi", True)],
)
def test_a_quota_is_waited_for_unless_it_is_too_small_for_one_pod(requested: str, is_hopeless: bool) -> None:
    limited = "limits.memory=4Gi,pods=10,requests.cpu=2"
    message = (
        f'Error creating: pods "job-0-x" is forbidden: exceeded quota: team, requested: {requested}, '
        f"used: limits.memory=4Gi,pods=10,requests.cpu=2, limited: {limited}"
    )
    (wait,) = find_waits(waiting_job(minutes=2), (), lambda: (failed_create(message),), now=NOW)
    assert wait.is_hopeless == is_hopeless
    assert ("whole quota team" in tell_message(wait.why)) == is_hopeless
    assert ("goes on when other pods end" in tell_message(wait.why)) != is_hopeless
    assert "job-0-x" not in tell_message(wait.why)  # it is another at every try, and what waits is told once


def test_a_pod_that_could_not_be_created_before_the_last_one_was_is_no_hopeless_wait() -> None:
    early = failed_create("no such account", at=NOW - timedelta(minutes=9))
    over = ended(143, at=-5, is_disrupted=True)  # and its replacement is due
    assert not find_waits(waiting_job(minutes=10), [over], lambda: (early,), now=NOW)
    (wait,) = find_waits(waiting_job(minutes=10), [over], lambda: (early, failed_create("no such account")), now=NOW)
    assert not wait.is_hopeless


def test_nothing_is_hopeless_while_a_pod_of_the_job_is_at_work() -> None:
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]
    stuck = pending(minutes=31, conditions=conditions)
    running = {"metadata": {"name": "other"}, "status": {"phase": "Running"}}
    waits = find_waits(waiting_job(minutes=40), [stuck, running], lambda: (), now=NOW)
    assert [wait.is_hopeless for wait in waits] == [True]
    assert find_hopeless(waits, [stuck, running]) is None
    assert find_hopeless(waits, [stuck]) is not None


@pytest.mark.parametrize(
    ("minutes", "events", "told"),
    [
        (0, (), None),
        (1, (), "its node is fetching the image or mounting its volumes"),
        (1, ("FailedMount",), "a volume cannot be mounted: secret not found; check `volumes` in project.yaml"),
        (1, ("Pulling",), "its node is fetching the image or mounting its volumes"),
    ],
)
def test_a_container_that_is_long_in_the_making_is_explained(
    minutes: int, events: tuple[str, ...], told: str | None
) -> None:
    pod = pending(minutes=minutes, containerStatuses=[{"state": {"waiting": {"reason": "ContainerCreating"}}}])
    found = tuple(
        {"metadata": {}, "reason": reason, "message": "secret not found", "involvedObject": {"name": "pod"}}
        for reason in events
    )
    waits = find_waits(waiting_job(minutes=minutes), (pod,), lambda: found, now=NOW)
    assert [tell_message(wait.why).partition(", and")[0] for wait in waits] == ([told] if told else [])
    assert not find_hopeless(waits, (pod,))


def test_a_quota_that_is_used_up_is_told_alike_however_much_others_use() -> None:
    def explain(message: str) -> str:
        (wait,) = find_waits(waiting_job(minutes=2), (), lambda: (failed_create(message),), now=NOW)
        return tell_message(wait.why)

    text = "Error creating: pods is forbidden: exceeded quota: team, requested: pods=1, used: pods={}, limited: pods=9"
    assert explain(text.format(9)) == explain(f"(combined from similar events): {text.format(10)}")


def waiting_job(*, minutes: int) -> Mapping[str, Any]:
    """Return a Job that was made so long ago and has no pods."""
    created = (NOW - timedelta(minutes=minutes)).isoformat()
    return {"metadata": {"name": "job", "creationTimestamp": created}, "spec": {}, "status": {}}


def failed_create(message: str, *, at: datetime = NOW) -> Mapping[str, Any]:
    """Return an event that tells that a pod could not be created."""
    told = {"reason": "FailedCreate", "message": message, "involvedObject": {"name": "job"}}
    return {"metadata": {}, **told, "firstTimestamp": at.isoformat(), "lastTimestamp": at.isoformat()}


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


def test_a_job_that_its_queue_has_not_admitted_says_where_to_look() -> None:
    job = {"metadata": {"name": "a", "namespace": "team"}, "spec": {"suspend": True}, "status": {}}
    (wait,) = find_waits(job, (), lambda: (), now=NOW)
    assert tell_message(wait.why) == "the queue has not admitted it yet (see `kubectl -n team get workloads`)"
