"""A disk that is full, read-only or broken: whatever the system refuses a command, it ends in a sentence and no harm.

Every write-like call of every command that writes can be refused; a few are here, all with ``YULE_TEST_FAULTS=all``.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "pipeline"))
from faulty import Fault, call, count_calls, digest, start, try_fault
from made_up import write_made_up_project

LASTING = ("ENOSPC", "EROFS", "EDQUOT")
ONCE = ("EIO", "EACCES", "EMFILE")

RUN = ("run", "beer", "--cores", "1")
COMMANDS = {
    "init": ("init", "new"),
    "init from a table": ("init", "new", "--from", "seats.csv", "--target", "taken", "--user", "user"),
    "check": ("check", "beer"),
    "check the data": ("check", "beer", "--data"),
    "plan": ("plan", "beer"),
    "plan the labels": ("plan", "--labels", "beer"),
    "run": RUN,
    "features": ("features", "beer"),
    "downloads page": ("downloads", "page"),
    "downloads new": ("downloads", "new", "other", "--source", "shop", "--table", "profiles.csv"),
    "schema": ("schema",),
}
ON_A_FINISHED_RUN = {
    "run again": RUN,
    "rerun": ("rerun", "beer", "--cores", "1"),
    "predict": ("predict", "beer", "--cutoff", "2024-08-01", "--cores", "1"),
    "predict into a file": ("predict", "beer", "--cutoff", "2024-08-01", "--out", "list.csv"),
    "explain": ("explain", "beer"),
    "features of a run": ("features", "beer"),
}
WITH_WORKERS = ("run", "check the data", "plan the labels", "rerun", "predict")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that nothing was done in."""
    project = write_made_up_project(tmp_path_factory.mktemp("fresh") / "project")
    rows = [f"u{number},{number % 7},{number % 5 % 2}" for number in range(200)]
    (project / "seats.csv").write_text("\n".join(["user,row,taken", *rows]) + "\n")
    return project


@pytest.fixture(scope="module")
def finished(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose case was run."""
    project = Path(shutil.copytree(fresh, tmp_path_factory.mktemp("finished") / "project"))
    done = call(project, RUN)
    assert done.returncode == 0, done.stderr
    return project


def choose(n_calls: int, seed: str) -> list[tuple[int, str]]:
    """Choose which calls are refused and how: some, or all."""
    numbers = range(1, n_calls + 1)
    codes = [*LASTING, *ONCE]
    if os.environ.get("YULE_TEST_FAULTS") != "all":
        step = max(1, n_calls // 2)
        numbers = range(1 + len(seed) % step, n_calls + 1, step)
    return [(number, codes[(number + len(seed)) % len(codes)]) for number in numbers]


def _try_all(prepared: Path, command: tuple[str, ...], who: str, scratch: Path) -> dict[str, list[str]]:
    reference = Path(shutil.copytree(prepared, scratch / "reference" / "project"))
    n_calls = count_calls(reference, command, who)
    assert n_calls, f"the {who} of {command} writes nothing, so nothing can be refused to it"
    expected = digest(reference)
    bad = {}
    for number, code in choose(n_calls, command[0]):
        fault = Fault(who=who, number=number, code=code, is_lasting=code in LASTING)
        faults = try_fault(prepared, scratch, command, fault, expected)
        if faults:
            bad[str(fault)] = faults
    return bad


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_refused_to_a_command_costs_a_sentence(fresh: Path, tmp_path: Path, name: str) -> None:
    assert _try_all(fresh, COMMANDS[name], "command", tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", ON_A_FINISHED_RUN)
def test_what_is_refused_to_a_command_on_a_run_costs_a_sentence(finished: Path, tmp_path: Path, name: str) -> None:
    assert _try_all(finished, ON_A_FINISHED_RUN[name], "command", tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_WORKERS)
def test_what_is_refused_to_a_worker_costs_a_sentence(fresh: Path, finished: Path, tmp_path: Path, name: str) -> None:
    command = COMMANDS.get(name) or ON_A_FINISHED_RUN[name]
    assert _try_all(fresh if name in COMMANDS else finished, command, "worker", tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [("runs",), ("show", "beer"), ("plan", "beer"), ("explain", "beer"), ("features", "beer"), ("downloads",)],
)
def test_a_workspace_that_cannot_be_written_can_be_looked_at(finished: Path, command: tuple[str, ...]) -> None:
    plain = call(finished, command)
    done = call(finished, command, Fault(who="command", number=1, code="EROFS", is_lasting=True))
    assert (done.returncode, done.stdout, done.stderr) == (0, plain.stdout, plain.stderr)


@pytest.mark.slow
def test_the_curves_of_a_workspace_that_cannot_be_written_can_be_watched(finished: Path) -> None:
    fault = Fault(who="command", number=1, code="EROFS", is_lasting=True)
    process = start(finished, ("tensorboard", "beer"), fault)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("TensorBoard: http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in (0, 130)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run again", "predict", "rerun"])
def test_a_workspace_that_cannot_be_written_is_told_in_one_sentence(finished: Path, name: str) -> None:
    fault = Fault(who="command", number=1, code="EROFS", is_lasting=True)
    done = call(finished, ON_A_FINISHED_RUN[name], fault)
    assert done.returncode == 4
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("yule: ")]
    assert "Read-only file system" in told
    assert "Traceback" not in done.stderr
