import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from configparser import ConfigParser
from dataclasses import replace
from pathlib import Path

import luigi
import pytest

from yule.core.errors import WorkspaceError
from yule.core.settings import to_json
from yule.runtime.damage import remove_damaged
from yule.runtime.events import OutputsLost, RunEvent, RunPlanned, TaskBroken, TaskFinished, TaskRetried, TaskStarted
from yule.runtime.execution import execute
from yule.runtime.messages import TaskMessage, TaskReply, describe_task, rebuild_task
from yule.runtime.plan import list_tasks, plan_tasks, rank_tasks
from yule.runtime.protocol import Workers
from yule.runtime.walker import walk
from yule.runtime.worker import run_task
from yule.storage.claims import Claims
from yule.storage.objects.folder import PARTIAL
from yule.storage.record import RECORD
from yule.storage.task import Task

pytestmark = [pytest.mark.usefixtures("importable"), pytest.mark.slow]  # each starts worker processes


def _toys():
    import runtime_toys

    return runtime_toys


def _execute(workspace: Path, *roots: Task, n_cores: int = 2) -> tuple[tuple[TaskBroken, ...], list[RunEvent]]:
    events: list[RunEvent] = []
    broken = execute(plan_tasks(roots), workspace=str(workspace), fetching="{}", n_cores=n_cores, tell=events.append)
    return broken, events


def test_all_that_a_task_needs_is_run_before_it(workspace: Path) -> None:
    root = _toys().Sum(n=5)
    broken, events = _execute(workspace, root)
    assert not broken
    assert (root.output().load() / "sum.txt").read_text() == "10"
    finished = [event.unique_id for event in events if isinstance(event, TaskFinished)]
    assert len(finished) == 6
    assert finished[-1] == root.unique_id


def test_nothing_in_the_current_folder_is_taken_for_code(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "forged"  # a run's folder in a shared workspace, where somebody gives a command
    for name in ("yule", "gokart", "numpy", "json"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w')")
    monkeypatch.chdir(folder)
    broken, _ = _execute(workspace, _toys().Sum(n=2))
    assert not broken
    assert not (tmp_path / "mark").exists()


def test_the_configuration_of_luigi_in_the_current_folder_changes_nothing(workspace: Path) -> None:
    before = _toys().Sum(n=2).unique_id
    settings: ConfigParser = luigi.configuration.get_config()
    told = "[DEFAULT]\nrevision = 9\n[Sum]\nrevision = 7\n[TaskOnKart]\nrerun = true\nworkspace_directory = elsewhere\n"
    settings.read_string(told)
    try:
        assert _toys().Sum(n=2).unique_id == before
        broken, _ = _execute(workspace, _toys().Sum(n=2))
        assert not broken
        assert _toys().Sum(n=2).complete()
        assert settings.get("Sum", "revision") == "7"  # nor is it changed: it may be that of the program around
    finally:
        for section in ("Sum", "TaskOnKart"):
            settings.remove_section(section)
        settings.defaults().clear()


def test_a_second_run_starts_no_task(workspace: Path) -> None:
    _execute(workspace, _toys().Sum(n=3))
    _, events = _execute(workspace, _toys().Sum(n=3))
    assert events == [RunPlanned(n_tasks=0, n_cached=4, n_workers=1, n_threads=2)]


def test_several_roots_share_what_they_can(workspace: Path) -> None:
    _, events = _execute(workspace, _toys().Sum(n=3), _toys().Sum(n=4))
    assert sum(isinstance(event, TaskStarted) for event in events) == 6


def test_what_lies_below_a_cached_task_is_not_needed(workspace: Path) -> None:
    root = _toys().Sum(n=2)
    _execute(workspace, root)
    _toys().Number(number=0).output().remove()
    plan = plan_tasks([root])
    assert [planned.state for planned in plan.tasks.values()] == ["not needed", "cached", "cached"]
    assert not plan.to_run()


@pytest.mark.parametrize(
    ("how", "is_bug", "message"),
    [
        ("user", False, "The column beer is missing."),
        ("bug", True, "ZeroDivisionError"),
        ("killed", False, "its process was killed (signal 9), as the system does when memory runs out"),
        ("full", False, "No space left on device"),
    ],
)
def test_a_failure_is_told_with_its_cause(workspace: Path, how: str, is_bug: bool, message: str) -> None:
    broken, _ = _execute(workspace, _toys().Both(how=how))
    assert [(task.family, task.is_bug) for task in broken] == [("Fail", is_bug)]
    assert message in broken[0].message
    assert not list((workspace / PARTIAL).iterdir())
    if how == "bug":
        assert "this was printed before the bug" in Path(broken[0].log).read_text()


def test_a_task_whose_worker_is_killed_runs_again(workspace: Path) -> None:
    broken, events = _execute(workspace, _toys().Fail(how="killed once"))
    assert not broken
    assert sum(isinstance(event, TaskRetried) for event in events) == 1


def test_a_failure_in_one_case_does_not_stop_another(workspace: Path) -> None:
    broken, _ = _execute(workspace, _toys().Both(how="user"), _toys().Sum(n=4))
    assert len(broken) == 1
    assert _toys().Sum(n=4).complete()


def test_damaged_outputs_are_deleted_on_request(workspace: Path) -> None:
    _execute(workspace, _toys().Sum(n=2))
    (_toys().Number(number=1).output().load() / "number.txt").write_text("x")
    faults = remove_damaged(list_tasks([_toys().Sum(n=2)]))
    assert len(faults) == 1
    assert "number.txt" in faults[0]
    assert not _toys().Number(number=1).complete()
    assert _toys().Number(number=0).complete()


def test_an_unwritable_workspace_is_refused_before_anything_runs(workspace: Path) -> None:
    workspace.write_text("a file where the workspace should be")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        _execute(workspace, _toys().Number(number=1))


def test_a_task_built_from_other_code_is_refused(workspace: Path) -> None:
    message = describe_task(_toys().Number(number=1))
    assert rebuild_task(message) is _toys().Number(number=1)
    other = replace(message, unique_id="0" * 32)
    assert run_task(other).status == "refused"


def test_a_task_whose_inputs_are_gone_has_missed_them(workspace: Path) -> None:
    _execute(workspace, _toys().Number(number=0))
    reply = run_task(describe_task(_toys().Sum(n=3)))
    assert (reply.status, reply.has_missed) == ("refused", True)
    assert reply.text.splitlines() == ["Number is not in the workspace any more."]


@pytest.mark.parametrize("damage", ["cut", "emptied", "a file", "of another", "no record"])
def test_a_damaged_input_is_computed_again_and_the_run_goes_on(workspace: Path, damage: str) -> None:
    _execute(workspace, _toys().Sum(n=3))
    spoil(_toys().Number(number=1).output().load(), damage, of_another=_toys().Number(number=2).output().load())
    _toys().Sum(n=3).output().remove()
    broken, events = _execute(workspace, _toys().Sum(n=3))
    assert not broken
    assert (_toys().Sum(n=3).output().load() / "sum.txt").read_text() == "3"
    lost = [event for event in events if isinstance(event, OutputsLost)]
    assert [event.n_tasks for event in lost] == ([] if damage == "a file" else [1])  # which is seen to be none at once


def test_inputs_that_are_damaged_together_are_made_up_for_together(workspace: Path) -> None:
    _execute(workspace, _toys().Sum(n=4))
    for number in (0, 2, 3):
        (_toys().Number(number=number).output().load() / "number.txt").write_text("")
    _toys().Sum(n=4).output().remove()
    broken, events = _execute(workspace, _toys().Sum(n=4))
    assert not broken
    assert [event.n_tasks for event in events if isinstance(event, OutputsLost)] == [3]


def spoil(folder: Path, damage: str, *, of_another: Path) -> None:
    """Damage an output."""
    match damage:
        case "cut":
            (folder / "number.txt").write_text("")
        case "emptied":
            shutil.rmtree(folder)
            folder.mkdir()
        case "a file":
            shutil.rmtree(folder)
            folder.write_text("not a folder")
        case "of another":
            shutil.rmtree(folder)
            shutil.copytree(of_another, folder)
        case "no record":
            (folder / RECORD).unlink()


def test_an_output_that_another_process_deletes_while_it_is_needed_is_computed_again(workspace: Path) -> None:
    roots = [_toys().Sum(n=2), _toys().Takeaway(number=1)]
    broken, _ = _execute(workspace, *roots)
    assert not broken
    assert all(root.complete() for root in roots)


class _Late(Workers):
    """Runs tasks at once in this process, and tells of one family's tasks only when nothing else is to be told."""

    def __init__(self, family: str) -> None:
        self._family = family
        self._told: list[TaskReply] = []
        self._held: list[TaskReply] = []

    n_free = 9

    def start(self, message: TaskMessage) -> None:
        (self._held if message.family == self._family else self._told).append(run_task(message))

    def wait(self, timeout_seconds: float) -> list[TaskReply]:
        del timeout_seconds
        self._told, told = [], self._told or self._held
        self._held = [reply for reply in self._held if reply not in told]
        return told


class _Noting(_Late):
    """Notes how many threads each task may use."""

    def __init__(self) -> None:
        super().__init__("none")
        self.n_threads: dict[str, int | None] = {}

    def start(self, message: TaskMessage) -> None:
        self.n_threads[message.text] = message.n_threads
        super().start(message)


def test_a_task_with_nothing_beside_it_may_use_all_cores(workspace: Path) -> None:
    workers = _Noting()
    walk(
        plan_tasks([_toys().Sum(n=2)]),
        workers=workers,
        claims=Claims(workspace / "claims"),
        find_log=lambda _: "",
        tell=lambda _: None,
        check_interrupt=lambda: None,
        n_cores=7,
    )
    assert workers.n_threads == {"Number": None, "Sum": 7}


def test_a_task_that_missed_what_is_there_again_by_now_has_another_go(workspace: Path) -> None:
    _execute(workspace, _toys().Number(number=0))
    roots = [_toys().Takeaway(number=0), _toys().Sum(n=1)]  # the first deletes what the second is about to read
    events: list[RunEvent] = []
    broken = walk(
        plan_tasks(roots),
        workers=_Late("Sum"),
        claims=Claims(workspace / "claims"),
        find_log=lambda _: "",
        tell=events.append,
        check_interrupt=lambda: None,
    )
    assert not broken
    assert [event.why.code for event in events if isinstance(event, TaskRetried)] == ["inputs-renewed"]


def test_what_the_first_root_needs_is_done_before_what_only_the_second_needs(workspace: Path) -> None:
    first, second = _toys().Sum(n=3, seconds=0.001), _toys().Sum(n=3)
    _, events = _execute(workspace, first, second, n_cores=1)
    finished = [event.unique_id for event in events if isinstance(event, TaskFinished)]
    assert finished.index(first.unique_id) == 3
    assert finished[-1] == second.unique_id


def test_what_has_the_longest_way_before_it_has_the_first_turn(workspace: Path) -> None:
    turns = rank_tasks(plan_tasks([_toys().Both(how="user")]))
    assert turns[_toys().Number(number=7).unique_id] < turns[_toys().Number(number=8).unique_id]


def test_a_disk_that_does_not_keep_what_is_written_ends_the_run(workspace: Path) -> None:
    broken, events = _execute(workspace, _toys().ReadForgetful())
    assert [task.family for task in broken] == ["ReadForgetful"]
    assert "has 0 bytes instead of" in broken[0].message
    assert sum(isinstance(event, OutputsLost) for event in events) == 2


RUN = """
import sys, pathlib
from yule.runtime.execution import execute
from yule.runtime.plan import plan_tasks
from yule.storage.setup import configure
import runtime_toys
workspace, n, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
configure(workspace, n_threads=1, fetching="{}")
plan = plan_tasks([runtime_toys.Sum(n=n, seconds=seconds)])
def tell(event):
    print(event.event, getattr(event, "elsewhere", ""), flush=True)
execute(plan, workspace=workspace, fetching="{}", n_cores=2, tell=tell)
"""


def _start(workspace: Path, n: int, seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", RUN, str(workspace), str(n), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_workers_end_when_the_command_is_killed(workspace: Path) -> None:
    command = _start(workspace, 2, 60)
    workers = _wait_for_workers(command)
    command.kill()
    command.wait()
    deadline = time.monotonic() + 10
    while any(_is_running(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_is_running(pid) for pid in workers)


def test_an_interrupted_run_leaves_nothing_half_and_no_worker(workspace: Path) -> None:
    command = _start(workspace, 4, 60)
    workers = _wait_for_workers(command)
    time.sleep(0.5)  # Ctrl-C in the instant in which a process begins leaves it to end by itself
    command.send_signal(signal.SIGINT)
    command.wait(20)
    assert not any(_is_running(pid) for pid in workers)
    assert not list((workspace / PARTIAL).iterdir())


@pytest.mark.slow
def test_two_runs_at_once_do_no_task_twice(workspace: Path) -> None:
    commands = [_start(workspace, 6, 0.4) for _ in range(2)]
    printed = "".join(command.communicate(timeout=60)[0] for command in commands)
    assert [command.returncode for command in commands] == [0, 0]
    assert printed.count("started") == 7


def _wait_for_workers(command: "subprocess.Popen[str]") -> list[int]:
    while len(workers := _children(command.pid)) < 2:
        time.sleep(0.02)
    return workers


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_events_have_one_json_form() -> None:
    event = TaskFinished(unique_id="1", family="Sum", text="sum", seconds=1.5)
    assert to_json(event) == (
        '{"elsewhere":false,"event":"finished","family":"Sum","seconds":1.5,"text":"sum","unique_id":"1"}'
    )


@pytest.mark.parametrize(("mode", "folder_mode", "file_mode"), [(0o755, 0o700, 0o600), (0o770, 0o770, 0o660)])
def test_what_tasks_write_and_print_is_open_to_no_more_than_the_workspace(
    workspace: Path, mode: int, folder_mode: int, file_mode: int
) -> None:
    workspace.mkdir(exist_ok=True)
    workspace.chmod(mode)
    before = os.umask(0)
    try:
        assert not _execute(workspace, _toys().Sum(n=1))[0]
    finally:
        os.umask(before)
    assert list(workspace.glob("logs/*/*.log"))
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in workspace.rglob("*")}
    assert modes == {(True, folder_mode), (False, file_mode)}


def test_a_secret_is_neither_in_a_traceback_nor_in_a_log(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2hunter2")
    broken, _ = _execute(workspace, _toys().Fail(how="secret"))
    assert "password ************** refused" in broken[0].message
    assert "connecting with **************" in Path(broken[0].log).read_text()
    for file in workspace.rglob("*"):
        assert file.is_dir() or b"hunter2" not in file.read_bytes()
