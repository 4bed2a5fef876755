"""What the tests of a run on a cluster share: one project, run on one machine for comparison, and a cluster each."""

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import KUBECONFIG, Site, copy_project, documented_quota, make_site, run_here, write_small_project
from standin import StandIn, start_cluster
from standin.interpreter import keep_warm
from switch import Switch, switch_before


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Python that starts at once, for commands and for the stand-in's pods."""
    with keep_warm(tmp_path_factory.mktemp("python")) as program:
        yield program


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project whose beer case is to be run on a cluster."""
    return write_small_project(tmp_path_factory.mktemp("made-up") / "project")


@pytest.fixture(scope="session")
def local(made_up: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The digests of the same case run without a cluster, by the usual Python."""
    return run_here(copy_project(made_up, tmp_path_factory.mktemp("local") / "project"))


@pytest.fixture
def workspace() -> str:
    """Where the run writes: a folder, or what the environment names."""
    address = os.environ.get("YULE_TEST_WORKSPACE")
    return f"{address.rstrip('/')}/{uuid.uuid4().hex[:8]}" if address else "workspace"


@pytest.fixture
def site(made_up: Path, workspace: str, python: str, tmp_path: Path) -> Iterator[Site]:
    """The project and a cluster: its namespace has the quota of ``yule kubernetes manifests``, and others are there."""
    project = copy_project(made_up, tmp_path / "project")
    if KUBECONFIG:
        yield make_site(project, Path(KUBECONFIG), None, python=sys.executable, workspace=workspace)
        return
    with start_cluster(tmp_path / "cluster", python=python) as stand_in:
        stand_in.jobs.quota = documented_quota()
        stand_in.occupy(cpu="2", memory="1Gi")
        yield make_site(project, stand_in.kubeconfig, stand_in, python=python, workspace=workspace)


@pytest.fixture
def stand_in(site: Site) -> StandIn:
    """The stand-in, for faults that only it can have."""
    if site.stand_in is None:
        pytest.skip("a fault that a real cluster cannot be told to have")
    return site.stand_in


@pytest.fixture
def bucket(s3: str) -> Iterator[Switch]:
    """A switch before the S3 server that holds the workspace; to be asked for before the site."""
    if KUBECONFIG:
        pytest.skip("a bucket of this machine, which pods of a real cluster do not reach")
    with switch_before("AWS_ENDPOINT_URL") as switch:
        yield switch
