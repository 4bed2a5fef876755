"""The ranked lists of classes: for every user the likeliest class, and for every class who is likely to be of it."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from yule.ensemble.classes import normalise
from yule.prediction.ranking import USERS, Scores, rank_by_score, write_list

LISTS = "lists.parquet"
"""Name of the file that holds a ranked list for each class."""


def rank_classes(scores: Scores, folder: Path) -> None:
    """Write the users and the lists of all classes, each as Parquet and CSV.

    Parameters
    ----------
    scores
        Of each class against the rest.
    folder
        Where to write; it exists.

    Notes
    -----
    ``users``: user_id, rank, score, class, then a column ``score_CLASS`` for each class; the class is the likeliest,
    the score its chance. ``lists``: user_id, rank, score, class; one list after the other, each with all users.
    """
    user_ids, names, chances = scores.user_ids, scores.names, normalise(scores.values)
    likeliest = chances.argmax(axis=1)
    columns = {f"score_{name}": chances[:, number] for number, name in enumerate(names)}
    classes = pa.array(np.array(names, dtype=object)[likeliest], pa.string())
    users = pa.table({"user_id": user_ids, "score": chances.max(axis=1), "class": classes, **columns})
    lists = [
        rank_by_score(pa.table({"user_id": user_ids, "score": chances[:, number]})).append_column(
            "class", pa.repeat(pa.scalar(name, pa.string()), len(user_ids))
        )
        for number, name in enumerate(names)
    ]
    write_list(rank_by_score(users), folder / USERS)
    write_list(pa.concat_tables(lists), folder / LISTS)
