"""Put the ids and the outputs of today on record: ``make golden``.

A finished run of each sort is kept for every version of Yule, and never changed: later versions must read it.
"""

import json
import shutil
import tempfile
from pathlib import Path

from golden_bundles import predict_made_up
from golden_fields import list_keyed_fields
from golden_outputs import read_outputs, write_json, write_outputs
from golden_projects import HERE, plan_ids, run_cases, write_example, write_golden_project

from yule import __version__

KEPT = ("survey", "budget", "segment")
"""Cases whose runs are kept: yes or no, amounts, classes."""


def main() -> None:
    """Run everything and write the records beside this file."""
    with tempfile.TemporaryDirectory() as scratch:
        golden = write_golden_project(Path(scratch) / "golden")
        example = write_example(Path(scratch) / "example")
        write_json(HERE / "fields.json", list_keyed_fields())
        write_json(HERE / "ids.json", {"golden": plan_ids(golden), "example": plan_ids(example)})
        run_cases(golden, n_cores=2, n_threads=1)
        shutil.rmtree(HERE / "texts", ignore_errors=True)
        write_outputs(read_outputs(golden), HERE)
        keep_runs(golden / "workspace" / "runs", HERE / "runs" / f"v{__version__}")


def keep_runs(runs: Path, place: Path) -> None:
    """Keep runs of this version, unless there are some."""
    if place.exists():
        return
    for case in KEPT:
        (run,) = runs.glob(f"{case}-*")
        shutil.copytree(run, place / run.name)
        predicted = json.dumps(predict_made_up(run / "model"), indent=1)
        (place / f"{run.name}.json").write_text(predicted + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
