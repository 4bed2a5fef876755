"""What is written down of a run when one of its launches ends."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from launches import build_made_up_graphs, end_driver, full_cluster, make_launch
from standin import StandIn

from yule.pipeline.graph import CaseGraph
from yule.pipeline.runs.reading import read_run
from yule.pipeline.runs.record import Run
from yule.remote.journal import Journal
from yule.remote.launch import Launch
from yule.remote.standing import STOPPED, end_launch, settle_runs, stop
from yule.remote.submission import submit
from yule.runtime.events import PodsWait
from yule.runtime.kubernetes.api.client import OfficialCluster
from yule.runtime.kubernetes.jobs import has_ended
from yule.storage.opening import open_store
from yule.storage.store import Store


class Place:
    """A cluster and a workspace with two runs and two launches: of the one alone, and of both together."""

    def __init__(
        self, cluster: OfficialCluster, graphs: Sequence[CaseGraph], workspace: str, stand_in: StandIn
    ) -> None:
        self.cluster = cluster
        self.stand_in = stand_in
        self.graphs = graphs
        self.store: Store = open_store(workspace)
        self.beer, self.tea = (graph.run_id for graph in graphs)
        self.alone, self.together = make_launch(workspace, (self.beer,)), make_launch(workspace, (self.beer, self.tea))

    def submit(self, launch: Launch) -> None:
        """Submit a launch whose driver begins."""
        submit(self.cluster, launch, [graph for graph in self.graphs if graph.run_id in launch.runs], self.store)
        journal = Journal(self.store.objects, launch.name)
        journal.tell(PodsWait(who="pods"))
        journal.flush(is_urgent=True)

    def read(self) -> Run:
        """Return what is known of the run."""
        return read_run(self.store, self.beer)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    graphs = build_made_up_graphs(tmp_path / "project", monkeypatch)
    with full_cluster(tmp_path / "cluster", monkeypatch) as (stand_in, cluster):
        yield Place(cluster, graphs, str(tmp_path / "workspace"), stand_in)


def test_a_run_that_is_stopped_says_so(place: Place) -> None:
    place.submit(place.alone)
    assert stop(place.cluster, place.store, place.read()) == [place.beer]
    assert (place.read().status, place.read().message) == ("interrupted", STOPPED.text)


def test_to_stop_what_has_ended_takes_no_logs_away(place: Place) -> None:
    place.submit(place.alone)
    end_driver(place.stand_in, code=65, message="a column is missing")
    deadline = time.monotonic() + 20
    while not has_ended(place.cluster.get("jobs", place.alone.frame.anchor) or {}):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    stop(place.cluster, place.store, place.read())
    assert place.cluster.get("jobs", place.alone.frame.anchor) is not None


def test_a_run_that_another_launch_is_at_goes_on_when_one_is_stopped(place: Place) -> None:
    place.submit(place.alone)
    place.submit(place.together)
    tea = read_run(place.store, place.tea)
    assert stop(place.cluster, place.store, tea) == [place.tea]
    assert (place.read().status, place.read().launch) == ("running", place.alone.name)


def test_a_run_is_stopped_in_all_its_launches(place: Place) -> None:
    place.submit(place.alone)
    place.submit(place.together)
    assert set(stop(place.cluster, place.store, place.read())) == {place.beer, place.tea}
    assert not place.cluster.list("jobs", "").items


def test_a_run_whose_newest_launch_is_gone_stands_as_the_other_does(place: Place) -> None:
    place.submit(place.alone)
    place.submit(place.together)
    (job,) = (
        job for job in place.cluster.list("jobs", "").items if job["metadata"]["name"] == place.together.frame.anchor
    )
    place.cluster.delete("jobs", place.together.frame.anchor, uid=job["metadata"]["uid"])
    (stands,) = settle_runs(place.cluster, place.store, [place.read()])
    assert (stands.status, stands.launch) == ("running", place.alone.name)


def test_a_launch_of_another_workspace_is_at_another_run(place: Place, tmp_path: Path) -> None:
    place.submit(place.alone)
    elsewhere = Place(place.cluster, place.graphs, str(tmp_path / "elsewhere"), place.stand_in)
    elsewhere.submit(elsewhere.alone)
    stop(place.cluster, place.store, place.read())
    assert (place.read().status, elsewhere.read().status) == ("interrupted", "running")
    assert len(place.cluster.list("jobs", "").items) == 1


def test_an_end_that_is_seen_late_does_not_end_what_was_submitted_again(place: Place) -> None:
    place.submit(place.alone)
    end_launch(place.cluster, place.store, place.alone.name, STOPPED)
    assert place.read().status == "running"
