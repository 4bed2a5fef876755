"""The files of an ensemble: ``ensemble.json`` and ``out_of_fold.parquet``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.settings import read_json, to_json
from yule.core.tables import read_table, write_table
from yule.ensemble.blend import Ensemble
from yule.ensemble.scales import AnyCalibrator
from yule.ensemble.worth import Worth


@dataclass(frozen=True, kw_only=True)
class EnsembleFile:
    """The content of ``ensemble.json``.

    Parameters
    ----------
    names, weights
        The members, and their weights.
    calibrator
        Applied to the weighted mean of the members' log-odds, or amounts.
    worths
        What each member brings; none where there is but one member, or where it was written before there were any.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    calibrator: AnyCalibrator
    worths: tuple[Worth, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OutOfFold:
    """What the members predicted for labelled users they did not see.

    Parameters
    ----------
    names
        The members.
    rows
        intp (n_held_out,), ascending: rows of the examples.
    predictions
        float64 (n_held_out, n_members): probabilities, or amounts.
    """

    names: tuple[str, ...]
    rows: NDArray[np.intp]
    predictions: NDArray[np.float64]


def write_ensemble(
    ensemble: Ensemble,
    folder: Path,
    *,
    names: Sequence[str],
    rows: NDArray[np.intp],
    predictions: NDArray[np.float64],
    worths: tuple[Worth, ...] = (),
) -> None:
    """Write an ensemble, and the predictions it was chosen on, into a folder that exists.

    Parameters
    ----------
    ensemble
        The ensemble.
    folder
        Where to.
    names
        Names of the members, (n_members,).
    rows, predictions
        See :class:`OutOfFold`.
    worths
        What each member brings.
    """
    weights = tuple(ensemble.weights.tolist())
    content = EnsembleFile(names=tuple(names), weights=weights, calibrator=ensemble.calibrator, worths=worths)
    (folder / "ensemble.json").write_text(to_json(content), encoding="utf-8")
    columns = [rows.astype(np.int64), ensemble.cross_fitted, *predictions.T]
    table = pa.table(columns, names=["row", "cross_fitted", *(f"member:{name}" for name in names)])
    write_table(table, folder / "out_of_fold.parquet")


def read_ensemble(folder: Path) -> Ensemble:
    """Read the ensemble that :func:`write_ensemble` wrote."""
    content = _read_content(folder)
    table = read_table(folder / "out_of_fold.parquet", columns=["cross_fitted"])
    return Ensemble(
        weights=np.array(content.weights),
        calibrator=content.calibrator,
        cross_fitted=table["cross_fitted"].to_numpy(),
    )


def read_weights(folder: Path) -> dict[str, float]:
    """Read the weight of each member, by name."""
    content = _read_content(folder)
    return dict(zip(content.names, content.weights, strict=True))


def read_worths(folder: Path) -> dict[str, Worth]:
    """Read what each member brings, by name; empty where nobody has looked."""
    content = _read_content(folder)
    return dict(zip(content.names, content.worths, strict=True)) if content.worths else {}


def read_out_of_fold(folder: Path) -> OutOfFold:
    """Read the members' predictions that :func:`write_ensemble` wrote."""
    names = _read_content(folder).names
    table = read_table(folder / "out_of_fold.parquet")
    return OutOfFold(
        names=names,
        rows=table["row"].to_numpy().astype(np.intp),
        predictions=np.column_stack([table[f"member:{name}"].to_numpy() for name in names]),
    )


def _read_content(folder: Path) -> EnsembleFile:
    return read_json(EnsembleFile, folder / "ensemble.json")
