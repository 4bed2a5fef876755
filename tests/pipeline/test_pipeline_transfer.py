"""A case that learns from other questions of its log, from its file to its report."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from made_up import write_made_up_project


def run_beer(project: Path) -> dict[str, object]:
    """Run the beer case with transfer; return its report."""
    case = project / "cases" / "beer.yaml"
    case.write_text(f"{case.read_text()}transfer: auto\n")
    command = [sys.executable, "-m", "yule", "run", "beer"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    (report,) = (project / "workspace" / "runs").glob("*/report.json")
    return dict(json.loads(report.read_text()))


def test_a_case_takes_models_of_other_questions_as_members(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path / "project")
    case = project / "cases" / "beer.yaml"
    network = "  - {kind: multitask, n_epochs: 2, hidden_sizes: [16]}\n"
    case.write_text(case.read_text().replace("ensemble:", f"{network}ensemble:"))
    told = json.dumps(run_beer(project))
    for name in ("pooled", "refined", "multitask"):
        assert f'"{name}"' in told
    assert "member-unasked" not in told


def test_each_class_takes_models_of_other_questions(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path / "project")
    case = project / "cases" / "beer.yaml"
    drinks = "kind: class\n  of: product\n  classes: [beer, tea]"
    case.write_text(case.read_text().replace("where: \"product = 'beer'\"", drinks))
    head = run_beer(project)["head"]
    assert isinstance(head, dict)
    for part in head["parts"]:
        assert {member["name"] for member in part["board"]["members"]} >= {"pooled", "refined"}
    fits = [json.loads(file.read_text()) for file in project.glob("workspace/cache/TakePooled/*/fit.json")]
    sets = {name.partition("__")[0] for fit in fits for name in fit["importance"]}
    assert sets == {"auto-roles-0-beer", "auto-roles-1-tea", "auto-roles-2-none"}


def test_amounts_learn_from_the_amounts_of_other_questions(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path / "project")
    case = project / "cases" / "beer.yaml"
    text = case.read_text().replace("labels:\n", "labels:\n  kind: amount\n  of: price\n")
    case.write_text(text.replace("kind: logistic", "kind: ridge"))
    told = json.dumps(run_beer(project))
    assert '"pooled"' in told
    assert "member-unasked" not in told
    fits = list(project.glob("workspace/cache/TakePooled/*/fit.json"))
    told_of = [json.loads(fit.read_text())["importance"] for fit in fits]
    assert any("auto-roles__own_amount__all" in importance for importance in told_of)


def test_where_the_log_asks_nothing_else_the_others_answer_alone(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path / "project")
    file = project / "data" / "purchases.parquet"
    purchases = pq.read_table(file)
    users, weeks = pc.utf8_slice_codeunits(purchases["user"], 1).cast("int64"), pc.week(purchases["bought_at"])
    rare = pc.binary_join_element_wise("v", pc.bit_wise_and(pc.add(users, weeks), 31).cast("string"), "")
    products = pc.if_else(pc.equal(purchases["product"], "beer"), "beer", rare)  # too few users have one in two weeks
    pq.write_table(purchases.set_column(purchases.schema.get_field_index("product"), "product", products), file)
    assert json.dumps(run_beer(project)).count("member-unasked") == 2


def test_a_log_without_a_column_to_ask_by_is_no_fault(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path / "project")
    download = project / "downloads" / "purchases.yaml"
    download.write_text(download.read_text().replace("product: {type: string", "product: {pii: deny, type: string"))
    shopping = "version: 1\ndownload: purchases\nwindows: [14 days, all]\naggregates: [count, recency]\n"
    (project / "features" / "shopping.yaml").write_text(shopping)
    assert json.dumps(run_beer(project)).count("member-unasked") == 2
