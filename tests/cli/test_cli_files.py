"""What the commands say of the files of tables."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def _yule(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "yule", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    tags = [f"t{n % 5};t{n % 3};t{n % 7}" for n in range(150)]
    rows = [f"A{n:03},15.{1 + n % 9}.2020,{'xy'[n % 2]},{n % 7} €,{tags[n]},{int(n % 7 > 4)}" for n in range(150)]
    (folder / "shop.csv").write_text("\n".join(["id,joined,plan,spent,tags,bought", *rows]))
    done = _yule(folder, "init", "p", "--from", "shop.csv", "--target", "bought", "--user", "id", "--json")
    assert done.returncode == 0, done.stderr
    columns = {column.pop("name"): column for column in json.loads(done.stdout)["columns"]}
    assert [columns[name]["format"] for name in ("joined", "plan", "spent")] == ["%d.%m.%Y", "", "1234.5 €"]
    assert columns["tags"]["note"] == "tags is read as a list: what its rows have in common is a feature"
    case = folder / "p" / "cases" / "shop.yaml"
    case.write_text(case.read_text().replace("models: standard", "models: [{kind: logistic}]"))
    done = _yule(folder / "p", "run", "shop")
    assert done.returncode == 0, done.stderr
    return folder / "p"


def test_check_says_how_many_rows_there_are(project: Path) -> None:
    assert "shop: 1 file, 150 rows\n" in _yule(project, "check", "shop").stdout


def test_users_of_a_new_table_are_those_of_the_projects_column_and_what_is_not_used_is_told(project: Path) -> None:
    (project / "new.csv").write_text("spent;joined;id;plan;tags\n6 €;05.01.2023;B1;z;t1\n0€;1.2.2020;B2;x;t9\n")
    done = _yule(project, "predict", "shop", "--table", "new.csv", "--out", "list.csv")
    assert done.returncode == 0, done.stderr
    ids = [line.split(",")[0].strip('"') for line in (project / "list.csv").read_text().splitlines()]
    assert sorted(ids[1:]) == ["B1", "B2"]
    assert "Note: joined: 1 values, for example '05.01.2023', are not before the cut-off" in done.stderr
    assert "Note: plan: 1 values, for example 'z', are of no user that the model was trained on" in done.stderr
    done = _yule(project, "predict", "shop", "--table", "new.csv", "--cutoff", "2024-01-01", "--json", "--out", "l.csv")
    assert done.returncode == 0, done.stderr
    assert '{"event": "unusable", "column": "plan", "why": "unseen", "count": 1, "example": "z"}' in done.stdout
    assert "joined" not in done.stderr


def test_check_tells_of_files_that_hold_the_same(tmp_path: Path) -> None:
    done = _yule(tmp_path, "init", "p")
    assert done.returncode == 0, done.stderr
    project = tmp_path / "p"
    orders = project / "data" / "orders"
    orders.mkdir()
    (project / "data" / "orders.csv").rename(orders / "1.csv")
    shutil.copy(orders / "1.csv", orders / "1 (1).csv")
    method = project / "downloads" / "orders.yaml"
    method.write_text(method.read_text().replace("table: orders.csv", "table: orders"))
    assert "orders/1 (1).csv and orders/1.csv hold the same, byte for byte" in _yule(project, "check").stdout
