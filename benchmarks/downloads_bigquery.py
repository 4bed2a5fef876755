"""The beer case from BigQuery and from files: are the features and the scores the same, byte by byte?

And next month: days fetched, seconds and bytes against a full fetch. Needs the example's data (``make demo``) and
bqemulator (``make setup-dev``), which it starts by itself. The emulator says 0 for the bytes that a query would read.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

TESTS = Path(__file__).parent.parent / "tests"
EXAMPLE = Path(__file__).parent.parent / "examples" / "complete-journey"
sys.path[:0] = [str(TESTS), str(TESTS / "downloads")]

from bigquery_emulator import serve_bigquery  # noqa: E402
from sources_toys import load_into_bigquery  # noqa: E402

YULE = [sys.executable, "-m", "yule"]


def copy_project(folder: Path, *, days: bool) -> Path:
    """Copy the example, with tables that grow by the day if wanted."""
    folder.mkdir()
    for name in ("cases", "downloads", "features", "data"):
        shutil.copytree(EXAMPLE / name, folder / name)
    shutil.copy(EXAMPLE / "project.yaml", folder)
    for name in ("purchases", "campaigns", "redemptions") if days else ():
        with (folder / "downloads" / f"{name}.yaml").open("a") as file:
            file.write("days: {since: 2016-11-01, late_days: 2}\n")
    return folder


def run(project: Path, *arguments: str) -> float:
    """Run the beer case; return the seconds."""
    started = time.perf_counter()
    subprocess.run([*YULE, "run", "beer-buyers", "--json", *arguments], cwd=project, check=True, capture_output=True)
    return time.perf_counter() - started


def list_features(project: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return the digests of all feature files, by feature set and cut-off."""
    found = {}
    for file in (project / "workspace" / "cache" / "ComputeFeatures").glob("*/task.json"):
        record = json.loads(file.read_text())
        name = json.loads(record["parameters"]["features"])["settings"]["name"]
        digests = {name: digest["sha256"] for name, digest in record["files"].items()}
        found[name, record["parameters"]["cutoff"][:10]] = digests
    return found


def read_cost(project: Path) -> list[dict[str, object]]:
    done = subprocess.run([*YULE, "downloads", "cost", "--json"], cwd=project, check=True, capture_output=True)
    return list(json.loads(done.stdout))


def compare(one: Path, other: Path) -> None:
    features = [list_features(project) for project in (one, other)]
    assert features[0].keys() <= features[1].keys()
    same = sum(features[0][key] == features[1][key] for key in features[0])
    print(f"feature files that are equal byte by byte: {same} of {len(features[0])}")
    lists = [next((project / "workspace" / "runs").glob("*/users.csv")).read_bytes() for project in (one, other)]
    print(f"ranked lists: {'equal byte by byte' if lists[0] == lists[1] else 'DIFFERENT'}")


def show_month(title: str, seconds: float, entries: list[dict[str, object]]) -> None:
    found = [entry for entry in entries if entry["method"] == "purchases"]
    rows = sum(int(str(entry["n_rows"])) for entry in found)
    kept = sum(int(str(entry["n_kept_bytes"])) for entry in found)
    took = sum(float(str(entry["seconds"])) for entry in found)
    periods = ", ".join(f"{str(entry['since'])[:10]} to {str(entry['until'])[:10]}" for entry in found)
    print(f"{title}: {periods}: {rows:,} rows, {kept:,} bytes kept, {took:.1f} s of a run of {seconds:.1f} s")


def move_a_month_on(project: Path) -> None:
    """Score four weeks later, with one label cut-off more."""
    base = project / "cases" / "_base.yaml"
    text = base.read_text()
    base.write_text(text.replace("count: 7", "count: 8").replace("2017-11-05", "2017-12-03"))
    shutil.rmtree(project / "workspace" / "runs")


def move_a_month_back(project: Path) -> None:
    base = project / "cases" / "_base.yaml"
    text = base.read_text()
    changed = text.replace("count: 8", "count: 7").replace("2017-12-03", "2017-11-05")
    assert changed != text
    base.write_text(changed)


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    os.environ["GOOGLE_CLOUD_PROJECT"] = "p"
    with tempfile.TemporaryDirectory() as folder, serve_bigquery():
        for file in sorted((EXAMPLE / "data").glob("*.parquet")):
            load_into_bigquery("complete_journey", file.stem, pq.read_table(file))
        files, warehouse = (copy_project(Path(folder) / name, days=False) for name in ("files", "warehouse"))
        print(f"from files: {run(files):.1f} s")
        print(f"from the emulator: {run(warehouse, '--profile', 'bigquery'):.1f} s")
        compare(files, warehouse)
        days = copy_project(Path(folder) / "days", days=True)
        move_a_month_back(days)
        show_month("first month", run(days, "--profile", "bigquery"), read_cost(days))
        before = len(read_cost(days))
        move_a_month_on(days)
        show_month("next month", run(days, "--profile", "bigquery"), read_cost(days)[before:])
        compare(files, days)


if __name__ == "__main__":
    main()
