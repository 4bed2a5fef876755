"""Wall time of every step of the beer case, the walker's overhead, and the times of re-runs.

Runs the case in a copy of the example project with an empty workspace.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "complete-journey"


def run(project: Path, *cases: str) -> tuple[float, list[dict]]:
    command = [sys.executable, "-m", "yule", "run", "--json", *cases]
    started = time.perf_counter()
    printed = subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout
    return time.perf_counter() - started, [json.loads(line) for line in printed.splitlines()]


def finished(events: list[dict]) -> list[dict]:
    return [event for event in events if event["event"] == "finished"]


def change_one_member(project: Path) -> None:
    case = project / "cases" / "beer-buyers.yaml"
    members = "models: [{kind: lightgbm, num_leaves: 24}, {kind: logistic}, {kind: catboost}, {kind: mlp}]\n"
    kept = [line for line in case.read_text().splitlines(keepends=True) if not line.startswith("models:")]
    case.write_text("".join(kept) + members)


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "project"
        shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("workspace"))
        seconds, events = run(project, "beer-buyers")
        plan = events[0]
        by_family: dict[str, list[float]] = defaultdict(list)
        for event in finished(events):
            by_family[event["family"]].append(event["seconds"])
        print(f"{'step':<18}{'tasks':>6}{'sum s':>9}{'longest s':>11}")
        for family, times in by_family.items():
            print(f"{family:<18}{len(times):>6}{sum(times):>9.1f}{max(times):>11.1f}")
        total = sum(sum(times) for times in by_family.values())
        print(f"first run: {seconds:.1f} s wall; {total:.1f} s of tasks over {plan['n_workers']} workers")
        print(f"wall / (sum of tasks / workers) = {seconds / (total / plan['n_workers']):.3f}")
        seconds, events = run(project, "beer-buyers")
        print(f"unchanged: {seconds:.2f} s, {len(finished(events))} tasks")
        change_one_member(project)
        seconds, events = run(project, "beer-buyers")
        print(f"one member's setting changed: {seconds:.1f} s, {sorted(event['text'] for event in finished(events))}")
        seconds, events = run(project, "wine-buyers")
        computed = [event["text"] for event in finished(events) if event["family"] == "ComputeFeatures"]
        print(f"a second case: {seconds:.1f} s, {len(finished(events))} tasks, features computed: {computed}")


if __name__ == "__main__":
    main()
