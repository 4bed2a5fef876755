"""The whole way with every kind of labels, on made-up shopping logs."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.usefixtures("importable")

CASE = """\
version: 1
question: Who is it?
labels: {labels}
predict: {predict}
features: {{sets: [profile, shopping]}}
models:
  - {{kind: lightgbm, max_trees: 20}}
  - {{kind: logistic}}
folds: {{n_folds: 3}}
"""

SEEDS = """\
version: 1
source: shop
table: seeds.csv
user: user
columns: {user: string}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    sys.path.insert(0, str(Path(__file__).parent))
    import made_up

    return made_up.write_made_up_project(tmp_path)


@pytest.fixture
def run(project: Path) -> Callable[[str, str], tuple[dict[str, object], str]]:
    """Runs a case of its labels and its prediction; returns its report and what was printed."""

    def run_case(labels: str, predict: str) -> tuple[dict[str, object], str]:
        (project / "cases" / "asked.yaml").write_text(CASE.format(labels=labels, predict=predict))
        command = [sys.executable, "-m", "yule", "run", "asked", "--cores", "1"]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=280)
        assert done.returncode == 0, done.stdout + done.stderr
        (folder,) = (project / "workspace" / "runs").iterdir()
        return json.loads((folder / "report.json").read_text()), done.stdout

    return run_case


def test_leaving_is_asked_of_active_users_and_open_horizons_are_left_out_and_told(
    run: Callable[[str, str], tuple[dict[str, object], str]],
) -> None:
    # The logs end on 27 August: the last two of the horizons have not closed.
    report, printed = run(
        "{kind: leaving, event: purchases, where: product = 'tea', within: 28 days, "
        "cutoffs: [2024-04-01, 2024-05-01, 2024-06-01, 2024-08-01, 2024-08-10]}",
        "{cutoff: 2024-09-07, population: {download: purchases, where: product = 'tea', within: 91 days, at_least: 2}}",
    )
    told = "labels at 2024-08-01, 2024-08-10 cannot be known yet and were left out"
    assert told in printed
    assert told in str(report["history"])
    assert report["is_later"] is True
    assert 0 < int(str(report["n_users"])) < 240


def test_a_list_of_positives_is_run_to_a_list_of_users_like_them(
    project: Path, run: Callable[[str, str], tuple[dict[str, object], str]]
) -> None:
    purchases = pq.read_table(project / "data" / "purchases.parquet").to_pandas()
    n_beers = purchases[purchases["product"] == "beer"].groupby("user").size()
    drinkers = sorted(n_beers[n_beers >= 5].index)
    seeds, hidden = drinkers[::2], set(drinkers[1::2])
    (project / "data" / "seeds.csv").write_text("\n".join(["user", *seeds]) + "\n")
    (project / "downloads" / "seeds.yaml").write_text(SEEDS)
    report, printed = run(
        "{kind: positives, download: seeds, cutoff: 2024-09-01}", "{cutoff: 2024-09-01, population: purchases}"
    )
    assert report["kind"] == "look_alike"
    assert "ranked by how much they are like the known positives" in printed
    (folder,) = (project / "workspace" / "runs").iterdir()
    ranked = pq.read_table(folder / "users.parquet")["user_id"].to_pylist()
    assert not set(ranked) & set(seeds)
    found = len(set(ranked[: len(hidden)]) & hidden) / len(hidden)
    assert found > 0.8
