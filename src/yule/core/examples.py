"""Examples: which user is labelled how, as of which cut-off."""

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

    def one_versus_rest(self, number: int) -> "Examples":
        """Return the examples with label 1 for one class and 0 for all others."""
        return replace(self, labels=(self.labels == number).astype(np.float64))

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
