"""What ``tables.py`` measured, as Markdown: each set's figures, mean ranks, gaps with their errors, speed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from tables_sets import PART, SETS, TARGET

from yule.metrics.scores import average_precision, neg_log_loss, roc_auc

Metric = Callable[[NDArray[np.float64], NDArray[np.float64]], float]
METRICS: dict[str, Metric] = {"AUC": roc_auc, "log loss": neg_log_loss, "AP": average_precision}
N_DRAWS = 200
LEAST = 1e-6
"""Scores are held this far from 0 and 1 for the log loss."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Scores of the test rows, (n_rows,), for each draw, with what else was measured."""

    scores: list[NDArray[np.float64]]
    figures: list[dict[str, object]]


def show(folder: Path, systems: Sequence[str], labels: Sequence[str], seconds: int) -> None:
    """Print what is there for all sets on which every system was measured."""
    for number in labels:
        found = {path.name: _read(path, systems, number, seconds) for path in sorted((folder / "cells").iterdir())}
        complete = {name: cells for name, cells in found.items() if len(cells) == len(systems)}
        if complete:
            _show(folder, systems, number, complete)
        left_out = sorted(set(found) - set(complete))
        if left_out:
            print(f"\nNot measured with every system, {number} labels: {', '.join(left_out)}")


def _show(folder: Path, systems: Sequence[str], number: str, found: dict[str, dict[str, Measured]]) -> None:
    for metric, measure in METRICS.items():
        print(f"\n### {metric}, {number} labels\n\n| set | {' | '.join(systems)} |\n|---|{'---|' * len(systems)}")
        rows = []
        for name, cells in found.items():
            labels = _labels(folder, name)
            rows.append([np.mean([measure(labels, each) for each in cells[system].scores]) for system in systems])
            print(f"| {name}{' (judged)' if _is_judged(name) else ''} | {_join(rows[-1])} |")
        ranks = np.array([_rank(row) for row in rows]).mean(axis=0)
        print(f"| **mean** | {_join(np.mean(rows, axis=0))} |")
        print(f"| **mean rank** | {' | '.join(f'{rank:.2f}' for rank in ranks)} |")
    _show_gaps(folder, systems, found)
    _show_speed(systems, found)


def _show_gaps(folder: Path, systems: Sequence[str], found: dict[str, dict[str, Measured]]) -> None:
    first, *others = systems
    print(f"\n### AUC of {first} less that of others, ± twice its standard error over test rows\n")
    print(f"| set | {' | '.join(others)} |\n|---|{'---|' * len(others)}")
    for name, cells in found.items():
        labels = _labels(folder, name)
        gaps = (_gap(labels, cells[first].scores, cells[other].scores) for other in others)
        print(f"| {name} | {' | '.join(f'{gap:+.4f} ± {2 * error:.4f}' for gap, error in gaps)} |")


def _show_speed(systems: Sequence[str], found: dict[str, dict[str, Measured]]) -> None:
    print("\n### Median over sets\n\n| system | CPU s to learn | rows scored per CPU s | per s | MiB | refused |")
    print("|---|---|---|---|---|---|")
    for system in systems:
        all_figures = [each for cells in found.values() for each in cells[system].figures]
        done = [each for each in all_figures if "refused" not in each]
        figures = [
            (f["fit"]["cpu"], f["rows"] / f["score"]["cpu"], f["rows"] / f["score"]["wall"], f["fit"]["memory"])
            for f in done
        ]
        medians = np.median(figures, axis=0) if figures else [float("nan")] * 4
        print(f"| {system} | {' | '.join(f'{each:,.0f}' for each in medians)} | {len(all_figures) - len(done)} |")


def _read(place: Path, systems: Sequence[str], labels: str, seconds: int) -> dict[str, Measured]:
    found = {}
    for system in systems:
        cells = [each / f"{system}-{seconds}" for each in sorted(place.glob(f"{labels}-*"))]
        cells = [cell for cell in cells if (cell / "figures.json").exists()]
        if cells:
            scores = [np.load(cell / "scores.npy") for cell in cells]
            found[system] = Measured(
                scores=scores, figures=[json.loads((cell / "figures.json").read_text()) for cell in cells]
            )
    return found


def _labels(folder: Path, name: str) -> NDArray[np.float64]:
    table = pq.read_table(folder / f"{name}.parquet", columns=[TARGET, PART])
    return table.filter(pc.equal(table[PART], "test"))[TARGET].to_numpy().astype(np.float64)


def _gap(
    labels: NDArray[np.float64], ours: list[NDArray[np.float64]], theirs: list[NDArray[np.float64]]
) -> tuple[float, float]:
    random = np.random.default_rng(0)
    gap = np.mean([roc_auc(labels, a) - roc_auc(labels, b) for a, b in zip(ours, theirs, strict=True)])
    drawn = []
    for _ in range(N_DRAWS):
        rows = random.integers(0, len(labels), len(labels))
        pairs = zip(ours, theirs, strict=True)
        drawn.append(np.mean([roc_auc(labels[rows], a[rows]) - roc_auc(labels[rows], b[rows]) for a, b in pairs]))
    return float(gap), float(np.std(drawn))


def _rank(values: Sequence[float]) -> NDArray[np.float64]:
    values = np.round(np.array(values), 5)
    return np.array([1 + (values > value).sum() + ((values == value).sum() - 1) / 2 for value in values])


def _join(values: Sequence[float] | NDArray[np.float64]) -> str:
    return " | ".join(f"{abs(value):.4f}" for value in values)


def _is_judged(name: str) -> bool:
    return name not in SETS or SETS[name].is_judged
