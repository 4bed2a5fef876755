"""What `yule logs` prints, and what it says when there is nothing to print."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from launches import build_made_up_graphs, full_cluster, make_launch

from yule.core.errors import WorkspaceError
from yule.pipeline.graph import CaseGraph
from yule.pipeline.runs.recording import describe_run
from yule.remote.logs import read_logs
from yule.storage.opening import open_store

FIT = "lightgbm/fold-0"

Read = Callable[[str | None], str]


@pytest.fixture
def graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[CaseGraph]:
    return build_made_up_graphs(tmp_path / "project", monkeypatch)


@pytest.fixture
def read(graphs: list[CaseGraph], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """Read the logs of a run of beer in a workspace where a fit of beer and one of tea have logs."""
    beer, tea = graphs
    store = open_store(str(tmp_path / "workspace"))
    launch = make_launch(str(tmp_path / "workspace"), (beer.run_id,))
    run = describe_run(beer, code="", launch=launch.name)
    store.objects.write(f"logs/FitFold/{beer.find_fits()[FIT]}-pod.log", b"")
    store.objects.write(f"logs/FitFold/{tea.find_fits()[FIT]}-pod.log", b"this is of tea\n")
    with full_cluster(tmp_path / "cluster", monkeypatch) as (_, cluster):
        yield lambda task: "".join(read_logs(cluster, store, run, task, n_lines=10))


def test_a_fit_that_has_printed_nothing_says_so(read: Read) -> None:
    assert "(it has printed nothing)" in read(FIT)


def test_a_family_is_told_of_the_tasks_of_the_run_alone(read: Read, graphs: list[CaseGraph]) -> None:
    told = read("FitFold")
    assert graphs[0].find_fits()[FIT] in told
    assert "this is of tea" not in told


def test_a_task_of_another_run_is_none_of_this_one(read: Read, graphs: list[CaseGraph]) -> None:
    with pytest.raises(WorkspaceError, match=f"No task '[0-9a-f]+' of {graphs[0].run_id} has printed anything"):
        read(graphs[1].find_fits()[FIT])


def test_a_task_below_the_fits_is_one_of_the_run(read: Read, graphs: list[CaseGraph], tmp_path: Path) -> None:
    folds = graphs[0].folds
    file = tmp_path / "workspace" / "logs" / folds.task_family / f"{folds.unique_id}-pod.log"
    file.parent.mkdir(parents=True)
    file.write_text("three folds\n")
    assert "three folds" in read(folds.task_family)
    assert "three folds" in read(folds.unique_id[:8])


def test_a_fit_that_has_not_begun_is_told(read: Read) -> None:
    with pytest.raises(WorkspaceError, match=r"lightgbm/fold-1 of beer-[0-9a-f]+ has not begun"):
        read("lightgbm/fold-1")


@pytest.mark.parametrize("task", ["lightgbm/fold-9", ""])
def test_a_task_that_is_none_is_told_with_those_that_are(read: Read, task: str) -> None:
    with pytest.raises(WorkspaceError, match=r"Name one of its fits \(lightgbm/fold-0, lightgbm/fold-1, lightgbm/"):
        read(task)


def test_a_driver_that_is_gone_is_told(read: Read) -> None:
    with pytest.raises(WorkspaceError, match="is gone from the cluster, or not there yet"):
        read(None)
