"""Which questions Yule asks of a log itself: each value of a column that enough users have, and not too many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from yule.core.seeds import draw_numbers
from yule.core.settings import read_json, to_json
from yule.features.as_of import MEMORY, all_before
from yule.features.roles.column import find_bounds
from yule.questions.halves import N_HALVES, divide_questions, find_shared
from yule.questions.settings import QuestionSpec
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant, quote_name

N_QUESTIONS = 40
"""At most so many are asked: ten bring nearly all, more bring hardly anything (docs/experiments.md)."""

_SALT = 2_654_435_761
_FILE = "questions.json"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question.

    Parameters
    ----------
    value
        The value of the column that it asks for.
    n_users
        Users who had it within the horizon before the cut-off at which questions were chosen.
    half
        Which half it is in, 0 or 1.
    """

    value: str
    n_users: int
    half: int


@dataclass(frozen=True, kw_only=True)
class Questions:
    """The content of ``questions.json``.

    Parameters
    ----------
    column
        The column whose values are asked for; None where there is none.
    questions
        The questions, sorted by value; empty where there are fewer than two.
    n_values
        Values that could have been asked for.
    n_users
        Users who were there within the same horizon.
    """

    column: str | None
    questions: tuple[Question, ...]
    n_values: int
    n_users: int


def find_questions(
    spec: QuestionSpec,
    tables: Sequence[Sequence[Path]],
    *,
    column: str | None,
    folder: Path,
    scratch: Path,
    n_threads: int,
) -> None:
    """Choose the questions by a hash of their values, and write ``questions.json``.

    Parameters
    ----------
    spec
        Which log is asked.
    tables
        The files of its events, then those of each table that is joined.
    column
        The column whose values are asked for.
    folder
        Where to write; it exists.
    scratch
        Folder for what does not fit into memory.
    n_threads
        Threads to use; they change no byte.
    """
    found = Questions(column=None, questions=(), n_values=0, n_users=0)
    if column is not None:
        found = _find(spec, tables, column, scratch=scratch, n_threads=n_threads)
    (folder / _FILE).write_text(to_json(found), encoding="utf-8")


def read_questions(folder: Path) -> Questions:
    """Read what :func:`find_questions` wrote."""
    return read_json(Questions, folder / _FILE)


def _find(
    spec: QuestionSpec, tables: Sequence[Sequence[Path]], column: str, *, scratch: Path, n_threads: int
) -> Questions:
    """Choose at the first cut-off at which the log asks anything: a young log has nothing before the first ones."""
    with connect(n_threads=n_threads, scratch=scratch, memory=MEMORY) as connection:
        for cutoff in spec.cutoffs:
            found = _find_at(connection, spec, tables, column, cutoff=cutoff)
            if found.questions:
                break
    return found


def _find_at(
    connection: duckdb.DuckDBPyConnection,
    spec: QuestionSpec,
    tables: Sequence[Sequence[Path]],
    column: str,
    *,
    cutoff: datetime,
) -> Questions:
    method = spec.roles.table.method
    user, time, value = quote_name(method.user), quote_name(method.time or ""), quote_name(column)
    log = (
        f"SELECT {user} AS user_id, {time} AS happened, CAST({value} AS VARCHAR) AS value "
        f"FROM ({all_before(spec.roles, tables, cutoff)})"
    )
    events = f"SELECT * FROM ({log}) WHERE happened >= {quote_instant(cutoff - spec.settings.within)}"
    ((n_users,),) = connection.execute(f"SELECT count(DISTINCT user_id) FROM ({events})").fetchall()
    least, most = find_bounds(n_users)
    rows = connection.execute(
        f"SELECT value, count(DISTINCT user_id) AS n FROM ({events}) WHERE value IS NOT NULL "
        f"GROUP BY 1 HAVING n BETWEEN {least} AND {most} ORDER BY 1"
    ).fetchall()
    order = np.argsort(draw_numbers([value for value, _ in rows], _SALT), kind="stable")[:N_QUESTIONS]
    halves: dict[int, int] = {}
    if len(order) >= N_HALVES:
        asked = pa.table({"value": [rows[place][0] for place in order], "place": np.arange(len(order))})
        connection.register("asked", asked)
        days = f"SELECT user_id, date_trunc('day', happened) AS day, place FROM ({log}) JOIN asked USING (value)"
        divided = divide_questions(find_shared(connection, days, len(order)))
        halves = {int(place): half for place, half in zip(order, divided, strict=True)}
    chosen = tuple(
        Question(value=value, n_users=n, half=halves[place]) for place, (value, n) in enumerate(rows) if place in halves
    )
    return Questions(column=column, questions=chosen, n_values=len(rows), n_users=n_users)
