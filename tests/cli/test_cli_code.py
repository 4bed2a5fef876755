import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def _yule(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", *arguments]
    environment = {**os.environ, "YULE_CACHE": str(folder.parent / "cache"), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=200
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two commits; the first is tagged v1. What is in sitecustomize.py runs when Python starts."""
    sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("pipeline", "versions")]
    from made_up import write_made_up_project
    from versions_toys import commit_files, git
    from wheels import write_wheel

    folder = write_made_up_project(tmp_path_factory.mktemp("code") / "project")
    git(folder, "init", "--initial-branch", "main")
    (folder / "requirements.txt").write_text(f"--no-index\n./{write_wheel(folder)}\n")
    say = "import sys\nprint('this is the code of commit {}', file=sys.stderr)\n"
    commit_files(folder, {".gitignore": "workspace\n", "sitecustomize.py": say.format(1)})
    git(folder, "tag", "v1")
    commit_files(folder, {"sitecustomize.py": say.format(2)})
    return folder


def test_a_case_runs_with_the_code_of_the_commit_it_names_and_can_be_repeated(project: Path) -> None:
    rev_parse = ["git", "rev-parse", "v1"]
    commit = subprocess.run(rev_parse, cwd=project, capture_output=True, text=True, check=True).stdout.strip()
    case = project / "cases" / "beer.yaml"
    case.write_text(case.read_text().replace("labels:", "code: v1\nlabels:", 1))
    done = _yule(project, "run", "beer")
    assert done.returncode == 0, done.stderr
    assert "this is the code of commit 1" in done.stderr
    assert "this is the code of commit 2" not in done.stderr
    assert f"\ncode: {commit}  # v1\nlabels:" in case.read_text()
    (record,) = (project / "workspace" / "runs").glob("beer-*/run.json")
    assert json.loads(record.read_text())["code"] == commit

    case.unlink()  # a repetition needs nothing but the record
    done = _yule(project, "rerun", "beer", "--json")
    assert done.returncode == 0, done.stderr
    assert "this is the code of commit 1" in done.stderr
    comparison = json.loads(done.stdout.splitlines()[-1])
    assert comparison["is_identical"]
    assert comparison["n_outputs"] > 20
    assert not list((project / "workspace" / "reruns").iterdir())

    users = record.parent / "users.csv"
    users.write_text(users.read_text().replace("u001", "u002"))
    done = _yule(project, "rerun", "beer")
    assert done.returncode == 1
    assert "came out otherwise. These files differ: users.csv. " in done.stdout
    assert "is kept in" in done.stderr


def test_a_commit_that_is_not_there_is_an_error(project: Path) -> None:
    case = project / "cases" / "tea.yaml"
    before = case.read_text()
    case.write_text(before.replace("labels:", "code: v2\nlabels:", 1))
    done = _yule(project, "run", "tea")
    case.write_text(before)
    assert done.returncode == 1
    assert "`code: v2` names no single commit" in done.stderr
    assert "v1" in done.stderr
