"""The ranked list: the answer to the question."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yule.core.tables import read_table, write_table
from yule.prediction.csv_files import write_csv

USERS = "users.parquet"
"""Name of the file that holds the ranked list."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What the models of a case say of its population.

    Parameters
    ----------
    user_ids
        string (n_users,).
    names
        The models: classes, or one model without a name.
    values
        float64 (n_users, n_models).
    """

    user_ids: pa.ChunkedArray
    names: tuple[str, ...]
    values: NDArray[np.float64]


def read_scores(score_files: Sequence[Sequence[Path]], names: Sequence[str]) -> Scores:
    """Read the scores of a population.

    Parameters
    ----------
    score_files
        For each model its shards' files (see :func:`yule.prediction.shards.predict_shard`), the shards in one order.
    names
        The models.
    """
    tables = [pa.concat_tables(read_table(file) for file in files) for files in score_files]
    return Scores(
        user_ids=tables[0]["user_id"],
        names=tuple(names),
        values=np.column_stack([table["score"].to_numpy() for table in tables]),
    )


def rank_users(scores: Scores, folder: Path) -> None:
    """Write the users, best first, as ``users.parquet`` and ``users.csv``: user_id, rank from 1, score.

    Parameters
    ----------
    scores
        Of one model.
    folder
        Where to write; it exists.

    Notes
    -----
    Users with equal scores are ranked by user_id. All digits of a score count, and users.parquet keeps them.
    """
    users = pa.table({"user_id": scores.user_ids, "score": scores.values[:, 0]})
    write_list(rank_by_score(users), folder / USERS)


def rank_by_score(scores: pa.Table) -> pa.Table:
    """Sort a table with a user_id and a score, best first, and give each row its rank: user_id, rank, score, others."""
    order = pc.sort_indices(scores, sort_keys=[("score", "descending"), ("user_id", "ascending")])
    ranked = scores.take(order)
    return ranked.add_column(1, "rank", pa.array(np.arange(1, len(ranked) + 1)))


def write_list(users: pa.Table, file: Path) -> None:
    """Write a list as a Parquet file, and beside it as CSV for people and their tools.

    In the CSV file, numbers with a fraction have six significant digits.
    """
    write_table(users, file)
    write_csv(users, file.with_suffix(".csv"))
