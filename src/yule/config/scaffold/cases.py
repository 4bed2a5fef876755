"""The file of a new case: annotated, or like another one. Its question is to be written before it runs."""

import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from string import Template

from yule.config.documents import Node, read_document
from yule.config.finding import find_case, place_new_case
from yule.config.forms.checks import suggest_choice
from yule.config.projects import Project, raise_problems
from yule.core.errors import DataError, Problem

_CONTINUED = re.compile(r"[ \t]|\Z")


def write_case(project: Project, name: str) -> Path:
    """Write an annotated case of a project, about the first of its downloads that has a time.

    Raises
    ------
    ConfigError
        If the name cannot be one, or there is such a case.
    DataError
        If no download has a time: then the labels are a table of their own, and another case tells more.
    """
    with_time = [method.name for method in project.downloads.values() if method.time is not None]
    if not with_time:
        raise DataError("No download has a time, so events cannot be asked for. Begin with another case: --like CASE.")
    template = (files("yule.config") / "templates" / "case.yaml").read_text(encoding="utf-8")
    values = {"name": name, "download": with_time[0], "today": f"{datetime.now(UTC):%Y-%m-%d}"}
    return _write(project.root, name, Template(template).substitute(values))


def copy_case(root: Path, name: str, like: str) -> Path:
    """Write a case like another one, with its comments, but for its question and by when it is due.

    Parameters
    ----------
    root
        Folder of the project.
    name
        The new case.
    like
        The other one: its name or its file.

    Raises
    ------
    ConfigError
        If the name cannot be one, there is such a case, or none to copy; says what comes close.
    """
    source, problems = find_case(like, root), list[Problem]()
    if not source.is_file():
        names = [file.stem for file in (root / "cases").glob("*.yaml") if not file.stem.startswith("_")]
        problems.append(Problem(file=str(source), message=f"there is no such case{suggest_choice(like, names)}"))
    document = read_document(source, str(source), problems) if source.is_file() else None
    raise_problems(problems)
    assert document is not None
    lines = source.read_bytes().decode().splitlines(keepends=True)
    asked = document.child("question")
    mark = f"question:                           # to be written; {source.stem} asks another one\n"
    labels = document.child("labels")
    if labels is not None:
        place = labels.key.line - 1
        lines[place] = f"# What is learned is still that of {source.stem}.\n{lines[place]}"
    lines = _replace_key(lines, document.child("due"), "")
    lines = _replace_key(lines, asked, mark) if asked is not None else _insert(lines, document, mark)
    return _write(root, name, "".join(lines))


def _replace_key(lines: list[str], node: Node | None, text: str) -> list[str]:
    """Put a text in the place of the lines of a key; its number of lines stays, so that others are still found."""
    if node is None:
        return lines
    first = node.key.line - 1
    last = first + 1
    while last < len(lines) and lines[last].strip() and _CONTINUED.match(lines[last]):
        last += 1
    return [*lines[:first], text, *[""] * (last - first - 1), *lines[last:]]


def _insert(lines: list[str], document: Node, text: str) -> list[str]:
    """Put a text behind the first key: the question stands in the case that this one extends."""
    first = document.child("version")
    place = 0 if first is None else first.key.line
    return [*lines[:place], text, *lines[place:]]


def _write(root: Path, name: str, text: str) -> Path:
    file = place_new_case(root, name)
    file.parent.mkdir(exist_ok=True)
    with file.open("x", encoding="utf-8", newline="") as out:
        out.write(text)
    return file
