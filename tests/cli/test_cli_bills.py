"""Facts about the bill: whatever command fetches a table, the ledger tells the run and the case it was for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from yule.config.cases import read_case
from yule.config.projects import read_project
from yule.downloads.costs.ledger import Entry, read_entries
from yule.downloads.specs import Payer
from yule.pipeline.fetching import describe_fetching
from yule.pipeline.graph import Tables, build_graph
from yule.storage.opening import open_store
from yule.storage.setup import configure

LIGHT = ("  - {kind: lightgbm, max_trees: 30}\n", "")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two cases that share a table, and one more table that only the second reads."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))
    from made_up import write_made_up_project

    made = write_made_up_project(tmp_path / "project")
    beer = (made / "cases" / "beer.yaml").read_text().replace(*LIGHT)
    (made / "cases" / "beer.yaml").write_text(beer.replace("sets: [profile, shopping]", "sets: [shopping]"))
    (made / "cases" / "tea.yaml").write_text(beer.replace("BEER", "TEA").replace("beer", "tea"))
    return made


def yule(project: Path, *arguments: str) -> str:
    """Run a command and return what it printed."""
    command = [sys.executable, "-m", "yule", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def entries(project: Path) -> list[Entry]:
    """Return what is in the ledger."""
    return list(read_entries(open_store(str(project / "workspace")).objects))


def bills(project: Path) -> dict[str, list[tuple[str, ...]]]:
    """Return the cases that paid, by method; each must have paid as its own run."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for entry in entries(project):
        assert all(payer.run.startswith(f"{payer.case}-") for payer in entry.payers)
        found.setdefault(entry.method, []).append(tuple(payer.case for payer in entry.payers))
    return found


def run_to_come(project: Path) -> str:
    """Return the id of the run that `yule run beer` would begin."""
    found = read_project(project, None, {})
    configure(found.workspace, n_threads=1, fetching=describe_fetching(found))
    return build_graph(read_case(project / "cases" / "beer.yaml", found, {}), Tables(found)).run_id


@pytest.mark.parametrize("command", [["plan", "--labels"], ["check", "--data"]])
def test_looking_at_the_data_is_billed_to_the_run_to_come(project: Path, command: list[str]) -> None:
    yule(project, *command, "beer")
    (payer,) = {payer for entry in entries(project) for payer in entry.payers}
    assert bills(project)["purchases"] == [("beer",)]
    assert payer == Payer(run=run_to_come(project), case="beer")


def test_cases_that_run_at_once_share_the_bill_of_the_tables_that_both_read(project: Path) -> None:
    yule(project, "run", "beer", "tea")
    assert bills(project) == {"profiles": [("tea",)], "purchases": [("beer", "tea")]}
    (shared,) = [entry for entry in entries(project) if entry.method == "purchases"]
    assert sum(part for _, part in shared.divide()) == shared.n_bytes
    printed = yule(project, "downloads", "cost")
    assert "1 of the queries were for several runs" in printed
    rows = [line.split() for line in printed.splitlines()]
    assert [(row[1], row[2][:4], row[3]) for row in rows if len(row) == 6 and row[1] in ("beer", "tea")] == [
        ("beer", "beer", "1"),
        ("tea", "tea-", "2"),
    ]


@pytest.mark.slow
def test_predictions_and_repetitions_are_billed_to_their_run(project: Path) -> None:
    yule(project, "run", "beer")
    (first,) = entries(project)
    purchases = project / "data" / "purchases.parquet"
    before = purchases.read_bytes()
    pq.write_table(pq.read_table(purchases).slice(1), purchases)
    yule(project, "predict", "beer", "--cutoff", "2024-07-15")
    (second,) = entries(project)[1:]
    assert second.payers == first.payers == (Payer(run=first.payers[0].run, case="beer"),)

    purchases.write_bytes(before)
    shutil.rmtree(project / "workspace" / "cache" / "DownloadTable")
    yule(project, "rerun", "beer")
    (third,) = entries(project)[2:]
    assert third.payers == first.payers
