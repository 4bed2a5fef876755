"""Facts about runs over a table that grows by the day."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_up import write_made_up_project

from yule.config.cases import read_case
from yule.config.projects import read_project
from yule.core.errors import DataError
from yule.core.settings import from_json
from yule.downloads.costs.ledger import Entry, read_entries
from yule.downloads.specs import Budget, Fetching
from yule.pipeline.fetching import Goal, describe_fetching, preview_fetches
from yule.pipeline.graph import Tables, build_graph
from yule.runtime.plan import plan_tasks
from yule.storage.opening import open_store
from yule.storage.setup import configure

DAYS = "days: {since: 2024-01-01, late_days: 2}\n"


def run(project: Path) -> tuple[set[str], Path]:
    """Run the beer case; return what was done and the ranked list."""
    command = [sys.executable, "-m", "yule", "run", "--json", "beer"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (users,) = (project / "workspace" / "runs").glob("*/users.csv")
    return {str(event["text"]) for event in events if event["event"] == "finished"}, users


def fetched(project: Path) -> list[Entry]:
    """Return what was asked of the source of purchases."""
    entries = read_entries(open_store(str(project / "workspace")).objects)
    return [entry for entry in entries if entry.method == "purchases"]


@pytest.mark.slow
def test_days_give_the_answer_of_the_whole_table_and_next_month_only_the_new_ones(tmp_path: Path) -> None:
    whole = write_made_up_project(tmp_path / "whole")
    by_day = write_made_up_project(tmp_path / "days")
    with (by_day / "downloads" / "purchases.yaml").open("a") as file:
        file.write(DAYS)
    done, users = run(by_day)
    _, expected = run(whole)
    assert users.read_bytes() == expected.read_bytes()
    (entry,) = fetched(by_day)
    # The outcome of the scored users is known: their horizon ends fourteen days after the predict cut-off.
    assert (entry.since[:10], entry.until[:10], entry.columns) == ("2024-01-01", "2024-07-15", 4)
    (payer,) = entry.payers
    assert payer.case == "beer"
    assert payer.run.startswith("beer-")

    rerun = subprocess.run(
        [sys.executable, "-m", "yule", "rerun", "beer"], cwd=by_day, capture_output=True, text=True, check=False
    )
    assert rerun.returncode == 0, rerun.stdout + rerun.stderr
    assert len(fetched(by_day)) == 1

    case = by_day / "cases" / "beer.yaml"
    case.write_text(case.read_text().replace("count: 5", "count: 7").replace("2024-07-01", "2024-07-29"))
    shutil.rmtree(by_day / "workspace" / "runs")
    later, _ = run(by_day)
    assert [(entry.since[:10], entry.until[:10]) for entry in fetched(by_day)[1:]] == [("2024-07-15", "2024-08-12")]
    # Of the features, just those at the new cut-offs are computed.
    assert {text for text in done | later if text.startswith("features shopping")} == {
        f"features shopping at {day}"
        for day in (
            *("2024-03-01", "2024-03-15", "2024-03-29", "2024-04-12", "2024-04-26", "2024-05-10", "2024-05-24"),
            *("2024-07-01", "2024-07-29"),
        )
    }
    assert not {text for text in done & later if text.startswith("features shopping")}


@pytest.mark.slow
def test_a_run_of_days_that_were_fetched_anew_and_pruned_is_not_repeated_with_others(tmp_path: Path) -> None:
    project = write_made_up_project(tmp_path / "project")
    with (project / "downloads" / "purchases.yaml").open("a") as file:
        file.write(DAYS)
    run(project)
    (source,) = project.rglob("data/purchases.parquet")
    pq.write_table(pq.read_table(source).slice(1), source)

    def yule(*command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "yule", *command], cwd=project, capture_output=True, text=True, check=False
        )

    assert yule("downloads", "refresh", "purchases").returncode == 0
    assert yule("downloads", "prune", "--older-than", "0 days", "--delete").returncode == 0
    told = yule("rerun", "beer")
    assert told.returncode == 1
    assert "were fetched anew since: what they held for this run is gone." in told.stderr


def test_what_is_told_to_processes_does_not_grow_with_the_library(tmp_path: Path) -> None:
    folder = write_made_up_project(tmp_path / "project")
    written = (folder / "project.yaml").read_text()
    (folder / "project.yaml").write_text(written.replace("{shop:", "{attic: {kind: files, path: attic}, shop:"))
    for number in range(3):
        text = (folder / "downloads" / "profiles.yaml").read_text().replace("source: shop", "source: attic")
        text = text.replace("age: integer", "age: {type: integer, min: 0}")
        (folder / "downloads" / f"unused{number}.yaml").write_text(f"{text}max_bytes: 1 GB\n")
    project = read_project(folder, None, {})
    assert "unused2" in describe_fetching(project)
    configure(project.workspace, n_threads=1, fetching=describe_fetching(project))
    graph = build_graph(read_case(folder / "cases" / "beer.yaml", project, {}), Tables(project))
    told = describe_fetching(project, plan_tasks([graph.report]), [Goal(task=graph.report, payer=graph.payer)])
    assert "unused" not in told
    assert from_json(Fetching, told).sources == {"shop": project.sources["shop"]}


def test_what_costs_too_much_is_refused_before_anything_runs(tmp_path: Path) -> None:
    folder = write_made_up_project(tmp_path / "project")
    with (folder / "downloads" / "purchases.yaml").open("a") as file:
        file.write(DAYS)
    project = read_project(folder, None, {})
    configure(project.workspace, n_threads=1, fetching=describe_fetching(project))
    graph = build_graph(read_case(folder / "cases" / "beer.yaml", project, {}), Tables(project))
    goals, plan = [Goal(task=graph.report, payer=graph.payer)], plan_tasks([graph.report])
    profiles, purchases = preview_fetches(project, plan, goals)
    assert (profiles.n_days, purchases.n_days, purchases.n_kept_days) == (0, 196, 0)
    assert (purchases.since, purchases.until) == ("2024-01-01", "2024-07-15")
    with pytest.raises(DataError) as caught:
        preview_fetches(replace(project, budget=Budget(download=10)), plan, goals)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["profiles", "purchases"]
