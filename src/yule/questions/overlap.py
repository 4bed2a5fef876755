"""Which auxiliary questions ask what a case asks: such a question must not be learned from for it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from yule.core.settings import read_json, to_json
from yule.features.as_of import MEMORY, all_before
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.questions.find import Questions
from yule.questions.settings import QuestionSpec
from yule.sql.conditions import condition_sql
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant, quote_name

SHARED = 0.1
"""Two questions repeat each other if they share more of the days on which users did either."""

CORRELATED = 0.5
"""So they do if their labels are correlated more than this."""

_FILE = "overlap.json"


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """How a question compares with a case.

    Parameters
    ----------
    value
        The value that the question asks for.
    shared
        Share of days of users on which both happened, among those on which either did.
    correlation
        Of the labels of both over users and cut-offs; 0 where one is always the same.
    is_left_out
        Whether the case learns nothing from it.
    """

    value: str
    shared: float
    correlation: float
    is_left_out: bool


@dataclass(frozen=True, kw_only=True)
class Overlaps:
    """The content of ``overlap.json``: the questions, in their order."""

    questions: tuple[Overlap, ...]

    @property
    def left_out(self) -> frozenset[int]:
        """Places of the questions that nothing is learned from."""
        return frozenset(place for place, question in enumerate(self.questions) if question.is_left_out)


def compare_questions(
    spec: QuestionSpec,
    case: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    questions: Questions,
    *,
    folder: Path,
    scratch: Path,
    n_threads: int,
) -> None:
    """Compare the questions with what a case asks, by rows before its first validation; write ``overlap.json``.

    Parameters
    ----------
    spec
        Which log is asked, and when.
    case
        The feature set of the case's roles: its condition is what the case asks for.
    tables
        The files of its events, then those of each table that is joined.
    questions
        The questions.
    folder
        Where to write; it exists.
    scratch
        Folder for what does not fit into memory.
    n_threads
        Threads to use; they change no byte.
    """
    compared: tuple[Overlap, ...] = ()
    if questions.questions:
        compared = _compare(spec, case, tables, questions, scratch=scratch, n_threads=n_threads)
    (folder / _FILE).write_text(to_json(Overlaps(questions=compared)), encoding="utf-8")


def read_overlaps(folder: Path) -> Overlaps:
    """Read what :func:`compare_questions` wrote."""
    return read_json(Overlaps, folder / _FILE)


def _compare(
    spec: QuestionSpec,
    case: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    questions: Questions,
    *,
    scratch: Path,
    n_threads: int,
) -> tuple[Overlap, ...]:
    settings, method = case.settings, case.table.method
    assert isinstance(settings, RoleFeatures)
    user, time = quote_name(method.user), quote_name(method.time or "")
    values = [question.value for question in questions.questions]
    end = spec.cutoffs[-1] + spec.settings.within
    horizon = spec.settings.within // timedelta(microseconds=1)
    cutoffs = ", ".join(f"({quote_instant(cutoff)})" for cutoff in spec.cutoffs)
    with connect(n_threads=n_threads, scratch=scratch, memory=MEMORY) as connection:
        connection.execute(
            f"CREATE TEMP VIEW log AS SELECT {user} AS user_id, {time} AS happened, "
            f"CAST({quote_name(questions.column or '')} AS VARCHAR) AS value, "
            f"({condition_sql(settings.where, case.methods)}) AS is_own FROM ({all_before(case, tables, end)})"
        )
        connection.register("asked", pa.table({"value": pa.array(values, pa.string())}))
        by_day = _count(connection, "SELECT *, date_trunc('day', happened) AS moment FROM log")
        by_cutoff = _count(
            connection,
            f"SELECT log.*, moment FROM log JOIN (VALUES {cutoffs}) AS asked_at (moment) "
            f"ON happened >= moment AND happened < moment + to_microseconds({horizon})",
        )
        ((n_users,),) = connection.execute("SELECT count(DISTINCT user_id) FROM log").fetchall()
    n_pairs = n_users * len(spec.cutoffs)
    return tuple(_judge(value, by_day[value], by_cutoff[value], n_pairs) for value in values)


@dataclass(frozen=True, kw_only=True)
class _Counts:
    """Moments of users at which both happened, what the question asks for, what the case asks for."""

    n_both: int
    n_question: int
    n_case: int


def _count(connection: duckdb.DuckDBPyConnection, events: str) -> dict[str, _Counts]:
    """Count the moments of users for each value that is asked for."""
    found = connection.sql(
        f"""
        WITH events AS ({events}),
        own AS (SELECT DISTINCT user_id, moment FROM events WHERE is_own),
        of_value AS (SELECT DISTINCT value, user_id, moment FROM events JOIN asked USING (value))
        SELECT asked.value, count(own.user_id) AS n_both, count(of_value.user_id) AS n_question,
            (SELECT count(*) FROM own) AS n_case
        FROM asked LEFT JOIN of_value ON asked.value = of_value.value
        LEFT JOIN own ON own.user_id = of_value.user_id AND own.moment = of_value.moment
        GROUP BY asked.value
        """
    ).fetchall()
    return {value: _Counts(n_both=both, n_question=question, n_case=case) for value, both, question, case in found}


def _judge(value: str, by_day: _Counts, by_cutoff: _Counts, n_pairs: int) -> Overlap:
    n_either = by_day.n_question + by_day.n_case - by_day.n_both
    shared = by_day.n_both / n_either if n_either else 0.0
    question, case = by_cutoff.n_question / n_pairs, by_cutoff.n_case / n_pairs
    spread = math.sqrt(question * (1 - question) * case * (1 - case))
    correlation = (by_cutoff.n_both / n_pairs - question * case) / spread if spread else 0.0
    is_left_out = shared > SHARED or abs(correlation) > CORRELATED
    return Overlap(value=value, shared=shared, correlation=correlation, is_left_out=is_left_out)
