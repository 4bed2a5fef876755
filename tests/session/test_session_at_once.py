"""Sessions leave the process around them alone, and two of them each other."""

import asyncio
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import luigi
import pytest
from session_projects import write_small_project

from yule import Session, open_project
from yule.core.errors import ConfigError
from yule.kinds.reports import Report as Numbers
from yule.runtime.events import RunEvent
from yule.storage.setup import configure, find_setup

CASE = "buyers"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> list[Session]:
    """Two projects whose cases have the same name and other data."""
    folder = tmp_path_factory.mktemp("two")
    return [open_project(write_small_project(folder / f"shop{seed}", seed=seed)) for seed in (1, 2)]


def test_two_projects_run_at_once_in_threads_of_a_running_event_loop(two: list[Session]) -> None:
    configure("around", n_threads=1, fetching="{}")
    before = find_setup()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    told: dict[int, list[RunEvent]] = {0: [], 1: []}

    async def run_both() -> list[str]:
        both = [
            asyncio.to_thread(session.run, [CASE], progress=told[number].append, cores=1)
            for number, session in enumerate(two)
        ]
        return [run.run_id for runs in await asyncio.gather(*both) for run in runs]

    ids = asyncio.run(run_both())
    assert len(set(ids)) == 2
    for number, session in enumerate(two):
        (run,) = session.runs()
        assert (run.run_id, run.status) == (ids[number], "done")
        assert run.folder.is_relative_to(session.project.workspace)
        assert len(run.users) == 400
        assert isinstance(run.report.numbers, Numbers)
        assert {event.event for event in told[number]} >= {"planned", "started", "finished"}
    assert {number: signal.getsignal(number) for number in handlers} == handlers
    assert find_setup() is before  # what was bound is bound again


def test_two_projects_are_planned_at_once(two: list[Session]) -> None:
    begin = threading.Barrier(2)

    def plan(session: Session) -> set[str]:
        begin.wait()
        found = session.plan(CASE)
        return {str(item.task.workspace_directory) for item in found.tasks.tasks.values()}

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(plan, two)) == [{session.project.workspace} for session in two]


def test_what_luigi_was_told_by_the_program_around_stays(two: list[Session]) -> None:
    settings = luigi.configuration.get_config()
    settings.set("TaskOnKart", "workspace_directory", "theirs")
    try:
        with two[0] as session:
            plan = session.plan(CASE)
            assert session.project.workspace in plan.tasks.tasks[plan.tasks.roots[0]].task.output().path()
        assert settings.get("TaskOnKart", "workspace_directory") == "theirs"
    finally:
        settings.remove_section("TaskOnKart")


def test_a_session_does_not_need_the_current_folder(
    two: list[Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [case.name for case in two[0].check()] == [CASE]


def test_all_problems_of_all_cases_are_raised_together(tmp_path: Path) -> None:
    session = open_project(write_small_project(tmp_path / "shop", seed=3))
    for name in ("one", "two"):
        (session.project.root / "cases" / f"{name}.yaml").write_text("version: 1\n")
    with pytest.raises(ConfigError) as told:
        session.check()
    assert {"one", "two"} <= {Path(problem.file).stem for problem in told.value.problems}


def test_a_run_that_is_interrupted_leaves_no_process_and_goes_on_when_asked_again(tmp_path: Path) -> None:
    session = open_project(write_small_project(tmp_path / "shop", seed=4))
    finished: list[str] = []
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    before = children.read_text().split()

    def interrupt(event: RunEvent) -> None:
        if event.event == "finished":
            finished.append(event.unique_id)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.run(None, progress=interrupt, cores=1)
    assert set(children.read_text().split()) <= set(before)
    assert [run.status for run in session.runs()] == ["interrupted"]
    again: list[RunEvent] = []
    (run,) = session.run(None, progress=again.append, cores=1)
    assert run.status == "done"
    assert not {event.unique_id for event in again if event.event == "finished"} & set(finished)


def test_a_project_named_from_the_current_folder_stays_the_same_when_that_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_small_project(tmp_path / "shop", seed=5)
    monkeypatch.chdir(tmp_path)
    session = open_project("shop")
    monkeypatch.chdir("/")
    assert [case.name for case in session.check()] == [CASE]
    assert session.runs() == []


def test_a_signal_while_tasks_are_at_work_interrupts_as_python_does(tmp_path: Path) -> None:
    session = open_project(write_small_project(tmp_path / "shop", seed=6))

    def signal_soon(event: RunEvent) -> None:
        if event.event == "started" and not timers:
            timers.append(threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)))
            timers[0].start()

    timers: list[threading.Timer] = []
    with pytest.raises(KeyboardInterrupt):
        session.run(CASE, progress=signal_soon, cores=1)
    assert [run.status for run in session.runs()] == ["interrupted"]


def test_what_is_raised_while_a_run_is_told_ends_it_as_failed_in_any_thread(tmp_path: Path) -> None:
    session = open_project(write_small_project(tmp_path / "shop", seed=7))

    def fail(event: RunEvent) -> None:
        if event.event == "finished":
            raise RuntimeError("told too much")

    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(session.run, CASE, progress=fail, cores=1)
        with pytest.raises(RuntimeError, match="told too much"):
            going.result()
    assert [run.status for run in session.runs()] == ["failed"]


def test_a_forked_process_plans_for_itself(two: list[Session]) -> None:
    pid = os.fork()
    if not pid:
        code = 1
        try:
            code = 0 if two[0].plan(CASE).tasks.tasks else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
