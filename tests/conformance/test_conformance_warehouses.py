"""What a run on a cluster must do with tables of a warehouse: its pods fetch them, on the bill of the run."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from bigquery_emulator import Bills, Emulator, billing
from sites import KUBECONFIG, Run, Site, copy_project

from yule.downloads.costs.ledger import Entry, read_entries
from yule.storage.opening import open_store

sys.path.insert(0, str(Path(__file__).parent.parent / "downloads"))

KEY = "a-long-key-of-the-warehouse-1234"


@pytest.fixture(scope="module")
def made_up(bigquery: Emulator, made_up: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same small project with its tables in BigQuery."""
    from sources_toys import load_into_bigquery

    project = copy_project(made_up, tmp_path_factory.mktemp("warehouse") / "project")
    load_into_bigquery("warehouse", "purchases", pq.read_table(project / "data" / "purchases.parquet"))
    load_into_bigquery("warehouse", "profiles", pacsv.read_csv(project / "data" / "profiles.csv"))
    change(project / "project.yaml", "{kind: files, path: data}", "{kind: bigquery, project: p, dataset: warehouse}")
    change(project / "downloads" / "purchases.yaml", r"purchases\.parquet", "purchases")
    change(project / "downloads" / "profiles.yaml", r"profiles\.csv", "profiles")
    return project


@pytest.fixture(autouse=True)
def bills(bigquery: Emulator) -> Iterator[Bills]:
    """What BigQuery bills; begun before the site, whose commands and pods take its address from this process."""
    if KUBECONFIG:
        pytest.skip("the emulator of BigQuery is on this machine alone")
    with billing(bigquery) as found:
        yield found


def change(file: Path, pattern: str, text: str) -> None:
    """Write something else in the place of what matches, which must be there."""
    changed, n_changes = re.subn(pattern, lambda _: text, file.read_text())
    assert n_changes
    file.write_text(changed)


def entries(site: Site) -> list[Entry]:
    """Return what is in the ledger."""
    return list(read_entries(open_store(str(site.project / "workspace")).objects))


def everything(run: Run) -> str:
    """Return all that a command printed, in one line."""
    return " ".join((run.printed + run.said).split())


def test_pods_of_the_download_pool_fetch_them_and_the_run_pays(site: Site, bills: Bills) -> None:
    site.change("^  pools:", "  steps: {download: steady}\n  pools:")
    bills.n_bytes = 123_000
    said = site.yule("run", "beer", "--on", "kubernetes").said
    assert "To fetch of profiles: the whole table; its source reads 123 kB." in said
    jobs = [job["metadata"]["labels"] for job in site.find("jobs", "work")]
    assert {job["yule.dev/pool"] for job in jobs if job["yule.dev/step"] == "download"} == {"steady"}
    (run,) = {payer.run for entry in entries(site) for payer in entry.payers}
    paid = {entry.method: [payer.case for payer in entry.payers] for entry in entries(site)}
    assert paid == {"profiles": ["beer"], "purchases": ["beer"]}
    expected = [{"run": run, "case": "beer", "method": method} for method in ("profiles", "purchases")]
    assert sorted(bills.labels, key=lambda found: found["method"]) == expected


def test_a_run_over_its_budget_is_refused_before_anything_is_created(site: Site, bills: Bills) -> None:
    site.change("^workspace:", "budget: {run: 1 MB}\nworkspace:")
    bills.n_bytes = 2 * 10**6
    refused = site.yule("run", "beer", "--on", "kubernetes", is_ok=False)
    assert refused.code == 1
    assert "profiles: refused, nothing was read." in refused.said
    assert "purchases: refused, nothing was read." in refused.said
    assert (site.objects(), entries(site)) == ([], [])


def test_pods_that_ask_at_once_do_not_overdraw_the_budget_of_the_run(site: Site, bills: Bills) -> None:
    site.change("^workspace:", "budget: {run: 1 MB}\nworkspace:")
    bills.n_bytes = 600_000  # of two queries each is within the budget
    refused = site.yule("run", "beer", "--on", "kubernetes", is_ok=False)
    assert refused.code == 1
    assert "left of 1 MB for this run (beer-" in everything(refused)
    assert [entry.n_bytes for entry in entries(site)] == [600_000]


def test_a_key_that_a_pod_lacks_is_named_and_one_that_it_gets_is_shown_nowhere(site: Site) -> None:
    assert site.stand_in
    change(site.project / "downloads" / "profiles.yaml", "town: string", "town: {type: string, pii: hash}")
    change(site.project / "features" / "profile.yaml", r"\Z", "columns: [age, town]\n")
    site = replace(site, environment={**site.environment, "YULE_PII_KEY": KEY})
    refused = everything(site.yule("run", "beer", "--on", "kubernetes", is_ok=False))
    assert "set the environment variable YULE_PII_KEY" in refused
    assert "name it in `secrets` of `kubernetes:`" in refused

    assert site.stand_in
    site.stand_in.nodes.secrets["warehouse"] = {"YULE_PII_KEY": KEY}
    site.change(r"^  secrets: \[\]", "  secrets: [warehouse]")
    printed = everything(site.yule("run", "beer", "--on", "kubernetes", "--json"))
    objects = [site.stand_in.state.list(kind) for kind in ("configmaps", "jobs", "pods", "events")]
    files = [file.read_bytes() for file in (site.project / "workspace").rglob("*") if file.is_file()]
    assert KEY not in json.dumps(objects) + printed
    assert not any(KEY.encode() in content for content in files)
