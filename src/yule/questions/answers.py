"""Answers of auxiliary questions as of a cut-off: the roles of some users for each, and what came of it.

::

    numeric.npy, codes.npy, columns.json   roles, as :mod:`yule.features.stacked` writes them
    answers.parquet                        user_id, question (its place in ``questions.json``) and label of each row
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.errors import DELETE_IT, CorruptedOutput
from yule.core.losses import Loss
from yule.core.tables import read_table, write_table
from yule.features.as_of import MEMORY, all_before
from yule.features.roles.roles import name_roles
from yule.features.roles.write import Asking, read_roles
from yule.features.stacked import map_stacked, write_stacked
from yule.questions.find import Questions
from yule.questions.settings import QuestionSpec
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant, quote_name

N_USERS = 5_000
"""Each question is asked of so many users at a cut-off: those whose ids have the smallest hashes."""

MOST = 0.995
"""Amounts above this quantile of those that are not 0 count as if they were it: a few would decide a squared error."""

_FILE = "answers.parquet"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Users and questions, row by row.

    Parameters
    ----------
    features
        n_rows rows: the roles.
    user_ids
        str (n_rows,).
    questions
        intp (n_rows,): places of the questions.
    labels
        float64 (n_rows,); 0 or 1, or what events add up to, in what is usual for a day of the question.
    loss
        What models of them are fitted by, which says which of the two.
    """

    features: Features
    user_ids: NDArray[np.object_]
    questions: NDArray[np.intp]
    labels: NDArray[np.float64]
    loss: Loss = "log_loss"


def write_answers(
    spec: QuestionSpec,
    tables: Sequence[Sequence[Path]],
    questions: Questions,
    *,
    activity: Path,
    cutoff: datetime,
    folder: Path,
    n_threads: int,
) -> None:
    """Write the roles and the labels of the users who were active before a cut-off, question by question.

    Parameters
    ----------
    spec
        Which log is asked.
    tables
        The files of its events, then those of each table that is joined.
    questions
        The questions; at least one.
    activity
        What :func:`yule.features.roles.activity.write_activity` wrote of the log as of the cut-off.
    cutoff
        The cut-off: roles look before it, labels a horizon from it on.
    folder
        Where to write; it exists.
    n_threads
        Threads to use; they change no byte.
    """
    assert questions.column is not None
    values = tuple(question.value for question in questions.questions)
    asking = Asking(column=questions.column, values=values, n_users=N_USERS)
    asked = read_roles(
        spec.roles,
        tables,
        asking,
        activity=activity,
        cutoff=cutoff,
        scratch=folder.parent,
        n_threads=n_threads,
    )
    user_ids = asked.user_ids
    labels = _find_labels(spec, tables, questions, user_ids, cutoff=cutoff, scratch=folder.parent)
    if spec.kind == "amount":
        labels = _cut(labels / asked.usual[:, None])
    write_stacked(_as_features(spec, asked.roles), n_rows=len(user_ids) * len(values), folder=folder)
    columns = {
        "user_id": pa.array(np.tile(user_ids, len(values)), pa.string()),
        "question": np.repeat(np.arange(len(values)), len(user_ids)),
        "label": labels.ravel(),
    }
    write_table(pa.table(columns), folder / _FILE)


def read_answers(folder: Path, loss: Loss = "log_loss") -> Answers:
    """Read what :func:`write_answers` wrote; the roles are mapped into memory.

    Parameters
    ----------
    folder
        Where it was written.
    loss
        What models of the answers are fitted by.

    Raises
    ------
    CorruptedOutput
        If the files do not belong together.
    """
    table = read_table(folder / _FILE)
    features = map_stacked(folder, n_rows=len(table))
    labels = table["label"].to_numpy()
    if not (np.isfinite(labels) if loss == "squared_error" else np.isin(labels, (0.0, 1.0))).all():
        raise CorruptedOutput(
            f"The labels of the auxiliary questions in {folder} are not what was asked for. {DELETE_IT}"
        )
    return Answers(
        features=features,
        user_ids=table["user_id"].to_numpy(),
        questions=table["question"].to_numpy().astype(np.intp),
        labels=labels,
        loss=loss,
    )


def _as_features(spec: QuestionSpec, roles: Iterator[NDArray[np.float32]]) -> Iterator[Features]:
    settings = spec.settings
    meanings = name_roles(settings.name, settings.download, settings.within, has_amounts=settings.of is not None)
    for numbers in roles:
        yield Features(
            numeric=numbers,
            codes=np.empty((len(numbers), 0), dtype=np.int32),
            numeric_names=tuple(meanings),
            categorical_names=(),
            vocabularies=(),
            meanings=meanings,
        )


def _find_labels(
    spec: QuestionSpec,
    tables: Sequence[Sequence[Path]],
    questions: Questions,
    user_ids: NDArray[np.object_],
    *,
    cutoff: datetime,
    scratch: Path,
) -> NDArray[np.float64]:
    """Return the labels, (n_questions, n_users); amounts as they are."""
    of = spec.settings.of
    label = "1.0" if of is None else f"sum(coalesce(CAST({quote_name(of)} AS DOUBLE), 0))"
    method, end = spec.roles.table.method, cutoff + spec.settings.within
    user, time, value = quote_name(method.user), quote_name(method.time or ""), quote_name(questions.column or "")
    values = [question.value for question in questions.questions]
    with connect(n_threads=1, scratch=scratch, memory=MEMORY) as connection:
        connection.register("users", pa.table({"id": pa.array(user_ids, pa.string()), "row": np.arange(len(user_ids))}))
        connection.register("asked", pa.table({"of": pa.array(values, pa.string()), "place": np.arange(len(values))}))
        found = connection.sql(
            f"SELECT place, row, {label} AS label FROM ({all_before(spec.roles, tables, end)}) AS event "
            f"JOIN users ON {user} = users.id JOIN asked ON CAST({value} AS VARCHAR) = asked.of "
            f"WHERE {time} >= {quote_instant(cutoff)} GROUP BY 1, 2 ORDER BY 1, 2"
        ).to_arrow_table()
    labels = np.zeros((len(values), len(user_ids)))
    labels[found["place"].to_numpy(), found["row"].to_numpy()] = found["label"].to_numpy()
    return 1 - labels if spec.kind == "leaving" else labels


def _cut(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    told = amounts[amounts != 0]
    return np.minimum(amounts, np.quantile(told, MOST)) if len(told) else amounts
