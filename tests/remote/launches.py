"""Launches for tests, and a cluster that starts none of their pods."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from standin import Node, StandIn, start_cluster

from yule.config.finding import load_cases
from yule.pipeline.graph import CaseGraph
from yule.remote.launch import Launch, name_launch
from yule.runtime.kubernetes.api.client import OfficialCluster, connect_cluster
from yule.runtime.kubernetes.settings import ClusterSettings, Pool
from yule.session.graphs import build_graphs
from yule.session.show import Told
from yule.storage.setup import configure

SETTINGS = ClusterSettings(pools={"any": Pool(name="any")}, steps={"train": "any"}, driver_pool="any")
RUN = "beer-01234567"


def make_launch(workspace: str, runs: tuple[str, ...] = (RUN,)) -> Launch:
    """Return a launch of runs."""
    image = f"registry.example/acme/yule@sha256:{'0' * 64}"
    return Launch(
        name=name_launch(runs, workspace=workspace, image=image, commit=""),
        project="made-up",
        workspace=workspace,
        image=image,
        commit="",
        fetching="{}",
        runs=runs,
        settings=SETTINGS,
    )


def build_made_up_graphs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[CaseGraph]:
    """Write a made-up project, go there, and return the graphs of its two cases: of beer, and of tea."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "pipeline"))
    from made_up import write_made_up_project

    monkeypatch.chdir(write_made_up_project(folder))
    project, cases = load_cases(["beer", "tea"], None)
    configure(project.workspace, n_threads=1, fetching="{}")
    return build_graphs(project, cases, Told(None))


@contextmanager
def full_cluster(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[StandIn, OfficialCluster]]:
    """Run a cluster that has no room for any pod."""
    with start_cluster(folder, [Node(name="full", cpu=0.0)]) as stand_in:
        monkeypatch.setenv("KUBECONFIG", str(stand_in.kubeconfig))
        yield stand_in, connect_cluster(context=None, namespace="yule", patience_seconds=0.3)


def end_driver(stand_in: StandIn, *, code: int, message: str) -> None:
    """Have the driver's pod, once it is there, end with an exit code and a last word."""
    deadline = time.monotonic() + 20
    while not (pods := stand_in.find_pods("driver", "Pending")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with stand_in.state.changed:
        body = stand_in.state.get("pods", pods[0])
        assert body is not None
        ended = {"exitCode": code, "message": message, "reason": "Error"}
        body["status"] = {"phase": "Failed", "containerStatuses": [{"state": {"terminated": ended}}]}
        stand_in.state.touch("pods", body)
