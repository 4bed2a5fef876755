"""What many cases cost as one run: product categories together, one after the other, and each by itself.

    python benchmarks/many_run.py examples/complete_journey --models quick --transfer auto

Every figure begins with an empty workspace, but for "one after the other", where each case finds what those before it
have left, and "one more", which finds what those together have left. Besides seconds on the clock those of work, of all
processors, are told, since a machine has other things to do.
"""

import argparse
import json
import resource
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


@dataclass(frozen=True, kw_only=True)
class Took:
    """What a call took: on the clock, of work, until each case had its answer, and for each family of tasks."""

    seconds: float
    work: float
    answered: tuple[float, ...]
    families: Counter[str]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, help="the example, with its data")
    parser.add_argument("--models", default="quick")
    parser.add_argument("--transfer", default="none", choices=("none", "auto"))
    parser.add_argument("--cases", type=int, default=12, choices=range(2, len(CATEGORIES)), metavar="N")
    parser.add_argument("--singles", type=int, metavar="N", help="run N of them one after the other, not all")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "project"
        shutil.copytree(told.project, project, ignore=shutil.ignore_patterns("workspace"))
        names = write_cases(project, models=told.models, transfer=told.transfer)
        measure(project, names[: told.cases + 1], n_singles=told.singles or told.cases)


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


def measure(project: Path, names: Sequence[str], *, n_singles: int) -> None:
    """Print what each way takes: the last case is the one more."""
    *several, last = names
    one = _run_anew(project, several[:1])
    _print_row("one case", one)
    together = _run_anew(project, several)
    _print_row(f"{len(several)} together", together)
    ratios = together.seconds / one.seconds, together.work / one.work
    print(f"    {ratios[0]:.1f} x one case on the clock, {ratios[1]:.1f} x in work")
    _print_row("one more", _run(project, [last]))
    _empty(project)
    singles = [_run(project, [name]) for name in several[:n_singles]]
    seconds, work = sum(single.seconds for single in singles), sum(single.work for single in singles)
    print(f"{f'{n_singles} one after the other':<24}{seconds:>9.1f} s, work {work:.1f} s; of the last:")
    _print_row(several[n_singles - 1], singles[-1])


def _print_row(name: str, took: Took) -> None:
    answered = ", ".join(f"{at:.0f}" for at in took.answered)
    print(f"{name:<24}{took.seconds:>9.1f} s, work {took.work:.1f} s; answers after {answered} s")
    print("   ", ", ".join(f"{family} {seconds:.1f}" for family, seconds in took.families.most_common(9)), flush=True)


def _run_anew(project: Path, names: Sequence[str]) -> Took:
    _empty(project)
    return _run(project, names)


def _empty(project: Path) -> None:
    shutil.rmtree(project / "workspace", ignore_errors=True)


def _run(project: Path, names: Sequence[str]) -> Took:
    """Run cases by the program, and add up what it tells."""
    started, work = time.monotonic(), _measure_work()
    command = [sys.executable, "-m", "yule", "run", *names, "--json"]
    done = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, text=True, check=True)
    seconds = time.monotonic() - started
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    families: Counter[str] = Counter()
    for event in events:
        if event["event"] == "finished":
            families[event["family"]] += event["seconds"]
    answered = tuple(event["seconds"] for event in events if event["event"] == "case")
    return Took(seconds=seconds, work=_measure_work() - work, answered=answered, families=families)


def _measure_work() -> float:
    """Return the seconds that processors were at work on all that was called before."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
