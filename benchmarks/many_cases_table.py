"""What the members of ``many_cases.py`` are worth together: blends, means over questions, intervals over the users."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from features_quality import score
from many_cases_logs import Question
from numpy.typing import NDArray

from yule.config.cases import Case
from yule.ensemble.blend import blend
from yule.ensemble.log_odds import probabilities_of, weighted_mean

_QUICK = ("lightgbm", "logistic")
_STANDARD = (*_QUICK, "catboost")
_OTHERS = ("pooled", "refined")
ARMS: Mapping[str, tuple[str, ...]] = {
    "alone": _QUICK,
    "+ pooled": (*_QUICK, "pooled"),
    "+ refined": (*_QUICK, "refined"),
    "+ multitask": (*_QUICK, "multitask"),
    "transfer": (*_QUICK, *_OTHERS),
    "all": (*_QUICK, *_OTHERS, "multitask"),
    "standard": _STANDARD,
    "standard, transfer": (*_STANDARD, *_OTHERS),
    "only pooled": ("pooled",),
    "only refined": ("refined",),
    "only multitask": ("multitask",),
    "plain": ("plain",),
}
"""Members of each arm; one alone counts as it is."""
UNASKED = "both"
"""With no label: the mean of those that learn from other questions."""

N_RESAMPLES = 300
NOISE = 0.05
"""Half of what an interval leaves out."""
HALVES = {True: "judged", False: "for choosing"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What the arms say with some labels of a question.

    Parameters
    ----------
    question
        Which it is.
    labels, draw
        Number of labels, and of the draw.
    user_ids, answers
        Users at the test and what came of them.
    predicted
        Probabilities by arm; none where Yule refuses.
    """

    question: Question
    labels: str
    draw: int
    user_ids: NDArray[np.str_]
    answers: NDArray[np.float64]
    predicted: dict[str, NDArray[np.float64]]

    @cached_property
    def scores(self) -> dict[str, NDArray[np.float64]]:
        """AUC, average precision and log loss by arm."""
        return {arm: score(self.answers, predicted) for arm, predicted in self.predicted.items()}


def read_cells(folder: Path, questions: Sequence[Question], case: Case) -> list[Cell]:
    """Read all cells of a log, and blend the members that are there as a case does."""
    cells = []
    for question in questions:
        own = folder / "cells" / question.name
        if not (own / "tested.npz").exists():
            continue
        with np.load(own / "tested.npz") as tested:
            user_ids, answers = tested["user_ids"], tested["labels"]
        for place in sorted(path for path in own.iterdir() if path.is_dir()):
            labels, draw = place.name.split("-")
            cells.append(
                Cell(
                    question=question,
                    labels=labels,
                    draw=int(draw),
                    user_ids=user_ids,
                    answers=answers,
                    predicted={} if (place / "refused.txt").exists() else _predict_arms(place, case),
                )
            )
    return cells


def _predict_arms(place: Path, case: Case) -> dict[str, NDArray[np.float64]]:
    """Return the probabilities of the arms whose members are there; members that are left out count for none."""
    members = {}
    for file in place.glob("*.npz"):
        if file.stem != "labelled":
            with np.load(file) as arrays:
                members[file.stem] = (arrays["oof"], arrays["tested"])
    if not (place / "labelled.npz").exists():
        arms = {f"only {name}": probabilities_of(tested) for name, (_, tested) in members.items()}
        if set(_OTHERS) <= set(members):
            arms[UNASKED] = probabilities_of(np.mean([members[name][1] for name in _OTHERS], axis=0))
        return arms
    with np.load(place / "labelled.npz") as labelled:
        labels, folds = labelled["labels"], labelled["folds"]
    arms = {}
    for arm, names in ARMS.items():
        if not set(names) <= set(members):
            continue
        there = [name for name in names if len(members[name][1])]
        if len(names) == 1 and there:
            arms[arm] = probabilities_of(members[there[0]][1])
        elif there:
            oof, tested = zip(*(members[name] for name in there), strict=True)
            elsewhere = [number for number, name in enumerate(there) if name not in _STANDARD]
            ensemble = blend(np.column_stack(oof), labels, folds, case.ensemble, transferred=elsewhere)
            arms[arm] = ensemble.calibrator.apply(weighted_mean(tested, ensemble.weights))
    return arms


def show_cells(log: str, cells: Sequence[Cell]) -> None:
    """Print a table of a log for each half of the questions, then each question with all labels."""
    resamples = Resamples(cells)
    for is_judged, half in HALVES.items():
        some = [cell for cell in cells if cell.question.is_judged is is_judged]
        if some:
            names = sorted({cell.question.name for cell in some})
            print(f"\n{log}, {len(names)} questions {half}: {', '.join(names)}")
            print(f"{'labels':>7} {'arm':19}{'cells':>5}   AUC     AP  log loss   AUC above alone (90 %)      ", end="")
            print("better  better/worse beyond noise  worst")
            for labels in _sort_sizes({cell.labels for cell in some}):
                _show_size([cell for cell in some if cell.labels == labels], labels, resamples)
            _show_unasked(some, resamples)
    _show_questions([cell for cell in cells if cell.labels == "all"], resamples)


class Resamples:
    """The same users are drawn for all questions of a log and for all arms."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._users = np.unique(np.concatenate([cell.user_ids for cell in cells]))
        random, n_users = np.random.default_rng(0), len(self._users)
        drawn = random.integers(0, n_users, (N_RESAMPLES, n_users))
        self._times = np.array([np.bincount(rows, minlength=n_users) for rows in drawn], dtype=np.float32)
        self._known: dict[tuple[str, str, int, str], NDArray[np.float64]] = {}

    def measure(self, cell: Cell, arm: str) -> NDArray[np.float64]:
        """Return the AUC of an arm for each resample, (n_resamples,); NaN where all drawn had the same answer."""
        key = (cell.question.name, cell.labels, cell.draw, arm)
        if key not in self._known:
            times = self._times[:, np.searchsorted(self._users, cell.user_ids)]
            self._known[key] = measure_weighted(cell.answers, cell.predicted[arm], times)
        return self._known[key]


def measure_weighted(
    answers: NDArray[np.float64], predicted: NDArray[np.float64], times: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the AUC for each way to count users, (n_ways,).

    >>> measure_weighted(np.array([0.0, 1, 1]), np.array([0.1, 0.1, 0.7]), np.ones((1, 3), np.float32))
    array([0.75])
    """
    order = np.argsort(predicted)
    starts = np.flatnonzero(np.diff(predicted[order], prepend=-1.0))
    yes, no = (
        np.add.reduceat(times[:, order] * of_kind[order], starts, axis=1, dtype=np.float64)
        for of_kind in (answers, 1 - answers)
    )
    below = np.cumsum(no, axis=1) - no / 2
    pairs = yes.sum(axis=1) * no.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return (yes * below).sum(axis=1) / pairs


def _sort_sizes(sizes: Iterable[str]) -> list[str]:
    return sorted(sizes, key=lambda size: (size == "all", int(size.strip("al") or 0)))


def _show_size(cells: Sequence[Cell], labels: str, resamples: Resamples) -> None:
    n_refused = sum(not cell.predicted for cell in cells)
    if n_refused:
        print(f"{labels:>7} {'refused':19}{n_refused:5}")
    for arm in (*ARMS, UNASKED):
        fitted = [cell for cell in cells if arm in cell.predicted and (labels == "0" or "alone" in cell.predicted)]
        if not fitted:
            continue
        auc, precision, loss = np.mean([cell.scores[arm] for cell in fitted], axis=0)
        line = f"{labels:>7} {arm:19}{len(fitted):5}  {auc:.4f} {precision:.4f}  {loss:.4f}"
        if labels != "0" and arm != "alone":
            pairs = {}
            for cell in fitted:
                pairs.setdefault(cell.question.name, []).append((cell, arm, cell, "alone"))
            line += _compare(pairs, resamples)
        print(line, flush=True)


_Pair = tuple[Cell, str, Cell, str]
"""A cell with an arm, and what it is compared with."""


def _show_unasked(cells: Sequence[Cell], resamples: Resamples) -> None:
    """Print how the answers without a label compare with the case alone and some."""
    unasked = {cell.question.name: cell for cell in cells if cell.labels == "0"}
    for labels in _sort_sizes({cell.labels for cell in cells} - {"0"}):
        fitted = [
            cell
            for cell in cells
            if cell.labels == labels and "alone" in cell.predicted and cell.question.name in unasked
        ]
        for arm in ("only pooled", UNASKED):
            pairs: dict[str, list[_Pair]] = {}
            for cell in fitted:
                known = unasked[cell.question.name]
                if arm in known.predicted:
                    pairs.setdefault(cell.question.name, []).append((known, arm, cell, "alone"))
            if pairs:
                print(f"no label, {arm:11}, against alone with {labels:>4}:{_compare(pairs, resamples)}", flush=True)


def _show_questions(cells: Sequence[Cell], resamples: Resamples) -> None:
    """Print the gap of each question."""
    for cell in sorted(cells, key=lambda cell: (not cell.question.is_judged, cell.question.name)):
        if "transfer" in cell.predicted:
            gap = cell.scores["transfer"][0] - cell.scores["alone"][0]
            low, high = _interval([(cell, "transfer", cell, "alone")], resamples)
            print(
                f"{cell.question.name:32} {HALVES[cell.question.is_judged]:12} {int(cell.answers.sum()):5} of "
                f"{len(cell.answers):5}  alone {cell.scores['alone'][0]:.4f}  transfer {gap:+.4f} "
                f"({low:+.4f} to {high:+.4f})"
            )


def _compare(pairs: Mapping[str, Sequence[_Pair]], resamples: Resamples) -> str:
    """Tell how an arm does beside another, question by question and in the mean."""
    gaps = {name: float(np.mean([_gap_of(pair) for pair in own])) for name, own in pairs.items()}
    intervals = [_interval(own, resamples) for own in pairs.values()]
    low, high = _interval([pair for own in pairs.values() for pair in own], resamples)
    worst = min(gaps, key=lambda name: gaps[name])
    mean = f"{np.mean(list(gaps.values())):+.4f} ({low:+.4f} to {high:+.4f})"
    better, worse = sum(low > 0 for low, _ in intervals), sum(high < 0 for _, high in intervals)
    n_better = sum(gap > 0 for gap in gaps.values())
    return f"   {mean}   {n_better:2} of {len(gaps):2}  {better:8} / {worse:2}   {worst} {gaps[worst]:+.4f}"


def _gap_of(pair: _Pair) -> float:
    cell, arm, other, base = pair
    return float(cell.scores[arm][0] - other.scores[base][0])


def _interval(pairs: Sequence[_Pair], resamples: Resamples) -> NDArray[np.float64]:
    """Return the interval of the mean gap; each question counts as much, whatever its draws."""
    of_question: dict[str, list[NDArray[np.float64]]] = {}
    for cell, arm, other, base in pairs:
        gap = resamples.measure(cell, arm) - resamples.measure(other, base)
        of_question.setdefault(cell.question.name, []).append(gap)
    means = [np.nanmean(gaps, axis=0) for gaps in of_question.values()]
    return np.nanquantile(np.nanmean(means, axis=0), [NOISE, 1 - NOISE])
