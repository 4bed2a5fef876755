"""What a run on a cluster must do with tables of a warehouse: its pods fetch them, on the bill of the run."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from bigquery_emulator import Bills, Emulator, billing
from sites import KUBECONFIG, Site, make_site
from standin import start_cluster

from yule.downloads.costs.ledger import Entry, read_entries
from yule.storage.opening import open_store

sys.path += [str(Path(__file__).parent.parent / name) for name in ("pipeline", "downloads")]

BIGQUERY = "sources: {shop: {kind: bigquery, project: p, dataset: warehouse}}"
KEY = "a-long-key-of-the-warehouse-1234"


@pytest.fixture(scope="module")
def tables(bigquery: Emulator, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The tables of the made-up project in BigQuery."""
    from made_up import write_logs
    from sources_toys import load_into_bigquery

    folder = tmp_path_factory.mktemp("logs")
    write_logs(folder)
    load_into_bigquery("warehouse", "purchases", pq.read_table(folder / "purchases.parquet"))
    load_into_bigquery("warehouse", "profiles", pacsv.read_csv(folder / "profiles.csv"))


@pytest.fixture
def bills(bigquery: Emulator) -> Iterator[Bills]:
    """What BigQuery bills."""
    with billing(bigquery) as found:
        yield found


@pytest.fixture
def site(tmp_path: Path, tables: None, bills: Bills) -> Iterator[Site]:
    """A small project whose tables are in BigQuery, and a cluster."""
    from made_up import write_made_up_project

    if KUBECONFIG:
        pytest.skip("the emulator of BigQuery is on this machine alone")
    project = write_made_up_project(tmp_path / "project")
    change(project / "project.yaml", "sources: .*", BIGQUERY)
    change(project / "downloads" / "purchases.yaml", r"table: purchases\.parquet", "table: purchases")
    change(project / "downloads" / "profiles.yaml", r"table: profiles\.csv", "table: profiles")
    case = project / "cases" / "beer.yaml"
    change(case, r"sets: \[profile, shopping\]", "sets: [profile]")
    change(case, r"  - \{kind: lightgbm.*\n", "")
    with start_cluster(tmp_path / "cluster") as stand_in:
        yield make_site(project, stand_in.kubeconfig, stand_in)


def change(file: Path, pattern: str, text: str) -> None:
    """Write something else in the place of what matches, which must be there."""
    changed, n_changes = re.subn(pattern, lambda _: text, file.read_text())
    assert n_changes
    file.write_text(changed)


def entries(site: Site) -> list[Entry]:
    """Return what is in the ledger."""
    return list(read_entries(open_store(str(site.project / "workspace")).objects))


def test_pods_of_the_download_pool_fetch_them_and_the_run_pays(site: Site, bills: Bills) -> None:
    assert site.stand_in
    change(site.project / "project.yaml", "  pools:", "  steps: {download: steady}\n  pools:")
    bills.n_bytes = 123_000
    printed = site.yule("run", "beer", "--on", "kubernetes").stdout
    assert re.search(r"To fetch of profiles: the whole table; its source reads 123 kB", printed)
    jobs = [job["metadata"]["labels"] for job in site.stand_in.state.list("jobs")]
    assert {job["yule.dev/pool"] for job in jobs if job["yule.dev/step"] == "download"} == {"steady"}
    (run,) = {payer.run for entry in entries(site) for payer in entry.payers}
    paid = {entry.method: [payer.case for payer in entry.payers] for entry in entries(site)}
    assert paid == {"profiles": ["beer"], "purchases": ["beer"]}
    expected = [{"run": run, "case": "beer", "method": method} for method in ("profiles", "purchases")]
    assert sorted(bills.labels, key=lambda found: found["method"]) == expected


def test_a_run_over_its_budget_is_refused_before_anything_is_created(site: Site, bills: Bills) -> None:
    assert site.stand_in
    change(site.project / "project.yaml", "name: made-up", "name: made-up\nbudget: {run: 1 MB}")
    bills.n_bytes = 2 * 10**6
    refused = site.yule("run", "beer", "--on", "kubernetes", is_ok=False)
    assert refused.returncode == 1
    assert "profiles: refused, nothing was read." in refused.stderr
    assert "purchases: refused, nothing was read." in refused.stderr
    assert (site.stand_in.state.list("jobs"), entries(site)) == ([], [])


def test_pods_that_ask_at_once_do_not_overdraw_the_budget_of_the_run(site: Site, bills: Bills) -> None:
    change(site.project / "project.yaml", "name: made-up", "name: made-up\nbudget: {run: 1 MB}")
    bills.n_bytes = 600_000  # of two queries each is within the budget
    refused = site.yule("run", "beer", "--on", "kubernetes", is_ok=False)
    assert refused.returncode == 1
    assert "left of 1 MB for this run (beer-" in " ".join((refused.stdout + refused.stderr).split())
    assert [entry.n_bytes for entry in entries(site)] == [600_000]


def test_a_key_that_a_pod_lacks_is_named_and_one_that_it_gets_is_shown_nowhere(site: Site) -> None:
    assert site.stand_in
    change(site.project / "downloads" / "profiles.yaml", "town: string", "town: {type: string, pii: hash}")
    change(site.project / "features" / "profile.yaml", r"\Z", "columns: [age, town]\n")
    site.environment["YULE_PII_KEY"] = KEY
    refused = site.yule("run", "beer", "--on", "kubernetes", is_ok=False)
    assert "set the environment variable YULE_PII_KEY" in refused.stdout + refused.stderr
    assert "name it in `secrets` of `kubernetes:`" in " ".join((refused.stdout + refused.stderr).split())

    site.stand_in.nodes.secrets["warehouse"] = {"YULE_PII_KEY": KEY}
    change(site.project / "project.yaml", "  pools:", "  secrets: [warehouse]\n  pools:")
    printed = site.yule("run", "beer", "--on", "kubernetes", "--json")
    objects = [site.stand_in.state.list(kind) for kind in ("configmaps", "jobs", "pods", "events")]
    files = [file.read_bytes() for file in (site.project / "workspace").rglob("*") if file.is_file()]
    assert KEY not in json.dumps(objects) + printed.stdout + printed.stderr
    assert not any(KEY.encode() in content for content in files)
