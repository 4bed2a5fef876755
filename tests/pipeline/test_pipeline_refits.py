"""Members that are fitted once more predict alone, and what is told of quality is of the folds all the same."""

import csv
import json
from pathlib import Path

import pytest

from yule import Session, open_project
from yule.config.scaffold import write_project_from_table

N_USERS = 120


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A project of a table, asked three times: with the models of folds, with refits, and as Yule decides."""
    folder = tmp_path_factory.mktemp("refits")
    table = folder / "shop.csv"
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user", "age", "visits", "bought"])
        for number in range(N_USERS):
            age = number * 7 % 23
            writer.writerow([f"u{number}", age, number % 11, int(age > number % 19)])
    write_project_from_table(folder / "shop", table, target="bought", user="user", encoding="")
    (case,) = (folder / "shop" / "cases").glob("*.yaml")
    text = case.read_text().replace("models: standard", "models: quick") + "folds: {n_folds: 2}\n"
    for refit in ("none", "all", "auto"):
        case.with_name(f"of-{refit}.yaml").write_text(f"{text}refit: {refit}\n")
    case.unlink()
    return open_project(folder / "shop")


@pytest.fixture(scope="module")
def runs(session: Session) -> dict[str, Path]:
    return {run.case: run.folder for run in session.run(None, cores=1)}


def _read_parts(run: Path) -> dict[str, float]:
    bundle = json.loads((run / "model" / "bundle.json").read_text())
    return {part["model"]: part["weight"] for part in bundle["parts"]}


def _read_board(run: Path) -> object:
    return json.loads((run / "report.json").read_text())["head"]["parts"][0]["board"]


@pytest.mark.slow
def test_a_refit_predicts_in_the_place_of_the_models_of_its_folds(runs: dict[str, Path]) -> None:
    folds, refits = _read_parts(runs["of-none"]), _read_parts(runs["of-all"])
    assert set(folds) == {"lightgbm/0", "lightgbm/1", "logistic/0", "logistic/1"}
    assert refits == {name: pytest.approx(2 * folds[f"{name.split('/')[0]}/0"]) for name in refits}
    assert set(refits) == {"lightgbm/whole", "logistic/whole"}


@pytest.mark.slow
def test_what_is_told_of_quality_never_comes_from_a_refit(session: Session, runs: dict[str, Path]) -> None:
    assert _read_board(runs["of-all"]) == _read_board(runs["of-none"])
    cache = Path(session.project.workspace) / "cache"
    assert len(list((cache / "BlendMembers").iterdir())) == 1
    assert len(list((cache / "FitFold").iterdir())) == 4


def _read_codes(run: Path) -> set[str]:
    return {finding["code"] for finding in json.loads((run / "report.json").read_text())["head"]["findings"]}


@pytest.mark.slow
def test_a_report_tells_what_the_models_learned_from(runs: dict[str, Path]) -> None:
    told = {name: {code for code in _read_codes(run) if code.startswith("refits-")} for name, run in runs.items()}
    assert told == {"of-none": set(), "of-all": {"refits-of-all"}, "of-auto": {"refits-too-few"}}


@pytest.mark.slow
def test_few_labels_keep_the_models_of_their_folds(runs: dict[str, Path]) -> None:
    assert _read_parts(runs["of-auto"]) == _read_parts(runs["of-none"])
