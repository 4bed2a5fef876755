"""Whoever follows a launch bears with outages, and is told once what changes and how it ended."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from launches import end_driver, full_cluster, make_launch
from standin import StandIn

from yule.core.errors import OutOfReach, TaskFailed, WorkspaceError
from yule.remote import following
from yule.remote.following import follow
from yule.remote.journal import Journal
from yule.remote.launch import Launch
from yule.remote.submission import submit
from yule.runtime.events import PodsWait, RunEnded, RunEvent
from yule.runtime.kubernetes.api.client import OfficialCluster
from yule.runtime.telling import describe_waits
from yule.storage.opening import open_store
from yule.storage.store import Store


class Followed:
    """A launch that is followed by a thread."""

    def __init__(self, stand_in: StandIn, cluster: OfficialCluster, launch: Launch, *, outage_seconds: float) -> None:
        self.stand_in = stand_in
        self.cluster = cluster
        self.launch = launch
        self.store: Store = open_store(launch.workspace)
        self.told: list[RunEvent] = []
        submit(cluster, launch, (), self.store)
        self._threads = ThreadPoolExecutor(1)
        self.end: Future[RunEnded] = self._threads.submit(
            follow, cluster, launch, self.store, self.told.append, outage_seconds=outage_seconds
        )

    def waits(self) -> list[str]:
        """Return what was told of waits, in order; empty texts for that nothing waits any more."""
        return [" ".join(describe_waits(event)) for event in self.told if isinstance(event, PodsWait)]

    def finish(self) -> None:
        """Have the driver's last word come."""
        journal = Journal(self.store.objects, self.launch.name)
        journal.tell(RunEnded(is_done=True, text="done"))
        journal.flush(is_urgent=True)


def wait_for(find: Callable[[], object]) -> None:
    """Wait until something is found."""
    deadline = time.monotonic() + 20
    while not find():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Followed]]:
    """Submit and follow a launch in a cluster that has no room."""
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(following, "DRIVER_SECONDS", 0.05)
    with full_cluster(tmp_path / "cluster", monkeypatch) as (stand_in, cluster):

        def begin(outage_seconds: float = 20.0) -> Followed:
            launch = make_launch(str(tmp_path / "workspace"))
            return Followed(stand_in, cluster, launch, outage_seconds=outage_seconds)

        yield begin


def test_an_outage_is_told_once_and_borne_with(start: Callable[..., Followed]) -> None:
    followed = start()
    wait_for(followed.waits)
    followed.stand_in.api.cut()
    wait_for(lambda: len(followed.waits()) > 1)
    time.sleep(1.0)
    (told,) = followed.waits()[1:]
    assert "The run goes on in the cluster" in told
    assert f"`yule status {followed.launch.runs[0]}`" in told
    followed.stand_in.api.restore()
    wait_for(lambda: followed.waits()[2:])
    followed.finish()
    assert followed.end.result(20).is_done
    assert followed.waits()[2] == ""


def test_an_outage_that_lasts_too_long_ends_the_follower_and_says_how_to_come_back(
    start: Callable[..., Followed],
) -> None:
    followed = start(outage_seconds=0.5)
    wait_for(followed.waits)
    followed.stand_in.api.cut()
    with pytest.raises(OutOfReach, match="The run goes on in the cluster: `yule status beer-") as raised:
        followed.end.result(20)
    assert raised.value.exit_code == 75


def test_why_the_driver_waits_is_told_once_per_change(start: Callable[..., Followed]) -> None:
    followed = start()
    wait_for(followed.waits)
    time.sleep(0.5)
    assert [text[:34] for text in followed.waits()] == ["the driver waits: no node can take"]
    (pod,) = followed.stand_in.find_pods("driver", "Pending")
    body = followed.stand_in.state.get("pods", pod)
    assert body is not None
    body["status"] = {"phase": "Running"}
    wait_for(lambda: followed.waits()[-1] == "")
    followed.finish()
    followed.end.result(20)


def test_a_launch_whose_driver_waits_in_vain_is_ended(start: Callable[..., Followed]) -> None:
    followed = start()
    wait_for(followed.waits)
    (pod,) = followed.stand_in.find_pods("driver", "Pending")
    followed.stand_in.age(pod, minutes=60)
    with pytest.raises(TaskFailed, match=r"The driver cannot begin: no node can take it: .*Insufficient cpu"):
        followed.end.result(20)
    wait_for(lambda: not followed.stand_in.state.list("configmaps") and not followed.stand_in.state.list("pods"))


def test_a_run_that_is_stopped_is_told_as_such(start: Callable[..., Followed]) -> None:
    followed = start()
    wait_for(followed.waits)
    (job,) = followed.stand_in.state.list("jobs")
    followed.cluster.delete("jobs", job["metadata"]["name"], uid=job["metadata"]["uid"])
    with pytest.raises(TaskFailed, match="The run was stopped"):
        followed.end.result(20)


def test_a_driver_that_dies_again_and_again_is_told_with_its_last_words(start: Callable[..., Followed]) -> None:
    followed = start()
    for _ in range(7):
        end_driver(followed.stand_in, code=75, message="the workspace does not answer")
    with pytest.raises(TaskFailed, match=r"ended 7 times .* not started again.*: the workspace does not answer"):
        followed.end.result(20)


def test_a_login_that_runs_out_ends_the_follower_and_not_the_run(start: Callable[..., Followed]) -> None:
    followed = start()
    wait_for(followed.waits)
    followed.stand_in.faults.forbidden.add("get jobs")
    with pytest.raises(
        WorkspaceError, match=r"cannot get.* The run goes on in the cluster: `yule status beer-01234567`"
    ):
        followed.end.result(timeout=20)
    assert followed.cluster.list("jobs", "").items
