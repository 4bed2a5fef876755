"""What the members of a fold see: computed once, mapped into memory by every fit."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yule.core.arrays import map_array
from yule.core.dataset import Features
from yule.core.errors import DELETE_IT, CorruptedOutput
from yule.core.examples import Examples
from yule.core.schema import describe_features
from yule.features.stacked import map_stacked, write_stacked
from yule.preparation.preparation import Preparation, prepare, prepare_training
from yule.training.folds import FoldRows

_ROWS = "rows.npy"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Features of the examples of a fold, as its members see them.

    Parameters
    ----------
    features
        n_rows rows.
    rows
        intp (n_rows,), each once: the rows of the examples that they are of.
    """

    features: Features
    rows: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp]) -> Features:
        """Return the features of some rows of the examples, in the order given.

        Raises
        ------
        CorruptedOutput
            If one is not there: these are features of other examples.
        """
        order = np.argsort(self.rows, kind="stable")
        places = np.searchsorted(self.rows, rows, sorter=order)
        found = order[np.minimum(places, len(order) - 1)]
        if not np.array_equal(self.rows[found], rows):
            raise CorruptedOutput(f"The features of a fold are not those of its labelled users. {DELETE_IT}")
        return self.features.take(found)


def see_as_they_are(features: Features) -> Prepared:
    """Return what members see of features that nothing is done to, rows as the examples."""
    return Prepared(features=features, rows=np.arange(features.n_users))


def write_prepared(
    preparation: Preparation, examples: Examples, features: Features, rows: FoldRows, *, folder: Path
) -> None:
    """Write what the members of a fold see, or nothing if that is all features as they are.

    Parameters
    ----------
    preparation
        That of the fold.
    examples, features
        The labelled users, row by row the same in both.
    rows
        Rows of the fold.
    folder
        Where to; it exists.
    """
    if preparation == Preparation(kept=describe_features(features)):
        return
    learned = (rows.train, rows.stop)
    parts = [prepare_training(preparation, features.take(part), examples.user_ids[part]) for part in learned]
    parts.append(prepare(preparation, features.take(rows.held_out)))
    seen = np.concatenate([*learned, rows.held_out])
    write_stacked(parts, n_rows=len(seen), folder=folder)
    np.save(folder / _ROWS, seen)


def read_prepared(folder: Path) -> Prepared | None:
    """Return what :func:`write_prepared` wrote, mapped into memory; None if members see the features as they are.

    Raises
    ------
    CorruptedOutput
        If the files are damaged, or do not belong together.
    """
    file = folder / _ROWS
    if not file.exists():
        return None
    features = map_stacked(folder)
    rows = map_array(file, dtype=np.intp, shape=(features.n_users,))
    return Prepared(features=features, rows=rows)
