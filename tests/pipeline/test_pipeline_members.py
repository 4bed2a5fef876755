"""Members that could learn nothing are left out of a run, and its report says why."""

import csv
import json
from pathlib import Path

import pytest

from yule import Session, open_project
from yule.config.scaffold import write_project_from_table
from yule.core.errors import TaskFailed, YuleError

N_USERS = 39


@pytest.fixture
def few(tmp_path: Path) -> Session:
    """A project of a table with a user fewer than a tree of LightGBM needs for a split."""
    table = tmp_path / "shop.csv"
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user", "age", "bought"])
        for number in range(N_USERS):
            age = number * 7 % 23
            writer.writerow([f"u{number}", age, int(age > number % 19)])
    write_project_from_table(tmp_path / "shop", table, target="bought", user="user", encoding="")
    (case,) = (tmp_path / "shop" / "cases").glob("*.yaml")
    text = case.read_text().replace("models: standard", "models: quick") + "folds: {n_folds: 2}\n"
    case.with_name("few.yaml").write_text(text)
    case.unlink()
    return open_project(tmp_path / "shop")


def _name_families(session: Session, name: str) -> list[Path]:
    return sorted((Path(session.project.workspace) / "cache").glob(f"*/*/{name}"))


@pytest.mark.slow
def test_a_run_does_without_members_that_could_learn_nothing(few: Session) -> None:
    (run,) = few.run(None, cores=1)
    assert run.status == "done"
    report = json.loads((run.folder / "report.json").read_text())
    told = json.dumps(report)
    assert '"member-learns-nothing"' in told
    assert '"member-fitted"' not in told
    bundle = json.loads((run.folder / "model" / "bundle.json").read_text())
    assert {part["model"].split("/")[0] for part in bundle["parts"]} == {"logistic"}
    assert "lightgbm is left out" in (run.folder / "report.html").read_text()
    assert len(_name_families(few, "skipped.json")) == 2
    assert len(_name_families(few, "members.json")) == 2


@pytest.mark.slow
def test_where_no_member_is_left_one_is_told_what_to_do(few: Session) -> None:
    (case,) = (few.project.root / "cases").glob("*.yaml")
    case.write_text(case.read_text().replace("models: quick", "models: [{kind: lightgbm}]"))
    with pytest.raises((TaskFailed, YuleError), match=r"No member is left to be fitted.*min_data_in_leaf"):
        few.run(None, cores=1)
