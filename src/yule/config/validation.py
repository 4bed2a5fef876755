"""Validate a document against a form, and explain every fault at its place."""

import json
from collections.abc import Iterator, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from yule.config.documents import Node
from yule.config.forms.checks import Faults, Known, suggest_choice
from yule.config.places import Spot, branch_names, field_kinds, find_examples, find_spot, find_words, key_words
from yule.core.errors import Problem

FormT = TypeVar("FormT", bound=BaseModel)

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "finite_number": "a finite number",
}
_BOUNDS = {
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
}
MAY_BE_EMPTY = ("value", "description", "owner", "meaning")
"""Keys whose text may be empty: what SQL takes, and what is for the reader."""

_NOTHING = "expected a value, got nothing; write one, or leave the key out"
_SHAPES = {"name": "a name", "list": "a list", "mapping": "a mapping"}


def validate(form: type[FormT], node: Node, known: Known, problems: list[Problem]) -> FormT | None:
    """Turn a document into a form.

    Parameters
    ----------
    form
        The written form of the file.
    node
        The document.
    known
        What is known of the project.
    problems
        Problems that are found are appended: all that the document has.

    Returns
    -------
    form or None
        None when there are problems.
    """
    # As JSON: there pydantic is strict and still takes a list where the settings have a tuple.
    text = json.dumps(node.plain())
    found: list[ErrorDetails] = []
    try:
        written = form.model_validate_json(text, context=known)
    except ValidationError as error:
        written, found = None, error.errors(include_url=False)
        # A wrong name hides what is wrong with the values beside it, so look once more without knowing any names:
        # checks by names come before those that need none.
        try:
            form.model_validate_json(text, context=Known())
        except ValidationError as error:
            found += error.errors(include_url=False)
    for details in found:  # pydantic never lets go of them, nor they of all that was at work when they were raised
        if isinstance(fault := details.get("ctx", {}).get("error"), Exception):
            fault.__traceback__ = None
    told = {_where(problem) for problem in problems}  # a value is told of once
    explained = [problem for details in found for problem in _explain(form, node, details)]
    explained = [problem for problem in explained if _where(problem) not in told]
    told |= {_where(problem) for problem in explained}
    empty = [problem for problem in _find_empty(node) if _where(problem) not in told]
    problems.extend(dict.fromkeys([*explained, *empty]))
    return None if empty else written


def _where(problem: Problem) -> tuple[str, int, str]:
    return problem.file, problem.line, problem.path


def _find_empty(node: Node) -> Iterator[Problem]:
    """Find keys with nothing behind them: a default is what leaving the key out gives, never what is forgotten."""
    match node.value:
        case None:
            yield node.place.problem(_NOTHING)
        case str() if _is_blank(node.value) and node.place.path.rpartition(".")[2] not in MAY_BE_EMPTY:
            yield node.place.problem("must not be empty; write a text, or leave the key out")
        case Mapping():
            for child in node.value.values():
                yield from _find_empty(child)
        case tuple():
            for item in node.value:
                yield from _find_empty(item)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _explain(form: type[BaseModel], node: Node, details: ErrorDetails) -> Iterator[Problem]:
    location, context = details["loc"], details.get("ctx", {})
    spot = find_spot(form, node, location)
    match details["type"]:
        case "value_error" if _is_blank(spot.node.value):
            pass  # that it is empty is told of every value alike
        case "missing":
            outer = find_spot(form, node, location[:-1])
            yield outer.node.place.problem(_explain_missing(str(location[-1]), outer))
        case "extra_forbidden" | "unexpected_keyword_argument":
            outer = find_spot(form, node, location[:-1])
            keys = [key for kind in outer.kinds for key in field_kinds(kind)]
            yield spot.node.key.problem(f"unknown key {location[-1]!r}{suggest_choice(str(location[-1]), keys)}")
        case "literal_error" if location[-1] == "[key]":
            outer = find_spot(form, node, location[:-2])
            words = [str(word) for kind in outer.kinds for word in key_words(kind)]
            yield spot.node.key.problem(f"unknown key {location[-2]!r}{suggest_choice(str(location[-2]), words)}")
        case "value_error" if isinstance(context["error"], Faults):
            for fault in context["error"].faults:
                yield find_spot(form, node, _join(location, fault.at)).node.place.problem(fault.message)
        case "value_error":
            yield spot.node.place.problem(str(context["error"]))
        case "union_tag_invalid" | "union_tag_not_found":
            yield _explain_union(spot)
        case "too_short" if _count_items(spot.node) >= context["min_length"]:
            pass  # pydantic counts the sound items only, and the others have their own problems
        case _:
            yield spot.node.place.problem(_explain_value(details, spot))


def _count_items(node: Node) -> int:
    written = node.plain()
    return len(written) if isinstance(written, list | dict | tuple) else 0


def _join(location: tuple[str | int, ...], at: tuple[str | int, ...]) -> tuple[str | int, ...]:
    while at[:1] == ("..",):
        location, at = location[:-1], at[1:]
    return (*location, *at)


def _explain_missing(key: str, outer: Spot) -> str:
    examples = find_examples(outer, key)
    example = f"; write e.g. {key}: {examples[0]}" if examples else ""
    return f"the key {key!r} is missing{example}"


def _explain_union(spot: Spot) -> Problem:
    branches = list(dict.fromkeys(name for kind in spot.kinds for name in branch_names(kind)))
    if set(branches) <= set(_SHAPES):
        wanted = " or ".join(_SHAPES[name] for name in branches)
        return spot.node.place.problem(f"expected {wanted}, got {_show(spot.node)}")
    branches = [name for name in branches if name not in _SHAPES]  # a mapping where a name would do has a kind, too
    kind = spot.node.child("kind")
    if kind is None and spot.node.value is None:
        return spot.node.place.problem(_NOTHING)
    if kind is None:
        return spot.node.place.problem(f"the key 'kind' is missing; write one of {', '.join(branches)}")
    return kind.place.problem(_explain_choice(kind, branches))


def _explain_value(details: ErrorDetails, spot: Spot) -> str:
    name, context, found = details["type"], details.get("ctx", {}), _show(spot.node)
    if name in _WANTED:
        hint = "; put it in quotes" if name == "string_type" and isinstance(spot.node.value, int | float) else ""
        return f"expected {_WANTED[name]}, got {found}{hint}"
    if name in _BOUNDS:
        return f"must be {_BOUNDS[name].format(**context)}, got {found}"
    if name in ("too_short", "string_too_short"):
        least = context["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {least} items"
    if name == "too_long":
        return f"must have at most {context['max_length']} items, got {context['actual_length']}"
    if name == "literal_error":
        return _explain_choice(spot.node, [str(word) for kind in spot.kinds for word in find_words(kind) if word])
    return details["msg"]


def _explain_choice(node: Node, allowed: list[str]) -> str:
    if not isinstance(node.value, str):
        return f"expected one of {', '.join(allowed)}, got {_show(node)}"
    close = suggest_choice(node.value, allowed)
    return f"{node.value!r} is not one of {', '.join(allowed)}{close if close.startswith(' (') else ''}"


def _show(node: Node) -> str:
    match node.value:
        case None:
            return "nothing"
        case Mapping():
            return "a mapping"
        case tuple():
            return "a list"
        case str():
            return f"the text {node.value!r}"
    return node.place.marked
