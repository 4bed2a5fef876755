"""A finished run of every kind that is on record."""

import shutil
import sys

import pytest
from session_projects import GOLDEN, RECORDED

from yule.session import Session, open_project


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The golden project with its finished runs, and nothing in its cache."""
    folder = tmp_path_factory.mktemp("recorded") / "golden"
    sys.path.insert(0, str(GOLDEN))
    from golden_projects import write_golden_project

    write_golden_project(folder)
    for run in RECORDED.iterdir():
        if run.is_dir():
            shutil.copytree(run, folder / "workspace" / "runs" / run.name)
    return open_project(folder)
