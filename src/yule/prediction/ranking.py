"""The ranked list: the answer to the question."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yule.core.tables import read_table, write_table

USERS = "users.parquet"
"""Name of the file that holds the ranked list."""

ROWS_AT_ONCE = 65_536
"""Rows of the CSV file held as Python objects."""


def rank_users(score_files: Sequence[Path], folder: Path) -> None:
    """Write the users, best first, as ``users.parquet`` and ``users.csv``: user_id, rank from 1, score.

    Parameters
    ----------
    score_files
        The shards' files (see :func:`yule.prediction.shards.predict_shard`), in any order.
    folder
        Where to write; it exists.

    Notes
    -----
    Users with equal scores are ranked by user_id. All digits of a score count, and users.parquet keeps them.
    """
    scores = pa.concat_tables(read_table(file) for file in score_files)
    order = pc.sort_indices(scores, sort_keys=[("score", "descending"), ("user_id", "ascending")])
    ranked = scores.take(order)
    ranks = pa.array(np.arange(1, len(ranked) + 1))
    users = pa.table({"user_id": ranked["user_id"], "rank": ranks, "score": ranked["score"]})
    write_table(users, folder / USERS)
    _write_csv(users, folder / "users.csv")


def _write_csv(users: pa.Table, file: Path) -> None:
    """Write the list for people and their tools; scores have six significant digits."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        # All text in quotes: left to itself, the module forgets those around a lone carriage return.
        writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerow(users.column_names)
        for batch in users.to_batches(max_chunksize=ROWS_AT_ONCE):
            user_ids, ranks, scores = (column.to_pylist() for column in batch.columns)
            writer.writerows(zip(user_ids, ranks, (float(f"{score:.6g}") for score in scores), strict=True))
