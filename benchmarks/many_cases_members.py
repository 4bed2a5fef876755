"""What ``many_cases.py`` keeps: of each question, number of labels and draw every member's predictions, in files.

    cells/QUESTION/tested.npz              users at the test and what came of them
    cells/QUESTION/LABELS-DRAW/
        labelled.npz                       users who are predicted out of fold: ids, cut-offs, labels and folds
        MEMBER.npz                         predictions for them, and log-odds at the test; empty where it is left out
        refused.txt                        why Yule has no answer, in place of all of these

A member is fitted once, whatever it is blended with later.
"""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import lightgbm
import numpy as np
from features_quality import PLAIN, as_matrix
from numpy.typing import NDArray

from yule.config.cases import Case
from yule.core.dataset import Features, Labelled
from yule.core.errors import DataError
from yule.core.examples import Examples
from yule.core.seeds import derive_seed
from yule.core.tracker import SilentTracker
from yule.ensemble.log_odds import log_odds
from yule.models.members import MemberSettings, take_up
from yule.models.protocol import FitContext, Model
from yule.preparation.preparation import Preparation, fit_preparation, prepare, prepare_training
from yule.training.fitting import fit_fold
from yule.training.folds import FoldRows, Folds, assign_folds, split_fold
from yule.training.members import decide_members, measure_size
from yule.training.portfolios import portfolio
from yule.training.prepared import Prepared

PLAIN_NAME = "plain"
N_ROUNDS = 3000


@dataclass(frozen=True, kw_only=True)
class Known:
    """A question with its features, its answers and what other questions teach about it.

    Parameters
    ----------
    case
        The case.
    examples, features
        Labelled users at the cut-offs before the test.
    tested, seen
        Users at the test, with what came of them, and their features.
    roles
        What the models of other questions see.
    models
        These models by name of the member, one for each fold.
    """

    case: Case
    examples: Examples
    features: Features
    tested: Examples
    seen: Features
    roles: Preparation
    models: dict[str, list[Model]]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Some labels of a question.

    Parameters
    ----------
    known
        The question.
    examples, features
        Users whose labels are known.
    folds
        How they are divided.
    draw
        Number of the draw, and seed.
    """

    known: Known
    examples: Examples
    features: Features
    folds: Folds
    draw: int

    @cached_property
    def parts(self) -> list[FoldRows]:
        """Rows of each fold."""
        return [split_fold(self.examples, self.folds, fold) for fold in range(self.folds.n_folds)]

    @cached_property
    def judged(self) -> NDArray[np.intp]:
        """Rows that are held out in some fold, ascending."""
        return np.sort(np.concatenate([part.held_out for part in self.parts]))

    @cached_property
    def prepared(self) -> list[tuple[Prepared, Features]]:
        """What members of each fold see of labelled users, and of those at the test."""
        return [self._prepare(fold) for fold in range(self.folds.n_folds)]

    def _prepare(self, fold: int) -> tuple[Prepared, Features]:
        rows = self.parts[fold]
        preparation, _ = fit_preparation(
            self.known.case.preparation,
            self.examples,
            self.features,
            train=rows.train,
            stop=rows.stop,
            horizon=self.known.case.labels.horizon,
            seed=derive_seed(self.draw, "prepare", fold),
            n_threads=1,
        )
        learned = [
            prepare_training(preparation, self.features.take(part), self.examples.user_ids[part])
            for part in (rows.train, rows.stop)
        ]
        together = join_features([*learned, prepare(preparation, self.features.take(rows.held_out))])
        prepared = Prepared(features=together, rows=np.concatenate([rows.train, rows.stop, rows.held_out]))
        return prepared, prepare(preparation, self.known.seen)


def keep_tested(known: Known, folder: Path) -> None:
    """Write the users at the test."""
    folder.mkdir(parents=True, exist_ok=True)
    _save(folder / "tested.npz", user_ids=known.tested.user_ids.astype(str), labels=known.tested.labels)


def find_missing(folder: Path, members: Sequence[str]) -> list[str]:
    """Return the members whose predictions are not there; none where Yule has refused."""
    if (folder / "refused.txt").exists():
        return []
    return [member for member in members if not (folder / f"{member}.npz").exists()]


def measure_cell(known: Known, n_labels: int | None, draw: int, *, folder: Path, members: Sequence[str]) -> None:
    """Fit members and write what they predict.

    Parameters
    ----------
    known
        The question.
    n_labels
        Users of the last cut-off whose labels are known; None for all users of all cut-offs.
    draw
        Number of the draw.
    folder
        That of the cell.
    members
        Names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if n_labels == 0:
        for member in set(members) & set(known.models):
            tested = np.mean(list(_predict_unasked(known, known.models[member])), axis=0)
            _save(folder / f"{member}.npz", oof=np.empty(0), tested=tested, seconds=0.0)
        return
    examples, features = _take_labels(known, n_labels, draw)
    try:
        folds = assign_folds(examples, known.case.folds, horizon=known.case.labels.horizon)
    except DataError as error:
        (folder / "refused.txt").write_text(str(error))
        return
    cell = Cell(known=known, examples=examples, features=features, folds=folds, draw=draw)
    _save(
        folder / "labelled.npz",
        user_ids=examples.user_ids[cell.judged].astype(str),
        cutoffs=examples.cutoffs[cell.judged],
        labels=examples.labels[cell.judged],
        folds=folds.fold[cell.judged],
    )
    for member in members:
        started = time.process_time()
        oof, tested = _fit_member(cell, member)
        _save(folder / f"{member}.npz", oof=oof, tested=tested, seconds=time.process_time() - started)


def join_features(parts: Sequence[Features]) -> Features:
    """Put features below each other."""
    first = parts[0]
    return Features(
        numeric=np.concatenate([part.numeric for part in parts]),
        codes=np.concatenate([part.codes for part in parts]),
        numeric_names=first.numeric_names,
        categorical_names=first.categorical_names,
        vocabularies=first.vocabularies,
        meanings=first.meanings,
    )


def _take_labels(known: Known, n_labels: int | None, draw: int) -> tuple[Examples, Features]:
    if n_labels is None:
        return known.examples, known.features
    latest = np.flatnonzero(known.examples.cutoffs == known.examples.cutoffs.max())
    rows = np.sort(np.random.default_rng(draw).permutation(latest)[:n_labels])
    return known.examples.take(rows), known.features.take(rows)


def _fit_member(cell: Cell, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return out-of-fold predictions (n_judged,) and log-odds at the test (n_tested,); both empty if it is left out."""
    if name == PLAIN_NAME:
        fits = _fit_plain(cell)
    elif name in cell.known.models:
        fits = _take_up_each(cell, cell.known.models[name])
    else:
        (member,) = (member for member in portfolio("standard") if member.name == name)
        size = measure_size(cell.examples, n_features=len(cell.features.names))
        if not decide_members([member], size)[0].is_kept:
            return np.empty(0), np.empty(0)
        fits = _fit_each(cell, member)
    oof, tested = zip(*fits, strict=True)
    order = np.argsort(np.concatenate([part.held_out for part in cell.parts]))
    return np.concatenate(oof)[order], np.mean(tested, axis=0)


_Fits = Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Of each fold, predictions for those held out and log-odds of those at the test."""


def _fit_each(cell: Cell, member: MemberSettings) -> _Fits:
    for fold, (prepared, seen) in enumerate(cell.prepared):
        seed = derive_seed(cell.draw, "fit", member.name, fold)
        context = FitContext(seed=seed, n_threads=1, tracker=SilentTracker())
        fit = fit_fold(member, cell.examples, prepared, cell.folds, fold=fold, context=context)
        yield fit.scores, log_odds(fit.model.predict(seen, n_threads=1))


def _take_up_each(cell: Cell, models: Sequence[Model]) -> _Fits:
    seen = prepare(cell.known.roles, cell.known.seen)
    for part, model in zip(cell.parts, models, strict=True):
        learned, held_out = (
            prepare(cell.known.roles, cell.features.take(rows)) for rows in (part.train, part.held_out)
        )
        labelled = Labelled(features=learned, labels=cell.examples.labels[part.train])
        moved = take_up(model, labelled, names=learned.names)
        yield moved.predict(held_out, n_threads=1), log_odds(moved.predict(seen, n_threads=1))


def _predict_unasked(known: Known, models: Sequence[Model]) -> Iterator[NDArray[np.float64]]:
    seen = prepare(known.roles, known.seen)
    return (log_odds(model.predict(seen, n_threads=1)) for model in models)


def _fit_plain(cell: Cell) -> _Fits:
    """Fit LightGBM as most people would, to what the members of a fold see."""
    for fold, (prepared, seen) in enumerate(cell.prepared):
        part = cell.parts[fold]
        learned, stop, held_out = (as_matrix(prepared.take(rows)) for rows in (part.train, part.stop, part.held_out))
        n_numeric = prepared.features.numeric.shape[1]
        options = {"categorical_feature": list(range(n_numeric, learned.shape[1])), "params": {"verbose": -1}}
        known = lightgbm.Dataset(learned, cell.examples.labels[part.train], **options)
        valid = lightgbm.Dataset(stop, cell.examples.labels[part.stop], reference=known, **options)
        model = lightgbm.train(
            {**PLAIN, "seed": cell.draw},
            known,
            N_ROUNDS,
            valid_sets=[valid],
            callbacks=[lightgbm.early_stopping(100, verbose=False)],
        )
        yield np.asarray(model.predict(held_out)), log_odds(np.asarray(model.predict(as_matrix(seen))))


def _save(file: Path, **arrays: object) -> None:
    """Write arrays; who is stopped leaves no half of a file."""
    half = file.with_suffix(".half")
    with half.open("wb") as opened:
        np.savez(opened, **arrays)
    os.replace(half, file)
