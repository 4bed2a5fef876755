"""What all tests share."""

import os
from pathlib import Path

import pytest

from yule.storage.task import configure


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A new workspace that the tasks of this process write to."""
    folder = tmp_path / "workspace"
    configure(str(folder), n_threads=1, sources="{}")
    return folder


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let this process and the workers it starts import the modules beside the test."""
    folder = str(request.path.parent)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]))
