"""Every finding of the source has words in every language, and every message is of some finding."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor
from hypothesis import given, settings
from hypothesis import strategies as st

import yule
from yule.core.meanings import Meaning
from yule.messages.catalogue import CATALOGUES, Language, Listed, list_catalogue
from yule.messages.finding import Finding
from yule.messages.message import Message
from yule.messages.names import LONGEST_SAID
from yule.messages.telling import tell, tell_message
from yule.messages.values import (
    Amount,
    Choice,
    Codes,
    Count,
    Days,
    FeatureList,
    Figure,
    Instants,
    Names,
    Said,
    Share,
    Texts,
    Total,
    Value,
    tell_feature,
)
from yule.messages.writing import write_value
from yule.runtime.kubernetes.insight.outcomes import Cause, name_cause

MEANING = Meaning(feature_set="a", aggregate="count")
ROOT = Path(yule.__file__).parent
CALLED_BY_CODE = (
    {
        "list-pair",
        "list-rest",
        "list-separator",
        "about",
        "users-alike",
        "feature-missing",
        "as-told",
        "said",
    }
    | {f"feature-{measure}" for measure in ("auc", "psi", "days")}
    | {name_cause(cause) for cause in get_args(Cause)}
)
"""Messages that the code asks for by name."""

MAKERS = ("Finding", "Message")

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
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MAKERS
        for word in call.keywords
        if word.arg == kind
        for text in ast.walk(word.value)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }


@cache
def list_functions() -> list[ast.FunctionDef]:
    """Return the functions of the source."""
    return [
        node
        for file in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]


@cache
def list_calls() -> list[tuple[frozenset[str], frozenset[str] | None]]:
    """Return for each place that makes a finding or a message the codes it may have and the names of its values.

    The names are None where they are handed through from another message.
    """
    calls = []
    for scope in list_functions():
        for call in ast.walk(scope):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MAKERS:
                given = {word.arg: word.value for word in call.keywords}
                values = find_names(given["values"], scope) if "values" in given else frozenset()
                calls.append((find_texts(given["code"], scope), values))
    return calls


def find_texts(node: ast.expr, scope: ast.FunctionDef) -> frozenset[str]:
    """Return the texts that an expression may be, of what its names are given in the function too."""
    texts: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            texts.add(part.value)
        if isinstance(part, ast.Name):
            for given in find_given(part.id, scope):
                texts |= {one.value for one in ast.walk(given) if isinstance(one, ast.Constant)}
    return frozenset(texts)


def find_names(node: ast.expr, scope: ast.FunctionDef) -> frozenset[str] | None:
    """Return the keys of a dictionary; None if it is another message's."""
    match node:
        case ast.Dict():
            found = [
                find_names(value, scope) if key is None else frozenset([ast.literal_eval(key)])
                for key, value in zip(node.keys, node.values, strict=True)
            ]
            return None if None in found else frozenset(name for names in found if names for name in names)
        case ast.Name():
            (given,) = find_given(node.id, scope)
            return find_names(given, scope)
        case ast.Call(func=ast.Name(id=name)):
            (called,) = (function for function in list_functions() if function.name == name)
            (returned,) = (one.value for one in ast.walk(called) if isinstance(one, ast.Return) and one.value)
            return find_names(returned, called)
        case _:
            return None


def find_given(name: str, scope: ast.FunctionDef) -> list[ast.expr]:
    """Return what a name is given in a function."""
    return [
        one.value
        for one in ast.walk(scope)
        if isinstance(one, ast.Assign | ast.AnnAssign) and one.value
        for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
        if any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(target))
    ]


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
def test_what_a_message_is_given_is_what_its_words_tell(language: Language) -> None:
    entries = read_entries(language)
    told = [(code, values) for codes, values in list_calls() for code in codes & entries.keys() if values is not None]
    assert len(told) > 60
    assert {
        code: (values, words)
        for code, values in told
        if values != (words := frozenset(find_references(entries, code).variables))
    } == {}


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
    yield from (Total(9.96), Total(12_345.6), Said("no such table"), Codes(("hint-taint", "hint-full")))
    yield from (Count(1), Count(2_500), Share(0.031), Figure(0.5), Amount(1_234.5), Days(3), Choice("a word"))
    yield from (Instants((datetime(2024, 1, 1, tzinfo=UTC),)), Names((), 0), Names(("a", "b"), 9), Texts(("a ",)))
    yield from (FeatureList((MEANING,)), FeatureList((MEANING, MEANING), figures=(0.9, None), measure="auc"))


COUNTED = {"outputs", "telling", "left_out", "divided", "constant", "found"}
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


@every_language
@given(data=st.data())
@settings(deadline=None, max_examples=10)
def test_any_message_is_told_whatever_its_values(language: Language, data: st.DataObject) -> None:
    entries = read_entries(language)
    for code in sorted(frozenset().union(*(codes for codes, _ in list_calls())) & entries.keys()):
        if entries[code].value is not None:
            names = sorted(find_references(entries, code).variables)
            values = {name: data.draw(st.sampled_from(LISTS if name in COUNTED else _fitting(name))) for name in names}
            assert "{" not in tell_message(Message(code=code, values=values), language)


def _fitting(name: str) -> list[Value]:
    """Return values that may stand for a name: messages ask for other digits of some."""
    numbers = [Count(0), Count(1), Count(2), Share(0.5), Figure(1e-9), Figure(12_345.678), Amount(-3)]
    return numbers if name not in ("of", "auc_of", "supervision") else [Choice("list"), Choice("upper-half")]


@pytest.mark.parametrize("text", ["x" * 5000, "a\nb", "\x1b[31m", "", "  "])
def test_a_value_of_data_is_told_in_one_line_that_ends(text: str) -> None:
    for value in (
        Names((text, text, text), 3),
        Texts((text,)),
        tell_feature(Meaning(feature_set="f", aggregate="share", column="c", value=text)),
    ):
        told = write_value("en", value)
        line = told.text if isinstance(told, Listed) else str(told)
        assert line.isprintable()
        assert 0 < len(line) < 500


def test_a_long_error_of_another_program_is_told_from_its_beginning() -> None:
    told = write_value("en", Said("no such table " * 1000))
    assert str(told).startswith("no such table no such table")
    assert len(str(told)) <= LONGEST_SAID
