"""What many cases cost as one run: 12 product categories together, one after the other, and each by itself.

    python benchmarks/many_run.py examples/complete_journey --models quick --transfer auto

Every figure begins with an empty workspace, but for "one after the other", where each case finds what those before it
have left, and "the 13th", which finds what the 12 have left. The processors are shared with whatever else is at work:
figures of one call are compared with each other only.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CATEGORIES = (
    "BEERS/ALES",
    "BAKED BREAD/BUNS/ROLLS",
    "BAG SNACKS",
    "CHEESE",
    "COFFEE",
    "COLD CEREAL",
    "EGGS",
    "FROZEN PIZZA",
    "ICE CREAM/MILK/SHERBTS",
    "SOUP",
    "TROPICAL FRUIT",
    "YOGURT",
    "CANDY - PACKAGED",
)
N_TOGETHER = 12


@dataclass(frozen=True, kw_only=True)
class Took:
    """Seconds of one call, until each case had its answer, and of each family of tasks; tasks run side by side."""

    seconds: float
    answered: tuple[float, ...]
    families: Counter[str]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, help="the example, with its data")
    parser.add_argument("--models", default="quick")
    parser.add_argument("--transfer", default="none", choices=("none", "auto"))
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "project"
        shutil.copytree(told.project, project, ignore=shutil.ignore_patterns("workspace"))
        names = write_cases(project, models=told.models, transfer=told.transfer)
        measure(project, names)


def write_cases(project: Path, *, models: str, transfer: str) -> list[str]:
    """Write a case for each category; return their names."""
    names = []
    for number, category in enumerate(CATEGORIES):
        names.append(f"category-{number}")
        lines = (
            "version: 1",
            "extends: _base.yaml",
            f"question: Which households will buy {category} in the next 28 days?",
            f"labels: {{where: \"product_category = '{category}'\"}}",
            "features: {sets: [households, shopping], history: true}",
            f"models: {models}",
            f"transfer: {transfer}",
        )
        (project / "cases" / f"{names[-1]}.yaml").write_text("\n".join(lines) + "\n")
    return names


def measure(project: Path, names: Sequence[str]) -> None:
    """Print what each way takes."""
    twelve, last = list(names[:N_TOGETHER]), names[N_TOGETHER]
    one = _run_anew(project, twelve[:1])
    _print_row("one case", one)
    print(f"{'12 x one case':<24}{one.seconds * N_TOGETHER:>9.1f} s")
    _empty(project)
    singles = [_run(project, [name]) for name in twelve]
    print(f"{'one after the other':<24}{sum(single.seconds for single in singles):>9.1f} s")
    together = _run_anew(project, twelve)
    _print_row("12 together", together)
    _print_row("the 13th", _run(project, [last]))
    print(f"{'together / one case':<24}{together.seconds / one.seconds:>9.1f}")


def _print_row(name: str, took: Took) -> None:
    print(f"{name:<24}{took.seconds:>9.1f} s; answers after {', '.join(f'{at:.0f}' for at in took.answered)} s")
    print("   ", ", ".join(f"{family} {seconds:.1f}" for family, seconds in took.families.most_common(9)), flush=True)


def _run_anew(project: Path, names: Sequence[str]) -> Took:
    _empty(project)
    return _run(project, names)


def _empty(project: Path) -> None:
    shutil.rmtree(project / "workspace", ignore_errors=True)


def _run(project: Path, names: Sequence[str]) -> Took:
    """Run cases by the program, and add up what it tells."""
    started = time.monotonic()
    command = [sys.executable, "-m", "yule", "run", *names, "--json"]
    done = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, text=True, check=True)
    seconds = time.monotonic() - started
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    families: Counter[str] = Counter()
    for event in events:
        if event["event"] == "finished":
            families[event["family"]] += event["seconds"]
    answered = tuple(event["seconds"] for event in events if event["event"] == "case")
    return Took(seconds=seconds, answered=answered, families=families)


if __name__ == "__main__":
    main()
