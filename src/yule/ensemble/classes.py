"""Classes: probabilities of one class against the rest become chances of all classes, which sum to 1."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
from annotated_types import Gt
from numpy.typing import NDArray

from yule.core.settings import from_json, to_json
from yule.core.tables import read_table, write_table
from yule.ensemble.calibration import MIN_SLOPE
from yule.ensemble.files import OUT_OF_FOLD
from yule.ensemble.log_odds import LEAST

CLASSES = "classes.json"

PULL = 1e-4
"""Of the fit towards leaving probabilities as they are; it decides only where nothing else does."""


@dataclass(frozen=True, kw_only=True)
class Combination:
    """The content of ``classes.json``: the chance of a class is in proportion to ``exp(intercept) * p ** slope``.

    Parameters
    ----------
    names
        The classes.
    slope
        1 keeps the ratios of the probabilities; less than 1 tames models that were too sure.
    intercepts
        One for each class; 0 for all leaves the ratios as they are.
    """

    names: tuple[str, ...]
    slope: Annotated[float, Gt(0)]
    intercepts: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Combined:
    """A combination and what it is worth.

    Parameters
    ----------
    combination
        Chosen on all users.
    chances
        float64 (n_users, n_classes): of each labelled user, by a combination chosen without the user's fold.
    """

    combination: Combination
    chances: NDArray[np.float64]


def leave_ratios(names: tuple[str, ...]) -> Combination:
    """Return the combination that divides each probability by their sum."""
    return Combination(names=names, slope=1.0, intercepts=(0.0,) * len(names))


def combine(combination: Combination, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chances of all classes.

    Parameters
    ----------
    combination
        How.
    probabilities
        Of each class against the rest, (n_users, n_classes).

    Returns
    -------
    ndarray
        (n_users, n_classes), each above 0; a user's sum to 1 and depend on no other user.

    >>> combine(leave_ratios(("a", "b")), np.array([[0.2, 0.6]])).round(2)
    array([[0.25, 0.75]])
    """
    values = combination.slope * np.log(np.maximum(probabilities, LEAST)) + np.array(combination.intercepts)
    parts = np.exp(values - values.max(axis=1, keepdims=True))
    chances: NDArray[np.float64] = parts / parts.sum(axis=1, keepdims=True)
    return chances


def fit_combination(
    probabilities: NDArray[np.float64], labels: NDArray[np.float64], *, names: tuple[str, ...]
) -> Combination:
    """Fit slope and intercepts to the labels of users the models did not see: multinomial logistic regression.

    Parameters
    ----------
    probabilities
        Out of fold, of each class against the rest, (n_users, n_classes).
    labels
        (n_users,); number of the class.
    names
        The classes.
    """
    from scipy.optimize import minimize

    values = np.log(np.maximum(probabilities, LEAST))
    own = labels.astype(np.intp)
    neutral = np.concatenate([[1.0], np.zeros(len(names))])

    def judge(settings: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = settings[0] * values + settings[1:]
        moved -= moved.max(axis=1, keepdims=True)
        sums = np.exp(moved).sum(axis=1)
        off = np.exp(moved) / sums[:, None]
        loss = (np.log(sums) - moved[np.arange(len(own)), own]).mean()
        off[np.arange(len(own)), own] -= 1
        slopes = np.concatenate([[(off * values).sum(axis=1).mean()], off.mean(axis=0)])
        apart = settings - neutral
        return float(loss + PULL * (apart**2).sum() / 2), slopes + PULL * apart

    bounds = [(MIN_SLOPE, None), *[(None, None)] * len(names)]
    found = minimize(judge, neutral, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "gtol": 1e-8})
    return Combination(names=names, slope=float(found.x[0]), intercepts=tuple(found.x[1:].tolist()))


def combine_out_of_fold(
    probabilities: NDArray[np.float64], labels: NDArray[np.float64], folds: NDArray[np.int32], *, names: tuple[str, ...]
) -> Combined:
    """Choose a combination on out-of-fold probabilities.

    Parameters
    ----------
    probabilities
        Of each class against the rest, (n_users, n_classes), of users the models did not see.
    labels
        (n_users,); number of the class.
    folds
        (n_users,); the fold each user was held out in, from 0.
    names
        The classes.

    Returns
    -------
    Combined
        The fitted combination, or the one that leaves ratios as they are if its log loss on unseen users is no higher.
    """
    as_is, fitted = combine(leave_ratios(names), probabilities), np.empty_like(probabilities)
    for fold in np.unique(folds):
        held_out = folds == fold
        chosen = fit_combination(probabilities[~held_out], labels[~held_out], names=names)
        fitted[held_out] = combine(chosen, probabilities[held_out])
    if _log_loss(labels, fitted) < _log_loss(labels, as_is):
        return Combined(combination=fit_combination(probabilities, labels, names=names), chances=fitted)
    return Combined(combination=leave_ratios(names), chances=as_is)


def write_combination(combined: Combined, folder: Path, *, rows: NDArray[np.intp]) -> None:
    """Write ``classes.json``, and the chances of the examples' rows as ``out_of_fold.parquet``."""
    (folder / CLASSES).write_text(to_json(combined.combination), encoding="utf-8")
    names = ["row", *(f"class:{name}" for name in combined.combination.names)]
    write_table(pa.table([rows.astype(np.int64), *combined.chances.T], names=names), folder / OUT_OF_FOLD)


def read_combination(folder: Path) -> Combination:
    """Read the combination that :func:`write_combination` wrote."""
    return from_json(Combination, (folder / CLASSES).read_text(encoding="utf-8"))


def read_chances(folder: Path) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Read the rows, and their chances (n_rows, n_classes), that :func:`write_combination` wrote."""
    rows, *chances = read_table(folder / OUT_OF_FOLD).columns
    return rows.to_numpy().astype(np.intp), np.column_stack([column.to_numpy() for column in chances])


def _log_loss(labels: NDArray[np.float64], chances: NDArray[np.float64]) -> float:
    return -float(np.log(chances[np.arange(len(labels)), labels.astype(np.intp)]).mean())
