"""The end of a run is told to one address, whatever becomes of that."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hook import Hook
from made_up import write_made_up_project

from yule.config.cases import read_case
from yule.config.projects import read_project
from yule.pipeline.graph import Tables, build_graph
from yule.pipeline.runs import endings
from yule.pipeline.runs.endings import describe_broken, tell_end
from yule.pipeline.runs.record import Run
from yule.pipeline.runs.recording import describe_run
from yule.runtime.events import TaskBroken
from yule.storage.setup import configure


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A server of this machine."""
    server = Hook()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that has failed."""
    project = write_made_up_project(tmp_path_factory.mktemp("made-up") / "project")
    read = read_project(project, None, {})
    configure(read.workspace, n_threads=1, fetching="{}")
    graph = build_graph(read_case(project / "cases" / "beer.yaml", read, {}), Tables(read))
    begun = describe_run(graph, code="")
    return replace(begun, run_id="beer-01234567", status="failed", message="fit lightgbm/fold-2: no\nmore")


def test_the_end_of_a_run_is_told(hook: Hook, run: Run) -> None:
    tell_end("${env:HOOK}", run, {"HOOK": hook.address})
    assert hook.got == [
        {
            "run": "beer-01234567",
            "case": "beer",
            "status": "failed",
            "message": "fit lightgbm/fold-2: no\nmore",
            "text": "beer-01234567: failed: fit lightgbm/fold-2: no",
        }
    ]


@pytest.mark.parametrize(("status", "n_tries"), [(404, 1), (500, 2)])
def test_an_address_that_refuses_is_told_without_its_secret(
    hook: Hook, run: Run, capsys: pytest.CaptureFixture[str], status: int, n_tries: int
) -> None:
    hook.status = status
    tell_end(hook.address, replace(run, status="done", message=""))
    assert capsys.readouterr().err == (
        f"The end of beer-01234567 could not be told to `notify`: it answered {status}.\n"
    )
    assert len(hook.got) == n_tries


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("${env:HOOK}", "the environment variable HOOK is not set here"),
        ("${env:OPEN}", "it is no https address"),
        ("http://127.0.0.1:9/x", "it does not answer (ConnectError)"),
    ],
)
def test_an_address_that_cannot_be_told_is_no_fault_of_the_run(
    run: Run, capsys: pytest.CaptureFixture[str], address: str, fault: str
) -> None:
    tell_end(address, run, {"OPEN": "http://hooks.example.com"})
    assert fault in capsys.readouterr().err


def test_a_hook_that_answers_byte_by_byte_is_not_waited_for(
    hook: Hook, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "PATIENCE_SECONDS", 0.5)
    hook.answer_slowly = True
    began = time.monotonic()
    tell_end(hook.address, run)
    assert time.monotonic() - began < 3
    assert "could not be told to `notify`: it has not answered within 0.5 seconds" in capsys.readouterr().err


def test_what_a_hook_answers_is_not_read(hook: Hook, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    hook.answer_length = 10**12
    tell_end(hook.address, run)
    assert not capsys.readouterr().err


def test_all_tasks_that_failed_are_named() -> None:
    broken = [
        TaskBroken(unique_id=name, family="F", text=f"fit {name}", message="no \n", is_bug=False, log="l")
        for name in ("a", "b")
    ]
    assert describe_broken(broken) == "fit a: no\nfit b: no"
