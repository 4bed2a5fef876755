"""A case whose labels are given learns from what users have had, from its file to its report."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from made_up import N_USERS, write_made_up_project
from numpy.typing import NDArray

from yule import RunView, open_project
from yule.training.folds import find_fold

USERS = [f"u{number:03}" for number in range(N_USERS)]
LIKES_BEER = np.random.default_rng(7).random(N_USERS) < 0.4

ANSWERS = """\
version: 1
source: shop
table: answers.csv
user: user
columns: {user: string, answer: integer}
"""

CASE = """\
version: 1
question: Who likes beer?
labels: {download: answers, label: answer, cutoff: 2024-07-01}
predict: {cutoff: 2024-07-01, population: purchases}
features: FEATURES
models: [{kind: logistic}]
transfer: auto
folds: {n_folds: 3}
"""


def write_project(folder: Path, *, features: str = "auto") -> Path:
    """Write a project whose labels say of half of the users what no log tells."""
    project = write_made_up_project(folder)
    for case in (project / "cases").iterdir():
        case.unlink()
    write_answers(project, LIKES_BEER)
    (project / "downloads" / "answers.yaml").write_text(ANSWERS)
    (project / "cases" / "likes.yaml").write_text(CASE.replace("FEATURES", features))
    return project


def write_answers(project: Path, answers: NDArray[np.bool_]) -> None:
    rows = [f"{user},{int(answer)}" for user, answer in zip(USERS[::2], answers[::2], strict=True)]
    (project / "data" / "answers.csv").write_text("\n".join(["user,answer", *rows]) + "\n")


def run_case(project: Path) -> RunView:
    (run,) = open_project(project).run(None, cores=1)
    assert run.status == "done"
    return run


def find_models(project: Path) -> list[bytes]:
    """Return the weights of the member, fold by fold."""
    folders = sorted(
        (file.parent for file in project.glob("workspace/cache/FitEmbedded/*/task.json")),
        key=lambda folder: json.loads((folder / "task.json").read_text())["parameters"]["fold"],
    )
    return [(folder / "model" / "weights.safetensors").read_bytes() for folder in folders]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_project(tmp_path_factory.mktemp("embedded") / "project")
    run_case(folder)
    return folder


def test_labels_of_a_table_learn_from_what_users_have_had(project: Path) -> None:
    fits = [json.loads(file.read_text()) for file in project.glob("workspace/cache/FitEmbedded/*/fit.json")]
    assert len(fits) == 3
    assert {name.split("__")[1] for fit in fits for name in fit["importance"]} == {"svd"}
    (report,) = project.glob("workspace/runs/*/report.json")
    (part,) = json.loads(report.read_text())["head"]["parts"]
    assert {member["name"] for member in part["board"]["members"]} == {"embedded", "logistic"}
    told = {one["name"]: one["meaning"] for one in part["features"]}
    assert {meaning["column"] for name, meaning in told.items() if "__svd__" in name} == {"product"}


def change_held_out_labels(project: Path) -> None:
    write_answers(project, LIKES_BEER ^ (find_fold(USERS, 3) == 0))


def change_the_future(project: Path) -> None:
    file = project / "data" / "purchases.parquet"
    purchases = pq.read_table(file)
    is_later = pc.greater_equal(purchases["bought_at"], pa.scalar(datetime(2024, 7, 1), pa.timestamp("us")))
    pq.write_table(purchases.set_column(2, "product", pc.if_else(is_later, "beer", purchases["product"])), file)


@pytest.mark.parametrize("change", [change_held_out_labels, change_the_future])
def test_a_fold_learns_neither_from_whom_it_holds_out_nor_from_the_future(
    project: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    other = write_project(tmp_path / "project")
    change(other)
    run_case(other)
    assert find_models(other)[0] == find_models(project)[0]


def test_without_embeddings_it_is_left_out_and_the_report_says_why(tmp_path: Path) -> None:
    run = run_case(write_project(tmp_path / "project", features="{sets: [profile, shopping]}"))
    assert "member-without-embeddings" in (run.folder / "report.json").read_text()
    assert "embedded is left out" in (run.folder / "report.html").read_text()
