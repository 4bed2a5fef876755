import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "lightgbm", "catboost", "sklearn", "pandas", "gokart", "luigi", "tensorboard")


def _yule(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project over made-up logs."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))
    from made_up import write_made_up_project

    return write_made_up_project(tmp_path_factory.mktemp("project"))


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--no-data", "beer"], ["schema"]])
def test_quick_commands_load_nothing_heavy(project: Path, arguments: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['yule', *{arguments!r}]\n"
        "from yule.cli.app import app\n"
        "try:\n    app()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False)
    heavy = [line for line in done.stdout.splitlines() if line.startswith("HEAVY")]
    assert heavy == ["HEAVY []"], done.stdout + done.stderr


def test_importing_yule_loads_nothing_heavy() -> None:
    code = f"import yule, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_sound_case_is_called_sound_and_its_labels_are_shown(project: Path) -> None:
    done = _yule(project, "check", "beer")
    assert done.returncode == 0, done.stderr
    assert "beer: sound. 5 label cut-offs, 2 feature sets, 2 members (lightgbm, logistic) on 3 folds" in done.stdout
    assert "positives among" in done.stdout
    assert "tasks to run" in done.stdout


def test_all_problems_of_a_case_are_told_at_once_with_exit_code_2(project: Path) -> None:
    case = project / "cases" / "wrong.yaml"
    case.write_text(
        (project / "cases" / "beer.yaml").read_text().replace("sets: [profile", "sets: [profil") + "sed: 1\n"
    )
    done = _yule(project, "run", "wrong")
    case.unlink()
    assert done.returncode == 2
    assert "cases/wrong.yaml:9:19: features.sets[0]:" in done.stderr
    assert "did you mean 'profile'?" in done.stderr
    assert "did you mean 'seed'?" in done.stderr


def test_problems_of_a_feature_set_do_not_hide_those_of_a_case(project: Path) -> None:
    wrong, case = project / "features" / "wrong.yaml", project / "cases" / "wrong.yaml"
    wrong.write_text("version: 1\ndownload: purchases\naggregates: [{sum: prise}]\n")
    case.write_text((project / "cases" / "beer.yaml").read_text().replace("sets: [profile", "sets: [wrong, profil"))
    done = _yule(project, "check", "wrong")
    wrong.unlink()
    case.unlink()
    assert done.returncode == 2
    assert "has no column 'prise' (did you mean 'price'?)" in done.stderr
    assert "cases/wrong.yaml:9:26: features.sets[1]: there is no features/profil.yaml" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["show", "nothing"], 4, "There is no run 'nothing'"),
        (["predict", "nothing"], 2, "Give --cutoff DATE, --table FILE or both"),
        (["rum", "beer"], 2, "Did you mean 'run'?"),
        (["check", "absent"], 2, "absent"),
    ],
)
def test_a_wrong_call_says_what_to_write(project: Path, arguments: list[str], code: int, text: str) -> None:
    done = _yule(project, *arguments)
    assert done.returncode == code
    assert text in " ".join(done.stderr.replace("│", "").split())


def test_outside_a_project_the_commands_say_so(tmp_path: Path) -> None:
    done = _yule(tmp_path, "check")
    assert done.returncode == 2
    assert "project.yaml" in done.stderr


def test_missing_data_are_named(project: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(project, tmp_path / "copy", ignore=shutil.ignore_patterns("workspace", "data"))
    assert "Not looked at the data: shop" in _yule(copy, "check", "beer").stdout
    done = _yule(copy, "run", "beer")
    assert done.returncode == 1
    assert "there is no file purchases.parquet" in done.stderr
    assert "there is no file profiles.csv" in done.stderr


def test_a_plan_can_be_read_by_scripts(project: Path) -> None:
    rows = [json.loads(line) for line in _yule(project, "plan", "tea", "--json").stdout.splitlines()]
    assert {row["state"] for row in rows} <= {"to run", "cached", "not needed"}
    assert sum(row["family"] == "FitFold" for row in rows) == 6


def test_a_table_becomes_a_project_that_runs_and_scores_another_table(tmp_path: Path) -> None:
    rows = [f"{number % 7},{'red' if number % 3 else 'blue'},{int(number % 7 > 4)}" for number in range(300)]
    (tmp_path / "shop.csv").write_text("\n".join(["visits,colour,bought", *rows]))
    (tmp_path / "new.csv").write_text("visits,colour\n6,red\n0,blue\n")
    assert _yule(tmp_path, "init", "p", "--from", "shop.csv", "--target", "bought").returncode == 0
    case = tmp_path / "p" / "cases" / "shop.yaml"
    case.write_text(case.read_text().replace("models: standard", "models: quick"))
    done = _yule(tmp_path / "p", "run", "shop")
    assert done.returncode == 0, done.stderr
    assert "users.csv" in done.stdout
    done = _yule(tmp_path / "p", "predict", "shop", "--table", "../new.csv", "--out", "list.csv")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "p" / "list.csv").read_text().splitlines()
    assert lines[0].replace('"', "") == "user_id,rank,score"
    assert lines[1].replace('"', "").startswith("1,1,")
    assert len(lines) == 3
