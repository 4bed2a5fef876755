"""Facts about our objects as Kubernetes and Kueue read them.

Kubernetes' schemas are those of its own client, whose models are generated from the OpenAPI of its API.
"""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kubernetes.client import models
from pydantic import ValidationError

from yule.core.settings import to_json
from yule.runtime.kubernetes.frame import Frame
from yule.runtime.kubernetes.jobs import driver_job, label, plan_map, select_project, work_job
from yule.runtime.kubernetes.manifest import Manifest
from yule.runtime.kubernetes.namespace import describe_namespace
from yule.runtime.kubernetes.settings import ClusterSettings, Pool, Toleration, Volume
from yule.storage.setup import Setup

UID = "00000000-0000-0000-0000-000000000000"
LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def find_problems(body: Mapping[str, Any]) -> list[str]:
    """Say where an object is not what Kubernetes takes: strict, as servers are that refuse what they do not know."""
    try:
        getattr(models, f"V1{body['kind']}").model_validate(body)
    except ValidationError as error:
        return [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
    return []


def make_frame(**changed: Any) -> Frame:
    """Return a launch that uses all there is."""
    pool = Pool(
        name="cpu",
        node_selector={"pool": "cpu"},
        tolerations=(
            Toleration(key="spot"),
            Toleration(key="team", operator="Equal", value="audience", effect="NoSchedule"),
        ),
    )
    volumes = (
        Volume(name="shared", mount_path="/shared", claim="shared", read_only=True),
        Volume(name="host", mount_path="/host", host_path="/srv"),
        Volume(name="key", mount_path="/key", secret="warehouse-key", read_only=True),
    )
    steps = ("download", "features", "labels", "train", "ensemble", "predict", "report")
    plain: dict[str, Any] = {
        "pools": {"cpu": pool},
        "steps": dict.fromkeys(steps, "cpu"),
        "driver_pool": "cpu",
        "queue": "audience",
        "priority_class": "batch-low",
        "image_pull_secrets": ("registry",),
        "secrets": ("warehouse",),
        "environment": {"AWS_DEFAULT_REGION": "eu-west-1"},
        "volumes": volumes,
    }
    return Frame(
        launch="0123456789",
        project="Acme & Co.",
        image=f"registry.example/acme/yule@sha256:{'0' * 64}",
        commit="0" * 40,
        workspace="s3://acme/yule",
        settings=ClusterSettings(**plain | changed),
    )


def make_work(frame: Frame, *, n_batches: int = 2, parallelism: int = 2) -> Any:
    """Return a Job of some batches."""
    setup = Setup(workspace=frame.workspace, n_threads=1, fetching="{}")
    # Written by hand, since what a manifest holds besides is of no interest here.
    fields = {"setup": setup, "step": "train", "pool": "cpu", "tier": 0, "attempt": 0, "batches": ((),) * n_batches}
    return work_job(frame, UID, Manifest(**fields), "a" * 64, parallelism=parallelism)


@pytest.mark.parametrize("kind", ["driver", "work", "plan"])
def test_objects_of_a_launch_are_what_kubernetes_takes(kind: str) -> None:
    frame = make_frame()
    body = {
        "driver": lambda: driver_job(frame, ("beer-1",)),
        "work": lambda: make_work(frame),
        "plan": lambda: plan_map(frame, UID, to_json(frame)),
    }[kind]()
    assert find_problems(body) == []
    metadata = body["metadata"]
    assert len(metadata["name"]) <= 52
    assert NAME.fullmatch(metadata["name"])
    labels = [metadata["labels"]]
    if kind != "plan":
        labels.append(body["spec"]["template"]["metadata"]["labels"])
    assert all(LABEL.fullmatch(value) for found in labels for value in found.values())


def test_objects_of_a_namespace_are_what_kubernetes_takes() -> None:
    bodies = describe_namespace(
        namespace="yule", driver="yule-driver", worker="yule-worker", max_pods=9, max_cpu=9, max_memory_gib=9
    )
    for body in bodies:
        assert find_problems(body) == []


def test_a_field_that_kubernetes_does_not_know_would_be_found() -> None:
    body = make_work(make_frame())
    body["spec"]["template"]["spec"]["containers"][0] |= {"cpus": 2, "stdin": "yes"}
    problems = find_problems(body)
    assert "spec.template.spec.containers.0.stdin: Input should be a valid boolean" in problems
    assert "spec.template.spec.containers.0.cpus: Extra inputs are not permitted" in problems


def test_rules_of_failures_are_in_the_order_and_form_that_the_server_demands() -> None:
    for body in (driver_job(make_frame(), ("beer-1",)), make_work(make_frame())):
        for rule in body["spec"]["podFailurePolicy"]["rules"]:
            assert rule["action"] in ("FailJob", "FailIndex", "Ignore", "Count")
            codes = rule.get("onExitCodes", {}).get("values", [1])
            assert codes == sorted(set(codes))
            assert 0 not in codes
        assert body["spec"]["template"]["spec"]["restartPolicy"] == "Never"


@settings(max_examples=50)
@given(n_batches=st.integers(1, 1000), cap=st.integers(1, 1000))
def test_kueue_may_admit_a_part_of_a_jobs_pods(n_batches: int, cap: int) -> None:
    """Kueue refuses a least number that is not below the number of pods that run at once, or not above 0."""
    body = make_work(make_frame(), n_batches=n_batches, parallelism=min(n_batches, cap))
    n_pods = min(body["spec"]["parallelism"], body["spec"]["completions"])
    least = body["metadata"]["annotations"].get("kueue.x-k8s.io/job-min-parallelism")
    assert least is None if n_pods == 1 else 0 < int(least) < n_pods


def test_kueue_finds_the_queue_on_the_job_and_no_controller_above_it() -> None:
    """Of a Job with a controller Kueue asks whether that is queued already; and it is Kueue that suspends."""
    body = make_work(make_frame())
    assert body["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "audience"
    assert "suspend" not in body["spec"]
    for owner in body["metadata"]["ownerReferences"]:
        assert not {"controller", "blockOwnerDeletion"} & owner.keys()
    free = make_work(make_frame(queue=None))
    assert not [key for key in free["metadata"]["labels"] | free["metadata"]["annotations"] if "kueue" in key]


def test_a_driver_is_not_queued_behind_its_own_work() -> None:
    assert "kueue.x-k8s.io/queue-name" not in driver_job(make_frame(), ("beer-1",))["metadata"]["labels"]


def test_pods_have_the_priority_that_kubernetes_and_kueue_go_by() -> None:
    for body in (driver_job(make_frame(), ("beer-1",)), make_work(make_frame())):
        assert body["spec"]["template"]["spec"]["priorityClassName"] == "batch-low"


@given(text=st.text())
def test_any_name_of_a_project_becomes_a_label(text: str) -> None:
    assert LABEL.fullmatch(label(text))


@given(start=st.text(max_size=80), ends=st.sets(st.text(max_size=4), min_size=2, max_size=2))
def test_no_two_projects_share_a_label(start: str, ends: set[str]) -> None:
    one, other = (start + end for end in ends)
    assert select_project(one) != select_project(other)


def test_projects_whose_names_begin_alike_for_long_share_no_label() -> None:
    assert select_project("audience-" * 8 + "north") != select_project("audience-" * 8 + "south")


def test_pods_wait_for_the_login_of_a_node_that_is_new() -> None:
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
    from google.auth import environment_vars

    (container,) = driver_job(make_frame(), ("beer-1",))["spec"]["template"]["spec"]["containers"]
    variables = {item["name"] for item in container["env"]}
    asked_for = {
        environment_vars.GCE_METADATA_DETECT_RETRIES,
        BOTOCORE_DEFAUT_SESSION_VARIABLES["metadata_service_num_attempts"][1],
    }
    assert asked_for <= variables
