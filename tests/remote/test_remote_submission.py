"""A launch is submitted once, whatever was there before."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from launches import end_driver, full_cluster, make_launch

from yule.core.settings import from_json
from yule.remote.launch import Launch
from yule.remote.submission import submit
from yule.runtime.kubernetes.jobs import PLAN, driver_job, has_ended, plan_map
from yule.storage.opening import open_store


def _wait_until_empty(stand_in, *kinds: str) -> None:
    deadline = time.monotonic() + 10
    while any(stand_in.state.list(kind) for kind in kinds):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_workspaces_do_not_share_launches() -> None:
    assert make_launch("s3://acme/one").name != make_launch("s3://acme/two").name


def test_the_drivers_job_owns_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launch = make_launch(str(tmp_path / "workspace"))
    with full_cluster(tmp_path / "cluster", monkeypatch) as (stand_in, cluster):
        assert submit(cluster, launch, (), open_store(launch.workspace))
        driver, plan = cluster.get("jobs", launch.frame.anchor), cluster.get("configmaps", launch.frame.name)
        assert driver is not None
        assert plan is not None
        (owner,) = plan["metadata"]["ownerReferences"]
        assert owner["uid"] == driver["metadata"]["uid"]
        assert not {"controller", "blockOwnerDeletion"} & set(owner)
        assert from_json(Launch, plan["data"][PLAN]) == launch
        assert not submit(cluster, launch, (), open_store(launch.workspace))
        cluster.delete("jobs", launch.frame.anchor, uid=driver["metadata"]["uid"])
        _wait_until_empty(stand_in, "jobs", "pods", "configmaps")


def test_an_interrupted_submission_is_completed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launch = make_launch(str(tmp_path / "workspace"))
    with full_cluster(tmp_path / "cluster", monkeypatch) as (_, cluster):
        driver = cluster.create("jobs", driver_job(launch.frame, launch.runs))
        assert submit(cluster, launch, (), open_store(launch.workspace))
        plan = cluster.get("configmaps", launch.frame.name)
        assert plan is not None
        assert plan["metadata"]["ownerReferences"][0]["uid"] == driver["metadata"]["uid"]


def test_a_launch_whose_driver_failed_is_removed_and_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = make_launch(str(tmp_path / "workspace"))
    with full_cluster(tmp_path / "cluster", monkeypatch) as (stand_in, cluster):
        submit(cluster, launch, (), open_store(launch.workspace))
        driver = cluster.get("jobs", launch.frame.anchor)
        assert driver is not None
        end_driver(stand_in, code=65, message="no")
        deadline = time.monotonic() + 10
        while not has_ended(cluster.get("jobs", launch.frame.anchor) or {}):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert submit(cluster, launch, (), open_store(launch.workspace))
        again = cluster.get("jobs", launch.frame.anchor)
        assert again is not None
        assert again["metadata"]["uid"] != driver["metadata"]["uid"]


def test_two_who_submit_a_stopped_launch_again_at_once_share_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = make_launch(str(tmp_path / "workspace"))
    store = open_store(launch.workspace)
    with full_cluster(tmp_path / "cluster", monkeypatch) as (stand_in, cluster):
        left = {**plan_map(launch.frame, "", ""), "status": {}}
        del left["metadata"]["ownerReferences"]
        stand_in.state.create("configmaps", left)  # what the stopped launch has left is not gone yet
        with ThreadPoolExecutor() as threads:
            submissions = [threads.submit(submit, cluster, launch, (), store) for _ in range(2)]
            time.sleep(1)
            stand_in.state.delete("configmaps", launch.frame.name)
            assert sorted(one.result(timeout=30) for one in submissions) == [False, True]
        assert len(cluster.list("jobs", "").items) == 1
