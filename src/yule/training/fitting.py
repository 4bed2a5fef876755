"""Fits: one member on one fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.dataset import Labelled
from yule.core.examples import Examples
from yule.core.settings import read_json, to_json
from yule.core.tables import read_table, write_table
from yule.models.protocol import Estimator, FitContext, Model
from yule.training.bags import Draw, draw_bag
from yule.training.folds import Folds, split_fold
from yule.training.prepared import Prepared

MODEL = "model"
"""Folder of the model's own files, inside the folder of a fit."""


@dataclass(frozen=True, kw_only=True)
class FoldFit:
    """A model and its predictions for the users it was not shown.

    Parameters
    ----------
    model
        Fitted on the other folds.
    rows
        intp (n_held_out,), ascending: rows of the examples that were held out.
    scores
        float64 (n_held_out,): prediction for each.
    """

    model: Model
    rows: NDArray[np.intp]
    scores: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FitFacts:
    """What is written down about a model: the content of ``fit.json``.

    Parameters
    ----------
    n_steps
        Training steps kept, from 1.
    importance
        Share of each feature in the model's decisions; empty when the model cannot tell.
    """

    n_steps: int
    importance: dict[str, float]


def fit_fold(
    estimator: Estimator,
    examples: Examples,
    prepared: Prepared,
    folds: Folds,
    *,
    fold: int,
    context: FitContext,
    draw: Draw | None = None,
) -> FoldFit:
    """Fit on the training users of a fold and predict the users it holds out.

    Parameters
    ----------
    estimator
        The member.
    examples, folds
        The labelled users, row by row the same in both.
    prepared
        What the members of the fold see of them.
    fold
        The fold that is held out.
    context
        Seed, threads and tracker of the fit.
    draw
        Which of the unlabelled users it learns from; None where every label is known.
    """
    rows = split_fold(examples, folds, fold)
    if draw is not None:
        rows = draw_bag(rows, examples.labels, draw)
    train, stop = (
        Labelled(
            features=prepared.take(part),
            labels=examples.labels[part],
            loss=examples.loss,
        )
        for part in (rows.train, rows.stop)
    )
    model = estimator.fit(train, stop, context=context)
    scores = model.predict(prepared.take(rows.held_out), n_threads=context.n_threads)
    return FoldFit(model=model, rows=rows.held_out, scores=scores)


def write_fold_fit(fit: FoldFit, folder: Path) -> None:
    """Write ``model/``, ``oof.parquet`` and ``fit.json`` into a folder that exists."""
    write_fit(fit.model, folder)
    write_table(pa.table({"row": fit.rows.astype(np.int64), "score": fit.scores}), folder / "oof.parquet")


def write_fit(model: Model, folder: Path) -> None:
    """Write ``model/`` and ``fit.json`` into a folder that exists."""
    (folder / MODEL).mkdir()
    model.save(folder / MODEL)
    facts = FitFacts(n_steps=model.n_steps, importance=dict(model.importance))
    (folder / "fit.json").write_text(to_json(facts), encoding="utf-8")


def read_n_steps(folder: Path) -> int:
    """Return how many steps of a fit were kept."""
    return _read_facts(folder).n_steps


def read_importance(folder: Path) -> Mapping[str, float]:
    """Return each feature's share in the decisions of a fitted model; empty when the model cannot tell."""
    return _read_facts(folder).importance


def read_out_of_fold(folder: Path) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the rows that a fit held out, and their scores.

    Returns
    -------
    rows, scores
        (n_held_out,) each; rows ascending.
    """
    table = read_table(folder / "oof.parquet")
    return table["row"].to_numpy().astype(np.intp), table["score"].to_numpy()


def join_out_of_fold(fits: Sequence[Sequence[Path]]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Put the out-of-fold predictions of all members side by side.

    Parameters
    ----------
    fits
        For each member the folders of its fits, all folds once.

    Returns
    -------
    rows
        (n_held_out,), ascending: rows of the examples that were held out in some fold.
    predictions
        (n_held_out, n_members): their predictions.
    """
    columns = []
    for folders in fits:
        parts = [read_out_of_fold(folder) for folder in folders]
        rows = np.concatenate([part_rows for part_rows, _ in parts])
        order = np.argsort(rows)
        columns.append(np.concatenate([scores for _, scores in parts])[order])
    return rows[order], np.column_stack(columns)


def _read_facts(folder: Path) -> FitFacts:
    return read_json(FitFacts, folder / "fit.json")
