"""Examples: which user is labelled how, as of which cut-off; a matrix of labels has several outcomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.losses import WORDS, Loss, read_loss

_OUTCOME = b"outcome"


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Labelled users, sorted by cut-off, then user.

    Parameters
    ----------
    user_ids
        str (n_examples,).
    cutoffs
        datetime64[us] (n_examples,), UTC: features of the example are as of this instant.
    labels
        float64 (n_examples,); 0 or 1, or amounts; of one of several classes its number, from 0.
    loss
        What a model of them is fitted by; of classes, each has one against the rest.
    """

    user_ids: NDArray[np.object_]
    cutoffs: NDArray[np.datetime64]
    labels: NDArray[np.float64]
    loss: Loss = "log_loss"

    @property
    def n_examples(self) -> int:
        """Number of rows."""
        return len(self.labels)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Examples":
        """Return some of the examples, in the order given."""
        return replace(self, user_ids=self.user_ids[rows], cutoffs=self.cutoffs[rows], labels=self.labels[rows])

    def to_table(self) -> pa.Table:
        """Return the examples as an Arrow table: user_id, cutoff (timestamp, UTC), label; metadata tell the loss."""
        cutoffs = pa.array(self.cutoffs.astype("datetime64[us]")).cast(pa.timestamp("us", tz="UTC"))
        table = pa.table({"user_id": pa.array(self.user_ids, pa.string()), "cutoff": cutoffs, "label": self.labels})
        return table.replace_schema_metadata({_OUTCOME: WORDS[self.loss].encode()})

    @classmethod
    def from_table(cls, table: pa.Table) -> "Examples":
        """Read what :meth:`to_table` wrote; without metadata, labels are 0 or 1."""
        return cls(
            user_ids=table["user_id"].to_numpy(),
            cutoffs=table["cutoff"].cast(pa.timestamp("us")).to_numpy(),
            labels=table["label"].to_numpy(),
            loss=read_loss((table.schema.metadata or {}).get(_OUTCOME, b"yes_no").decode()),
        )


@dataclass(frozen=True, kw_only=True)
class LabelMatrix:
    """Labels of users as of cut-offs, for several outcomes; rows sorted by cut-off, then user.

    Parameters
    ----------
    user_ids
        str (n_rows,).
    cutoffs
        datetime64[us] (n_rows,), UTC.
    labels
        float64 (n_rows, n_outcomes); NaN = not observed.
    names, losses
        Of the outcomes, each name once.
    """

    user_ids: NDArray[np.object_]
    cutoffs: NDArray[np.datetime64]
    labels: NDArray[np.float64]
    names: tuple[str, ...]
    losses: tuple[Loss, ...]

    def column(self, name: str) -> Examples:
        """Return the users of whom one outcome was observed."""
        number = self.names.index(name)
        labels = self.labels[:, number]
        rows = ~np.isnan(labels)
        return Examples(
            user_ids=self.user_ids[rows], cutoffs=self.cutoffs[rows], labels=labels[rows], loss=self.losses[number]
        )


def to_matrix(name: str, examples: Examples) -> LabelMatrix:
    """Return the matrix of one outcome: the labels of a case."""
    return LabelMatrix(
        user_ids=examples.user_ids,
        cutoffs=examples.cutoffs,
        labels=examples.labels[:, None],
        names=(name,),
        losses=(examples.loss,),
    )


def divide_classes(examples: Examples, names: Sequence[str]) -> LabelMatrix:
    """Return a column for each class: 1 for its users, 0 for those of all others.

    Parameters
    ----------
    examples
        Their labels are the numbers of classes.
    names
        All classes in the order of their numbers.

    >>> users = np.array(["ann", "bob"], dtype=object)
    >>> examples = Examples(user_ids=users, cutoffs=np.zeros(2, "datetime64[us]"), labels=np.array([1.0, 0.0]))
    >>> divide_classes(examples, ["beer", "wine"]).column("wine").labels
    array([1., 0.])
    """
    loss: Loss = "log_loss"
    return LabelMatrix(
        user_ids=examples.user_ids,
        cutoffs=examples.cutoffs,
        labels=(examples.labels[:, None] == np.arange(len(names))).astype(np.float64),
        names=tuple(names),
        losses=(loss,) * len(names),
    )


def join_labels(matrices: Sequence[LabelMatrix]) -> LabelMatrix:
    """Put the outcomes of several cases side by side, by user and cut-off; NaN where one was not observed.

    Parameters
    ----------
    matrices
        At least one; no outcome in two of them.
    """
    names = tuple(name for matrix in matrices for name in matrix.names)
    assert len(set(names)) == len(names), names
    users, user = np.unique(np.concatenate([m.user_ids for m in matrices]).astype(str), return_inverse=True)
    cutoffs = np.concatenate([m.cutoffs for m in matrices]).astype("datetime64[us]")
    keys, row = np.unique(np.column_stack([cutoffs.astype(np.int64), user]), axis=0, return_inverse=True)
    labels = np.full((len(keys), len(names)), np.nan)
    first_row = first_column = 0
    for matrix in matrices:
        n_rows, n_columns = matrix.labels.shape
        rows = row[first_row : first_row + n_rows]
        labels[rows, first_column : first_column + n_columns] = matrix.labels
        first_row, first_column = first_row + n_rows, first_column + n_columns
    return LabelMatrix(
        user_ids=users[keys[:, 1]].astype(object),
        cutoffs=keys[:, 0].astype("datetime64[us]"),
        labels=labels,
        names=names,
        losses=tuple(loss for matrix in matrices for loss in matrix.losses),
    )
