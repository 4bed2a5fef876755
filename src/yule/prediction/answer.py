"""What an answer without labels rests on, as facts and as messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from pathlib import Path

from yule.core.settings import read_json, to_json
from yule.messages.message import Message
from yule.messages.values import Count, Days, Figure, Instants, Share, Total, name_one, name_some
from yule.prediction.look_back import LookBack

_FILE = "answer.json"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The content of ``answer.json``: what a list of users rests on that no label of its question was used for.

    Parameters
    ----------
    cutoff
        As of when users are scored.
    horizon
        How far the question looks ahead.
    n_users
        Users on the list.
    n_doers
        Those of them who have ever done what the question is about; of leaving, those who have ever been there.
    n_first, expected_first
        The first users on the list, and how many of them are expected to be a yes.
    expected
        How many of all are.
    column
        The column whose values are what other questions ask for.
    n_questions
        How many of those are learned from.
    question_cutoffs
        When they were asked, UTC.
    left_out
        Values that are asked for by questions which repeat this one: nothing is learned from them.
    before
        What came of the same question a horizon earlier.
    """

    cutoff: datetime
    horizon: timedelta
    n_users: int
    n_doers: int
    n_first: int
    expected_first: float
    expected: float
    column: str
    n_questions: int
    question_cutoffs: tuple[datetime, ...]
    left_out: tuple[str, ...]
    before: LookBack


def write_evidence(evidence: Evidence, folder: Path) -> None:
    """Write ``answer.json``."""
    (folder / _FILE).write_text(to_json(evidence), encoding="utf-8")


def read_evidence(folder: Path) -> Evidence:
    """Read what :func:`write_evidence` wrote."""
    return read_json(Evidence, folder / _FILE)


def describe_evidence(evidence: Evidence) -> Iterator[Message]:
    """Yield what people should know of a list: what to expect of it, what it rests on, and how it did before."""
    horizon = Days(evidence.horizon / timedelta(days=1))
    yield Message(
        code="answer-expected",
        values={
            "n_users": Count(evidence.n_users),
            "expected": Total(evidence.expected),
            "n_first": Count(evidence.n_first),
            "expected_first": Total(evidence.expected_first),
            "horizon": horizon,
            "cutoff": Instants((evidence.cutoff,)),
        },
    )
    yield Message(
        code="answer-rests-on",
        values={
            "n_questions": Count(evidence.n_questions),
            "column": name_one(evidence.column),
            "cutoffs": Instants(evidence.question_cutoffs),
        },
    )
    if evidence.left_out:
        left_out = name_some(list(evidence.left_out), most=5)
        yield Message(code="answer-left-out", values={"left_out": left_out})
    if not evidence.n_doers:
        yield Message(code="answer-never-done")
    yield from _describe_before(evidence.before, horizon)


def _describe_before(before: LookBack, horizon: Days) -> Iterator[Message]:
    cutoff = Instants((before.cutoff,))
    if before.auc is None:
        yield Message(
            code="answer-before-all-alike",
            values={
                "cutoff": cutoff,
                "n_users": Count(before.n_users),
                "n_yes": Count(before.n_yes),
                "horizon": horizon,
            },
        )
    else:
        yield Message(
            code="answer-before",
            values={
                "cutoff": cutoff,
                "n_hits": Count(before.n_hits),
                "n_first": Count(before.n_first),
                "at_random": Total(before.n_first * before.n_yes / before.n_users),
                "auc": Figure(before.auc),
            },
        )
    yield Message(
        code="answer-level",
        values={
            "expected": Share(before.expected),
            "rate": Share(before.n_yes / before.n_users),
            "factor": Figure(exp(before.level)),
        },
    )
