"""What the cells of ``many_cases.py`` say together: means over questions, and intervals over the users."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.metrics.scores import roc_auc

N_RESAMPLES = 200
NOISE = 0.05
"""Half of what an interval leaves out."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Scores and predictions of a question with some labels.

    Parameters
    ----------
    question, is_judged, labels, draw
        Which it is.
    scores
        AUC, average precision and log loss by arm.
    user_ids, answers
        Users at the test and what came of them.
    predicted
        Probabilities by arm.
    """

    question: str
    is_judged: bool
    labels: str
    draw: int
    scores: dict[str, dict[str, float]]
    user_ids: NDArray[np.str_]
    answers: NDArray[np.float64]
    predicted: dict[str, NDArray[np.float64]]


def read_cells(folder: Path) -> list[Cell]:
    """Read all cells of a log."""
    cells = []
    for file in sorted((folder / "cells").glob("*.json")):
        told = json.loads(file.read_text())
        with np.load(file.with_suffix(".npz")) as arrays:
            cells.append(
                Cell(
                    question=told["question"],
                    is_judged=told["judged"],
                    labels=told["labels"],
                    draw=told["draw"],
                    scores=told["arms"],
                    user_ids=arrays["user_ids"],
                    answers=arrays["labels"],
                    predicted={arm: arrays[arm] for arm in told["arms"]},
                )
            )
    return cells


def show_cells(log: str, cells: list[Cell]) -> None:
    """Print a table of a log for each half of the questions, then each question with all labels."""
    for is_judged, half in ((True, "judged"), (False, "for choosing")):
        some = [cell for cell in cells if cell.is_judged is is_judged]
        if some:
            print(f"\n{log}, questions {half}: {', '.join(sorted({cell.question for cell in some}))}")
            scores = "labels    questions refused  arm     AUC     AP  log loss"
            print(f"{scores}   AUC above alone (90 %)        better  worse beyond noise  worst")
        for labels in sorted(
            {cell.labels for cell in some}, key=lambda size: (size == "all", int(size.strip("al") or 0))
        ):
            _show_size([cell for cell in some if cell.labels == labels], labels)


def _show_size(cells: list[Cell], labels: str) -> None:
    fitted = [cell for cell in cells if cell.scores and (labels == "0" or "alone" in cell.scores)]
    names = {cell.question for cell in fitted}
    for arm in dict.fromkeys(arm for cell in fitted for arm in cell.scores):
        means = [np.mean([cell.scores[arm][metric] for cell in fitted]) for metric in ("auc", "ap", "log_loss")]
        line = f"{labels:9} {len(names):9} {len(cells) - len(fitted):7}  {arm:6} "
        line += f"{means[0]:.4f} {means[1]:.4f}   {means[2]:.4f}"
        if labels != "0" and arm != "alone":
            line += _compare({name: [cell for cell in fitted if cell.question == name] for name in sorted(names)}, arm)
        print(line)


def _compare(cells: dict[str, list[Cell]], arm: str) -> str:
    """Tell how an arm does beside the case alone, question by question and in the mean."""
    gaps = {name: _find_gap(own, arm) for name, own in cells.items()}
    n_better = sum(gap > 0 for gap in gaps.values())
    n_worse = sum(_resample(own, arm)[1] < 0 for own in cells.values())
    low, high = _resample([cell for own in cells.values() for cell in own], arm)
    worst = min(gaps, key=lambda name: gaps[name])
    mean = f"{np.mean(list(gaps.values())):+.4f} ({low:+.4f} to {high:+.4f})"
    return f"   {mean}   {n_better:2} of {len(cells):2}  {n_worse:17}  {worst} {gaps[worst]:+.4f}"


def _find_gap(cells: Iterable[Cell], arm: str) -> float:
    """Return by how much an arm's AUC is above that of the case alone, in the mean over draws."""
    return float(np.mean([cell.scores[arm]["auc"] - cell.scores["alone"]["auc"] for cell in cells]))


def _resample(cells: list[Cell], arm: str) -> NDArray[np.float64]:
    """Return the interval of the mean gap: the same users are drawn for all questions and for both arms."""
    users = np.unique(np.concatenate([cell.user_ids for cell in cells]))
    places = [np.searchsorted(users, cell.user_ids) for cell in cells]
    random, gaps = np.random.default_rng(0), []
    for _ in range(N_RESAMPLES):
        times = np.bincount(random.integers(0, len(users), len(users)), minlength=len(users))
        drawn = [
            _gap_of(cell, arm, np.repeat(np.arange(len(own)), times[own]))
            for cell, own in zip(cells, places, strict=True)
        ]
        gaps.append(np.mean([gap for gap in drawn if gap is not None]))
    return np.quantile(gaps, [NOISE, 1 - NOISE])


def _gap_of(cell: Cell, arm: str, rows: NDArray[np.intp]) -> float | None:
    """Return the gap of some users; None if all of them had the same answer."""
    answers = cell.answers[rows]
    if answers.min() == answers.max():
        return None
    return roc_auc(answers, cell.predicted[arm][rows]) - roc_auc(answers, cell.predicted["alone"][rows])
