"""Questions that are asked without a case: read from a line that somebody types."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yule.config.cases import to_yaml, write_population
from yule.config.documents import Node, Place, Scalar
from yule.config.finding import place_new_case
from yule.config.forms.checks import Known
from yule.config.forms.question import QuestionForm
from yule.config.forms.values import format_duration, format_instant
from yule.config.projects import Project, raise_problems
from yule.config.validation import validate
from yule.core.errors import Problem
from yule.core.files import write_whole
from yule.core.settings import Json
from yule.labels.settings import EventRule, Population

_GRAMMAR = re.compile(r"\s*(?P<download>[^\s'\"]+)(?:\s+where\s+(?P<where>\S.*?))?\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question that is asked without a case.

    Parameters
    ----------
    text
        As it was asked.
    rule
        What it asks for, without cut-offs.
    population
        Who is asked of.
    """

    text: str
    rule: EventRule
    population: Population


def read_question(
    text: str, project: Project, *, within: str, leaving: bool, population: str | None, active: str | None
) -> Question:
    """Read a question.

    Parameters
    ----------
    text
        ``DOWNLOAD``, or ``DOWNLOAD where CONDITION``: which events are asked for.
    project
        The project whose downloads it may name.
    within
        How far it looks ahead, such as ``28 days``.
    leaving
        Whether who has no such event is asked for, not who has one.
    population
        Who is asked of, written like the question: users with such a row; None for those with any row of the same
        download.
    active
        How long ago the row may be, such as ``90 days``; None for any time, of leaving without a population for as
        short a time as the question looks ahead.

    Raises
    ------
    ConfigError
        With all problems.
    """
    problems: list[Problem] = []
    asked = _read_rows(text, "question", "event", problems)
    users = asked if population is None else _read_rows(population, "population", "download", problems)
    raise_problems(problems)
    assert asked is not None
    assert users is not None
    horizon = _leaf(within, "within")
    rows = {"download": users["event"]} if population is None else users
    lately = _leaf(active, "active") if active is not None else horizon if leaving and population is None else None
    kind = {"kind": _leaf("leaving", "question")} if leaving else {}
    whole = _leaf(text, "question")
    node = _branch(
        whole,
        {
            "labels": _branch(whole, {**kind, **asked, "within": horizon}),
            "population": _branch(whole, rows if lately is None else {**rows, "within": lately}),
        },
    )
    known = Known(downloads=project.downloads)
    form = validate(QuestionForm, node, known, problems)
    raise_problems(problems)
    assert form is not None
    return Question(text=text, rule=form.labels.settings(), population=form.population.settings())


def write_case(question: Question, root: Path, name: str, *, cutoff: datetime) -> Path:
    """Write a case that asks a question, so that labels refine its answer; return its file.

    Parameters
    ----------
    question
        The question.
    root
        Folder of the project.
    name
        Name of the case.
    cutoff
        As of when users are scored.

    Raises
    ------
    ConfigError
        If there is such a case, or the name is none for one.
    """
    path = place_new_case(root, name)
    write_whole(path, to_yaml(_describe_case(question, cutoff)))
    return path


def _describe_case(question: Question, cutoff: datetime) -> Json:
    """Return the written form of a case; what is a default there is left out."""
    rule, users = question.rule, question.population
    where: dict[str, Json] = {} if rule.where is None else {"where": rule.where}
    kind: dict[str, Json] = {"kind": rule.kind} if rule.kind == "leaving" else {}
    within = format_duration(rule.within)
    what = " ".join(question.text.split())
    population: Json = users.download if users == Population(download=users.download) else write_population(users)
    return {
        "version": 1,
        "question": f"Which users will have {'none of' if kind else 'some of'} {what} in the next {within}?",
        "labels": {**kind, "event": rule.event, **where, "within": within},
        "predict": {"cutoff": format_instant(cutoff), "population": population},
        "features": "auto",
        "models": "standard",
        "transfer": "auto",
    }


def _read_rows(text: str, name: str, key: str, problems: list[Problem]) -> dict[str, Node] | None:
    """Read which rows of which download are meant; None, with a problem, if that cannot be told."""
    found = _GRAMMAR.fullmatch(text)
    if found is None:
        message = (
            "write the name of a download, or of one and a condition on its rows: purchases where department = 'DAIRY'"
        )
        problems.append(_leaf(text, name).place.problem(message))
        return None
    where = {} if found["where"] is None else {"where": _leaf(text, name, found["where"], at=found.start("where"))}
    return {key: _leaf(text, name, found["download"], at=found.start("download")), **where}


def _leaf(text: str, name: str, value: Scalar = None, *, at: int = 0) -> Node:
    """Return a part of a line as a value that knows its place; without one the whole line."""
    line = re.sub(r"\s", " ", text)
    written = line if value is None else value
    place = Place(file=name, path="", line=1, column=at + 1, width=max(len(str(written)), 1), text=line)
    return Node(value=written, place=place, key=place)


def _branch(whole: Node, children: dict[str, Node]) -> Node:
    return Node(value=children, place=whole.place, key=whole.key)
