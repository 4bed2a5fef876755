"""The whole way with every kind of labels, on made-up shopping logs."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow.parquet as pq
import pytest

Run: TypeAlias = Callable[..., tuple[dict[str, object], str]]

pytestmark = pytest.mark.usefixtures("importable")

CASE = """\
version: 1
question: Who is it?
labels: {labels}
predict: {predict}
features: {features}
models:
  - {{kind: lightgbm, max_trees: 20}}
  - {{kind: {linear}}}
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
def run(project: Path) -> Run:
    """Runs a case of its labels and its prediction; returns its report and what was printed."""

    def run_case(
        labels: str, predict: str, *, linear: str = "logistic", features: str = "{sets: [profile, shopping]}"
    ) -> tuple[dict[str, object], str]:
        case = CASE.format(labels=labels, predict=predict, linear=linear, features=features)
        (project / "cases" / "asked.yaml").write_text(case)
        command = [sys.executable, "-m", "yule", "run", "asked", "--cores", "1"]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=280)
        assert done.returncode == 0, done.stdout + done.stderr
        (folder,) = (project / "workspace" / "runs").iterdir()
        return json.loads((folder / "report.json").read_text()), done.stdout

    return run_case


def ask(project: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "yule", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_leaving_is_asked_of_active_users_and_open_horizons_are_left_out_and_told(
    run: Run,
) -> None:
    # The logs end on 27 August: the last two of the horizons have not closed.
    report, printed = run(
        "{kind: leaving, event: purchases, where: product = 'tea', within: 28 days, "
        "cutoffs: [2024-04-01, 2024-05-01, 2024-06-01, 2024-08-01, 2024-08-10]}",
        "{cutoff: 2024-09-07, population: {download: purchases, where: product = 'tea', within: 91 days, at_least: 2}}",
    )
    told = "labels at 2024-08-01 and 2024-08-10 cannot be known yet and were left out"
    assert told in printed
    head = report["head"]
    assert "labels-immature" in str(head["history"])
    assert head["is_later"] is True
    assert 0 < int(str(head["n_users"])) < 240


def test_a_list_of_positives_is_run_to_a_list_of_users_like_them(project: Path, run: Run) -> None:
    purchases = pq.read_table(project / "data" / "purchases.parquet").to_pandas()
    n_beers = purchases[purchases["product"] == "beer"].groupby("user").size()
    drinkers = sorted(n_beers[n_beers >= 5].index)
    seeds, hidden = drinkers[::2], set(drinkers[1::2])
    (project / "data" / "seeds.csv").write_text("\n".join(["user", *seeds]) + "\n")
    (project / "downloads" / "seeds.yaml").write_text(SEEDS)
    report, printed = run(
        "{kind: positives, download: seeds, cutoff: 2024-09-01}", "{cutoff: 2024-09-01, population: purchases}"
    )
    assert report["kind"] == "positive_unlabelled"
    assert "ranked by how much they are like the known positives" in printed
    (folder,) = (project / "workspace" / "runs").iterdir()
    ranked = pq.read_table(folder / "users.parquet")["user_id"].to_pylist()
    assert not set(ranked) & set(seeds)
    found = len(set(ranked[: len(hidden)]) & hidden) / len(hidden)
    assert found > 0.75


def test_features_are_proposed_from_the_columns_of_the_events(project: Path, run: Run) -> None:
    labels = "{event: purchases, where: product = 'beer', within: 14 days, cutoffs: [2024-05-01, 2024-05-15]}"
    report, _ = run(labels, "{cutoff: 2024-07-01, population: purchases}", features="auto")
    selection = report["head"]["parts"][0]["selection"]
    assert isinstance(selection, dict)
    sets = {str(feature["name"]).split("__")[0] for feature in selection["features"]}
    assert sets == {"auto-purchases", "auto-purchases-mix", "auto-purchases-items-product", "auto-outcome"}
    told = ask(project, "features", "asked")
    assert "auto-purchases-mix events purchases proposed by Yule" in " ".join(told.split())
    assert re.search(r"auto-outcome: decayed +\d+ of \d+", told)

    # Written to files, the proposed sets are what they were: nothing is computed again but the report, which shows
    # the case as it is written.
    asked = project / "cases" / "asked.yaml"
    written = ask(project, "features", "asked", "--write")
    asked.write_text(asked.read_text().replace("features: auto\n", written[written.index("\nfeatures:") + 1 :]))
    to_run = re.findall(r"^(\w+) +[1-9]\d* +\d+ +\d+$", ask(project, "plan", "asked"), flags=re.MULTILINE)
    assert to_run == ["WriteReport"]

    # What was changed since is not written over.
    asked.write_text(re.sub(r"features:\n(  .*\n)+", "features: auto\n", asked.read_text()))
    changed = project / "features" / "auto-purchases.yaml"
    changed.write_text("version: 1\ndownload: purchases\n")
    assert "auto-purchases events purchases proposed by Yule" in " ".join(ask(project, "features", "asked").split())
    assert "wrote features/auto-purchases-asked.yaml" in ask(project, "features", "asked", "--write")
    (project / "features" / "auto-purchases-asked.yaml").write_text("version: 1\ndownload: purchases\n")
    with pytest.raises(
        AssertionError, match=r"Nothing was written: in features/, auto-purchases-asked\.yaml hold something else"
    ):
        ask(project, "features", "asked", "--write")
    assert changed.read_text() == "version: 1\ndownload: purchases\n"


def test_amounts_are_run_to_a_list_of_users_by_what_they_are_expected_to_spend(project: Path, run: Run) -> None:
    report, printed = run(
        "{kind: amount, event: purchases, of: price, where: product = 'beer', within: 28 days, "
        "cutoffs: {from: 2024-03-01, every: 28 days, count: 4}}",
        "{cutoff: 2024-07-01, population: purchases}",
        linear="ridge",
    )
    assert report["kind"] == "regression"
    assert "are expected to come to about" in printed
    assert "What happened after 2024-07-01 is known by now" in printed
    (folder,) = (project / "workspace" / "runs").iterdir()
    users = pq.read_table(folder / "users.parquet").to_pandas()
    assert users["score"].is_monotonic_decreasing
    assert users["score"].min() >= 0
    purchases = pq.read_table(project / "data" / "purchases.parquet").to_pandas()
    after = purchases[
        (purchases["product"] == "beer") & purchases["bought_at"].between("2024-07-01", "2024-07-28 23:59")
    ]
    spent = users["user_id"].map(after.groupby("user")["price"].sum()).fillna(0)
    half = len(users) // 2
    assert spent[:half].sum() > 2 * spent[half:].sum()
    assert abs(users["score"].sum() / spent.sum() - 1) < 0.3


def test_amounts_of_a_table_are_run_with_features_selected_and_derived(project: Path, run: Run) -> None:
    random = np.random.default_rng(0)
    rows = [f"u{user:03},{5 * (user % 50) + random.normal():.2f}" for user in range(240)]
    (project / "data" / "spent.csv").write_text("\n".join(["user,spent", *rows]) + "\n")
    (project / "downloads" / "spent.yaml").write_text(
        SEEDS.replace("seeds.csv", "spent.csv").replace("{user: string}", "{user: string, spent: number}")
    )
    report, _ = run(
        "{kind: amount, download: spent, label: spent, cutoff: 2024-07-01}",
        "{cutoff: 2024-07-01, population: purchases}",
        linear="ridge",
        features="{sets: [profile, shopping], select: permutation, derive: {targets: 1, arithmetic: 2}}",
    )
    assert report["kind"] == "regression"
    (part,) = report["head"]["parts"]
    assert part["board"]["ensemble"]["scores"]["spearman"] > 0.9
    assert part["selection"]["features"][0]["name"] == "profile__age"


def test_classes_are_run_to_chances_that_sum_to_one_and_a_list_for_each(project: Path, run: Run) -> None:
    report, printed = run(
        "{kind: class, event: purchases, of: product, classes: [beer, tea], where: price > 2, within: 14 days, "
        "cutoffs: {from: 2024-03-01, every: 14 days, count: 5}}",
        "{cutoff: 2024-07-01, population: purchases, shards: 2}",
        features="{sets: [profile, shopping], history: true}",
    )
    assert report["kind"] == "multiclass"
    assert "the likeliest class was right for" in printed
    (folder,) = (project / "workspace" / "runs").iterdir()
    users = pq.read_table(folder / "users.parquet").to_pandas()
    names = ["beer", "tea", "none"]
    assert list(users) == ["user_id", "rank", "score", "class", *(f"score_{name}" for name in names)]
    chances = users[[f"score_{name}" for name in names]]
    assert (abs(chances.sum(axis=1) - 1) < 1e-12).all()
    assert (chances.max(axis=1) == users["score"]).all()
    lists = pq.read_table(folder / "lists.parquet").to_pandas()
    assert lists["class"].unique().tolist() == names
    for name in names:
        one = lists[lists["class"] == name]
        assert one["rank"].tolist() == list(range(1, len(users) + 1))
        assert one["score"].is_monotonic_decreasing
        assert dict(zip(one["user_id"], one["score"], strict=True)) == dict(
            zip(users["user_id"], users[f"score_{name}"], strict=True)
        )
    assert {file.parent.name for file in folder.glob("model/*/bundle.json")} == {"0-beer", "1-tea", "2-none"}
    outcome = report["body"]["outcome"]
    assert isinstance(outcome, dict)
    assert outcome["macro_auc"] > 0.6
    assert outcome["log_loss"] < outcome["base_log_loss"]
