"""Folds: who is learned from, who says when to stop, and who is held out to judge.

A user's fold is a hash of the id: the same at every cut-off, in every case and project with as many folds. With
several cut-offs the last ones are validation: models learn from cut-offs whose horizon had closed by then, as they will
when they predict. A gap between the two is left unused ("purged" [1]_).

References
----------
.. [1] López de Prado, Advances in Financial Machine Learning, chapter 7, 2018.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.errors import DataError
from yule.core.examples import Examples
from yule.core.seeds import draw_numbers
from yule.core.tables import read_table, write_table
from yule.labels.settings import BINARY
from yule.labels.summary import Immature, find_immature
from yule.messages.telling import tell
from yule.training.settings import FoldSettings
from yule.training.strata import find_kinds, find_sizes

SALT = 1_207_959_557
"""Seed of the hash that puts a user into a fold; with another one, every model would have seen other users."""

MIN_FOLDS = 2
"""So many folds must hold out users of each kind: one to judge by, while another says when to stop."""

STOP_EVERY = 10
"""With one cut-off, one user in so many is set aside to say when to stop."""


@dataclass(frozen=True, kw_only=True)
class Folds:
    """How examples are divided; rows as in the examples.

    Parameters
    ----------
    fold
        int32 (n_examples,); 0 to n_folds - 1, the same for all rows of a user.
    is_validation
        bool (n_examples,); rows that are held out in their fold.
    is_training
        bool (n_examples,); rows that may be learned from. With one cut-off every row is both.
    """

    fold: NDArray[np.int32]
    is_validation: NDArray[np.bool_]
    is_training: NDArray[np.bool_]

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1


@dataclass(frozen=True, kw_only=True)
class FoldRows:
    """Rows of the examples for one fold; the three have no row in common.

    Parameters
    ----------
    train
        intp (n_train,), ascending: learned from.
    stop
        intp (n_stop,), ascending: say when to stop.
    held_out
        intp (n_held_out,), ascending: judged on.
    """

    train: NDArray[np.intp]
    stop: NDArray[np.intp]
    held_out: NDArray[np.intp]


def find_fold(user_ids: Sequence[str], n_folds: int) -> NDArray[np.int32]:
    """Return the fold of each user: it depends on nothing but the id and the number of folds.

    Returns
    -------
    ndarray
        int32 (n_users,); 0 to n_folds - 1.

    >>> find_fold(["ann", "bob", "cid", "dan"], 5)
    array([2, 1, 1, 1], dtype=int32)
    """
    return (draw_numbers(user_ids, SALT) % np.uint64(n_folds)).astype(np.int32)


def assign_folds(
    examples: Examples,
    settings: FoldSettings,
    *,
    horizon: timedelta,
    immature: Immature | None = None,
    kinds: Mapping[str, int] = BINARY,
) -> Folds:
    """Divide labelled users into folds and cut-offs into training and validation.

    Parameters
    ----------
    examples
        Labelled users.
    settings
        Number of folds and of validation cut-offs.
    horizon
        How long after a cut-off its labels look. With several cut-offs, those whose horizon ends by the first
        validation cut-off are for training.
    immature
        Cut-offs that the case has besides those of the examples; None when it has no others.
    kinds
        The kinds of users by name (:func:`yule.training.strata.find_kinds`), all of whom are needed.

    Returns
    -------
    Folds
        Every fold holds out somebody, at least two hold out users of each kind, and the models of all learn from users
        of every kind. How many of a kind a fold holds out is left to chance.

    Raises
    ------
    DataError
        There are too few users of one kind, or no cut-off is left for training. All problems are listed.

    >>> n_users = 40
    >>> examples = Examples(
    ...     user_ids=np.array([f"u{i:02}" for i in range(n_users)], dtype=object),
    ...     cutoffs=np.full(n_users, np.datetime64("2024-01-01", "us")),
    ...     labels=np.arange(n_users) % 4 // 3.0,
    ... )
    >>> folds = assign_folds(examples, FoldSettings(n_folds=5), horizon=timedelta(days=28))
    >>> np.bincount(folds.fold), np.bincount(folds.fold, weights=examples.labels)
    (array([ 8, 12,  6,  6,  8]), array([0., 3., 1., 1., 5.]))
    """
    is_training, is_validation = _divide_cutoffs(examples.cutoffs, settings, horizon=horizon, immature=immature)
    users = pa.array(examples.user_ids, pa.string()).dictionary_encode()
    fold_of_user = find_fold(users.dictionary.to_pylist(), settings.n_folds)
    folds = Folds(fold=fold_of_user[users.indices.to_numpy()], is_validation=is_validation, is_training=is_training)
    _check_folds(examples, folds, n_folds=settings.n_folds, kinds=kinds)
    return folds


def split_fold(examples: Examples, folds: Folds, fold: int) -> FoldRows:
    """Return the rows of one fold.

    Parameters
    ----------
    examples
        Labelled users.
    folds
        How they are divided.
    fold
        The fold that is held out, 0 to n_folds - 1.

    Returns
    -------
    FoldRows
        With several cut-offs, the users at validation of the next fold that has users of every kind say when to stop.
        With one, every tenth user of each kind in the other folds does, or every tenth of each size, and is not learned
        from.
    """
    is_held_out = (folds.fold == fold) & folds.is_validation
    is_train = (folds.fold != fold) & folds.is_training
    if (folds.is_training & folds.is_validation).any():
        is_stop = find_every_tenth(examples, is_train)
    else:
        is_stop = (folds.fold == _find_stop_fold(examples, folds, fold)) & folds.is_validation
    return FoldRows(
        train=np.flatnonzero(is_train & ~is_stop), stop=np.flatnonzero(is_stop), held_out=np.flatnonzero(is_held_out)
    )


def find_every_tenth(examples: Examples, is_train: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of some rows are every tenth of each size, (n_examples,)."""
    is_found, sizes = np.zeros_like(is_train), find_sizes(examples)
    for size in np.unique(sizes):
        is_found[np.flatnonzero(is_train & (sizes == size))[::STOP_EVERY]] = True
    return is_found


def write_folds(folds: Folds, folder: Path) -> None:
    """Write ``folds.parquet``."""
    columns = {"fold": folds.fold, "is_validation": folds.is_validation, "is_training": folds.is_training}
    write_table(pa.table(columns), folder / "folds.parquet")


def read_folds(folder: Path) -> Folds:
    """Read what :func:`write_folds` wrote."""
    table = read_table(folder / "folds.parquet")
    return Folds(
        fold=table["fold"].to_numpy(),
        is_validation=table["is_validation"].to_numpy(),
        is_training=table["is_training"].to_numpy(),
    )


def _divide_cutoffs(
    cutoffs: NDArray[np.datetime64], settings: FoldSettings, *, horizon: timedelta, immature: Immature | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows may be learned from and which are held out in time."""
    distinct = np.unique(cutoffs)
    if len(distinct) <= 1 and immature is None:
        everything = np.ones(len(cutoffs), dtype=np.bool_)
        return everything, everything
    first_validation = distinct[-settings.n_validation_cutoffs :][0]
    last_training = first_validation - np.timedelta64(horizon)
    is_training = (cutoffs < first_validation) & (cutoffs <= last_training)
    if not is_training.any():
        raise DataError(
            f"No cut-off is left to learn from: validation begins at {_day(first_validation)} "
            f"(n_validation_cutoffs is {settings.n_validation_cutoffs}) and labels look {horizon.days} days ahead, so "
            f"models learn from cut-offs at {_day(last_training)} or earlier, but the earliest one with labels is at "
            f"{_day(distinct[0])}. Add earlier cut-offs, lower n_validation_cutoffs, or keep a single cut-off."
            f"{'' if immature is None else f' {tell(find_immature(immature)).seen}'}"
        )
    return is_training, cutoffs >= first_validation


def _find_stop_fold(examples: Examples, folds: Folds, fold: int) -> int:
    """Return the next fold with users of the most kinds at validation, which are all kinds but for few users."""
    kinds = find_kinds(examples)
    others = [(fold + step) % folds.n_folds for step in range(1, folds.n_folds)]
    return max(others, key=lambda other: len(np.unique(kinds[folds.is_validation & (folds.fold == other)])))


def _check_folds(examples: Examples, folds: Folds, *, n_folds: int, kinds: Mapping[str, int]) -> None:
    """Refuse folds in which nothing could be judged or learned."""
    found = find_kinds(examples)
    is_of_kind = {name: found == kind for name, kind in kinds.items()}
    problems = list(_find_too_few(examples, folds, is_of_kind, n_folds=n_folds))
    if not problems:
        problems = [
            f"no {kind} user is left to learn from when fold {fold} is held out"
            for fold in range(n_folds)
            for kind, is_kind in is_of_kind.items()
            if not is_kind[split_fold(examples, folds, fold).train].any()
        ]
    if problems:
        counts = ", ".join(f"{int(is_kind[folds.is_validation].sum())} {name}" for name, is_kind in is_of_kind.items())
        raise DataError(
            f"The labelled users cannot be divided into {n_folds} folds: {'; '.join(problems)}. "
            f"At validation: {counts}. Label more users, add cut-offs, ask for what is less rare, "
            "or lower n_folds. What the events of a log tell `yule ask` answers without a label."
        )


def _find_too_few(
    examples: Examples, folds: Folds, is_of_kind: Mapping[str, NDArray[np.bool_]], *, n_folds: int
) -> Iterator[str]:
    """Yield the kinds that too few folds hold out, and the folds that hold out nobody."""
    for kind, is_kind in is_of_kind.items():
        rows = folds.is_validation & is_kind
        n_reached = len(np.unique(folds.fold[rows]))
        if n_reached < MIN_FOLDS:
            n_users = len(set(examples.user_ids[rows]))
            users = "user" if n_users == 1 else "users"
            yield (
                f"only {n_users} {kind} {users} at validation, in {n_reached} of {n_folds} folds, "
                f"but at least {MIN_FOLDS} must hold one out"
            )
    judged = set(folds.fold[folds.is_validation].tolist())
    yield from (f"fold {fold} holds nobody out" for fold in range(n_folds) if fold not in judged)


def _day(instant: np.datetime64) -> str:
    return str(instant.astype("datetime64[D]"))
