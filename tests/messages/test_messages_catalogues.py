"""Every finding of the source has words in every language, and every message is of some finding."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor
from hypothesis import given, settings
from hypothesis import strategies as st

import yule
from yule.core.meanings import Meaning
from yule.messages.catalogue import CATALOGUES, Language, list_catalogue
from yule.messages.finding import Finding
from yule.messages.telling import tell
from yule.messages.values import (
    Amount,
    Choice,
    Count,
    Days,
    FeatureList,
    Figure,
    Instants,
    Names,
    Share,
    Texts,
    Value,
)

MEANING = Meaning(feature_set="a", aggregate="count")
ROOT = Path(yule.__file__).parent
CALLED_BY_CODE = {
    "list-pair",
    "list-rest",
    "list-separator",
    "about",
    "users-alike",
    "feature-missing",
    "as-told",
    "as-told-before",
} | {f"feature-{measure}" for measure in ("auc", "psi", "days")}
"""Messages that the code asks for by name."""

every_language = pytest.mark.parametrize("language", CATALOGUES)


class References(Visitor):
    """Names of the variables and messages that an entry refers to."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.messages: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
        self.variables.add(node.id.name)

    def visit_MessageReference(self, node: ftl.MessageReference) -> None:  # noqa: N802
        self.messages.add(node.id.name)


@cache
def read_entries(language: Language) -> dict[str, ftl.Message]:
    entries = [
        entry
        for file in list_catalogue(language)
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body
    ]
    assert not [entry.content for entry in entries if isinstance(entry, ftl.Junk)]
    return {entry.id.name: entry for entry in entries if isinstance(entry, ftl.Message)}


def find_references(entries: dict[str, ftl.Message], name: str) -> References:
    """Return what an entry refers to, and what those it refers to do."""
    found = References()
    found.visit(entries[name])
    for other in sorted(found.messages):
        inner = find_references(entries, other)
        found.variables |= inner.variables
        found.messages |= inner.messages
    return found


@cache
def list_strings(kind: str) -> set[str]:
    """Return the texts of the source that stand as an argument ``code`` or ``check``, or are given to a name of it."""
    return {
        text.value
        for file in ROOT.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("Finding", "Message")
        for word in call.keywords
        if word.arg == kind
        for text in ast.walk(word.value)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }


@cache
def list_texts() -> set[str]:
    """Return all texts of the source."""
    return {
        text.value
        for file in ROOT.rglob("*.py")
        for text in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }


@every_language
def test_every_code_of_the_source_has_words(language: Language) -> None:
    entries = read_entries(language)
    codes = list_strings("code")
    assert len(codes) > 30
    assert codes <= entries.keys()
    assert {f"check-{check}" for check in list_strings("check")} <= entries.keys()


@every_language
def test_every_message_is_of_the_source_or_of_another_message(language: Language) -> None:
    entries = read_entries(language)
    texts = list_texts() | {f"check-{check}" for check in list_strings("check")} | CALLED_BY_CODE
    referred = {name for entry in entries for name in find_references(entries, entry).messages}
    assert entries.keys() <= texts | referred


@every_language
def test_a_message_with_a_title_says_what_was_seen(language: Language) -> None:
    for entry in read_entries(language).values():
        parts = [attribute.id.name for attribute in entry.attributes]
        assert not parts or parts in (["title", "seen"], ["title", "seen", "remedy"])


def list_values() -> Iterator[Value]:
    yield from (Count(1), Count(2_500), Share(0.031), Figure(0.5), Amount(1_234.5), Days(3), Choice("a word"))
    yield from (Instants((datetime(2024, 1, 1, tzinfo=UTC),)), Names((), 0), Names(("a", "b"), 9), Texts(("a ",)))
    yield from (FeatureList((MEANING,)), FeatureList((MEANING, MEANING), figures=(0.9, None), measure="auc"))


COUNTED = {"telling", "left_out", "divided", "constant", "found"}
"""Values whose names a message counts."""

LISTS = [value for value in list_values() if isinstance(value, Names | Texts | FeatureList)]


@every_language
@given(data=st.data())
@settings(deadline=None, max_examples=10)
def test_any_finding_is_told_whatever_its_values(language: Language, data: st.DataObject) -> None:
    entries = read_entries(language)
    for code in sorted(name for name, entry in entries.items() if entry.attributes):
        variables = sorted(find_references(entries, code).variables)
        values = {
            name: data.draw(st.sampled_from(LISTS if name in COUNTED else _fitting(name)), label=name)
            for name in variables
        }
        told = tell(Finding(check="labels", code=code, severity="ok", values=values), language)
        assert told.title
        assert told.seen
        assert "{" not in told.text


def _fitting(name: str) -> list[Value]:
    """Return values that may stand for a name: messages ask for other digits of some."""
    numbers = [Count(0), Count(1), Count(2), Share(0.5), Figure(1e-9), Figure(12_345.678), Amount(-3)]
    return numbers if name not in ("of", "auc_of", "supervision") else [Choice("list"), Choice("upper-half")]
