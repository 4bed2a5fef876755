"""What `yule logs` prints, and what it says when there is nothing to print."""

from pathlib import Path

import pytest
from launches import RUN, full_cluster, make_launch

from yule.core.errors import WorkspaceError
from yule.pipeline.runs import Run
from yule.remote.logs import read_logs
from yule.storage.opening import open_store

FIT = "0123456789abcdef0123456789abcdef"


def _run(launch: str) -> Run:
    return Run(
        run_id=RUN,
        case="beer",
        question="Who?",
        status="running",
        started_at="2026-03-01T12:00:00+00:00",
        code="",
        versions={},
        seed=1,
        resolved="",
        answer=None,  # type: ignore[arg-type]
        fits={"lightgbm/fold-0": FIT, "lightgbm/fold-1": "f" * 32},
        launch=launch,
    )


def _read(folder: Path, monkeypatch: pytest.MonkeyPatch, task: str | None) -> str:
    store = open_store(str(folder / "workspace"))
    launch = make_launch(str(folder / "workspace"))
    store.objects.write(f"logs/FitFold/{FIT}-a.log", b"")
    with full_cluster(folder / "cluster", monkeypatch) as (_, cluster):
        return "".join(read_logs(cluster, store, _run(launch.name), task, n_lines=10))


def test_a_fit_that_has_printed_nothing_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "(it has printed nothing)" in _read(tmp_path, monkeypatch, "lightgbm/fold-0")


def test_a_fit_that_has_not_begun_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkspaceError, match="lightgbm/fold-1 of beer-01234567 has not begun"):
        _read(tmp_path, monkeypatch, "lightgbm/fold-1")


@pytest.mark.parametrize("task", ["lightgbm/fold-9", ""])
def test_a_task_that_is_none_is_told_with_those_that_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    with pytest.raises(WorkspaceError, match=r"Name one of its fits \(lightgbm/fold-0, lightgbm/fold-1\)"):
        _read(tmp_path, monkeypatch, task)


def test_a_driver_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkspaceError, match="is gone from the cluster, or not there yet"):
        _read(tmp_path, monkeypatch, None)
