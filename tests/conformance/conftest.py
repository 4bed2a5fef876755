"""A project and a cluster for each test."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import KUBECONFIG, Site, make_site
from standin import start_cluster

sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A small project whose beer case is to be run on a cluster."""
    from made_up import write_made_up_project

    project = write_made_up_project(tmp_path / "project")
    case = project / "cases" / "beer.yaml"
    text = case.read_text().replace("sets: [profile, shopping]", "sets: [profile]")
    case.write_text(text.replace("  - {kind: lightgbm, max_trees: 30}\n", ""))
    if KUBECONFIG:
        yield make_site(project, Path(KUBECONFIG), None)
        return
    with start_cluster(tmp_path / "cluster") as stand_in:
        yield make_site(project, stand_in.kubeconfig, stand_in)
