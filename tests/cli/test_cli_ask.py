"""``yule ask``: a list of users and what it rests on, without a case."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

QUESTION = "purchases where product = 'beer'"


def _yule(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", "ask", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project over made-up logs, whose question was answered before."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))
    from made_up import write_made_up_project

    folder = write_made_up_project(tmp_path_factory.mktemp("project"))
    done = _yule(folder, QUESTION)
    assert done.returncode == 0, done.stderr
    return folder


def test_users_are_shown_with_what_the_list_rests_on(project: Path) -> None:
    said = _yule(project, QUESTION, "--top", "3").stdout.splitlines()
    assert said[1] == f"{QUESTION}, within 28 days from 2024-08-27"
    assert said[2].startswith("  Of 240 users about ")
    assert "The list rests on no label, but on" in said[3]
    assert [line.split()[0] for line in said if line.endswith("%")] == ["1", "2", "3"]


def test_a_script_gets_the_figures_in_the_last_line(project: Path) -> None:
    told = json.loads(_yule(project, QUESTION, "--json", "--top", "2").stdout.splitlines()[-1])
    assert (told["event"], told["evidence"]["n_users"], len(told["users"])) == ("answer", 240, 2)


def test_a_case_is_written_that_is_sound(project: Path) -> None:
    assert _yule(project, QUESTION, "--case", "asked").returncode == 0
    checked = [sys.executable, "-m", "yule", "check", "asked"]
    assert "asked: sound" in subprocess.run(checked, cwd=project, capture_output=True, text=True, check=True).stdout
    again = _yule(project, QUESTION, "--case", "asked")
    assert (again.returncode, "there is such a case already" in again.stderr) == (2, True)
    assert again.stdout == ""  # it is said before the work, not after it


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["purchases where prodct = 'beer'"], "there is no column 'prodct' (did you mean 'product'?)"),
        (["purchases", "--within", "soon"], "a duration is written like '28 days'"),
        (["purchases", "--at", "soon"], "'soon' is not a date"),
    ],
)
def test_what_is_wrong_with_a_question_is_told_with_exit_code_2(project: Path, arguments: list[str], text: str) -> None:
    done = _yule(project, *arguments)
    assert done.returncode == 2
    assert text in done.stderr


def test_a_log_whose_values_too_few_users_have_in_so_short_a_time_says_what_to_ask(project: Path) -> None:
    refused = _yule(project, QUESTION, "--within", "1 hours")
    assert refused.returncode == 1
    assert "had within 1h. Enough are 10% of those who were there" in refused.stdout + refused.stderr
    assert "Ask what happens within a longer time" in refused.stdout + refused.stderr


def test_a_case_that_names_models_that_are_not_there_is_told_with_its_file(project: Path) -> None:
    assert _yule(project, QUESTION, "--case", "gone").returncode == 0
    case = project / "cases" / "gone.yaml"
    case.write_text(case.read_text().replace("transfer: auto", "transfer: {from: purchases-1d-2020-01-01}"))
    plan = [sys.executable, "-m", "yule", "plan", "gone"]
    told = subprocess.run(plan, cwd=project, capture_output=True, text=True, check=False)
    assert "cases/gone.yaml: transfer.from: No models of other questions are called" in told.stdout + told.stderr
