"""What is to be stopped is found, or it is said what is the case and what to do."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from launches import SETTINGS, build_made_up_graphs, full_cluster, make_launch
from unknown_hosts import unknown_host

from yule.config.finding import load_project
from yule.config.projects import Project
from yule.core.errors import OutOfReach, WorkspaceError
from yule.pipeline.graph import CaseGraph
from yule.remote.launch import Launch
from yule.remote.stopping import find_stopping
from yule.remote.submission import submit
from yule.runtime.kubernetes.api.client import OfficialCluster
from yule.runtime.kubernetes.jobs import driver_job
from yule.storage.objects import gcs
from yule.storage.opening import open_store

DELETE = "`kubectl delete job {} --namespace yule` ends its driver and all its pods without the workspace"


class Place:
    """A project with a cluster, and a launch of its case of beer."""

    def __init__(self, cluster: OfficialCluster, beer: CaseGraph) -> None:
        self.cluster = cluster
        self.beer = beer
        self.project: Project = replace(load_project(None), kubernetes=SETTINGS)
        self.launch: Launch = make_launch(self.project.workspace, (beer.run_id,))
        self.told: list[str] = []

    def submit(self) -> None:
        """Submit the launch."""
        submit(self.cluster, self.launch, [self.beer], open_store(self.project.workspace))

    def find(self, name: str) -> str:
        """Return the id of the run that would be stopped."""
        run, _ = find_stopping(self.project, self.cluster, name, tell=self.told.append, seconds=0.3)
        return run.run_id


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    beer, _ = build_made_up_graphs(tmp_path / "project", monkeypatch)
    with full_cluster(tmp_path / "cluster", monkeypatch) as (_, cluster):
        yield Place(cluster, beer)


def test_a_run_is_found_by_its_id_and_by_its_case(place: Place) -> None:
    place.submit()
    assert {place.find("beer"), place.find(place.beer.run_id)} == {place.beer.run_id}
    assert place.told == []


def test_a_run_whose_record_is_not_there_yet_is_told_with_what_ends_it(place: Place) -> None:
    place.cluster.create("jobs", driver_job(place.launch.frame, place.launch.runs))
    with pytest.raises(WorkspaceError) as raised:
        place.find("beer")
    assert f"{place.beer.run_id} has a driver in the cluster and no record in the workspace" in str(raised.value)
    assert "Run `yule stop beer` again in a minute" in str(raised.value)
    assert DELETE.format(place.launch.frame.anchor) in str(raised.value)


def test_a_run_that_is_nowhere_may_be_about_to_be_submitted(place: Place) -> None:
    with pytest.raises(WorkspaceError, match=r"There is no run 'beer'.*no driver of it either.*Ctrl-C"):
        place.find("beer")


def test_a_workspace_that_does_not_answer_is_waited_for_and_the_way_without_it_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.submit()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.setattr(gcs, "RETRY_SECONDS", 0.0)
    place.project = replace(place.project, workspace="gs://acme/yule")
    with pytest.raises(OutOfReach, match=DELETE.format(place.launch.frame.anchor)) as raised:
        place.find("beer")
    assert raised.value.exit_code == 75
    (told,) = place.told
    assert "This command waits for an answer until" in told
    assert DELETE.format(place.launch.frame.anchor) in told


def test_a_workspace_whose_host_is_unknown_keeps_nobody_from_stopping(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.submit()
    place.project = replace(place.project, workspace=f"s3://acme/{uuid.uuid4().hex}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "made-up")
    with unknown_host("there is none") as host:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}")
        with pytest.raises(WorkspaceError, match=f"there is no host '{host}'") as raised:
            place.find("beer")
    assert DELETE.format(place.launch.frame.anchor) in str(raised.value)
