"""Follow pydantic's locations through a document, and know what may stand at each place."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, RootModel, Tag

from yule.config.documents import Node


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A value of a document.

    Parameters
    ----------
    node
        The value.
    kinds
        What may stand there: types of forms and settings, literals, plain types.
    """

    node: Node
    kinds: tuple[Any, ...]


def find_spot(form: type[BaseModel], node: Node, location: tuple[str | int, ...]) -> Spot:
    """Follow a location from the top of a document, as far as there are values.

    Pydantic's locations also name the branches of unions, which are no keys: those narrow down what may stand there.
    """
    kinds, is_narrowed = tuple(_expand(form)), False
    for part in location:
        child = node.child(part)
        stepped = tuple(kind for outer in kinds for inner in _step(outer, part) for kind in _expand(inner))
        branch = () if is_narrowed else tuple(kind for kind in kinds if part in branch_names(kind))
        if child is not None and (stepped or not branch):
            node, kinds, is_narrowed = child, stepped, False
        elif branch:
            kinds, is_narrowed = branch, True
    return Spot(node=node, kinds=kinds)


def find_examples(outer: Spot, key: str) -> list[str]:
    """Return what to write for a key of a form."""
    forms = [kind for kind in map(_bare, outer.kinds) if isinstance(kind, type) and issubclass(kind, BaseModel)]
    fields = [field for form in forms for name, field in form.model_fields.items() if key == (field.alias or name)]
    return [str(example) for field in fields for example in field.examples or ()]


def field_kinds(kind: Any) -> dict[str, Any]:
    """Return the keys of a form or of settings with what may stand there; nothing for other types."""
    bare = _bare(kind)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return {field.alias or name: field.annotation for name, field in bare.model_fields.items()}
    if isinstance(bare, type) and is_dataclass(bare):
        hints = get_type_hints(bare, include_extras=True)
        return {field.name: hints[field.name] for field in fields(bare)}
    return {}


def branch_names(kind: Any) -> list[str]:
    """Return by what names pydantic calls an alternative of a union: its tag, or its ``kind``."""
    extras = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
    tags = [extra.tag for extra in extras if isinstance(extra, Tag)]
    kinds = find_words(field_kinds(kind).get("kind"))
    return tags or [str(word) for word in kinds if len(kinds) == 1]


def key_words(kind: Any) -> tuple[Any, ...]:
    """Return the words that the keys of a mapping are chosen from; nothing for other types."""
    return find_words(get_args(_bare(kind))[0]) if get_origin(_bare(kind)) is Mapping else ()


def find_words(kind: Any) -> tuple[Any, ...]:
    """Return the words a literal allows; nothing for other types."""
    return get_args(_bare(kind)) if get_origin(_bare(kind)) is Literal else ()


def _expand(annotation: Any) -> Iterator[Any]:
    """Yield the alternatives of an annotation, with their tags."""
    bare = _bare(annotation)
    if get_origin(bare) in (Union, types.UnionType):
        for alternative in get_args(bare):
            yield from _expand(alternative)
    elif isinstance(bare, type) and issubclass(bare, RootModel):
        yield from _expand(bare.model_fields["root"].annotation)
    elif bare is not types.NoneType:
        yield annotation


def _step(kind: Any, part: str | int) -> list[Any]:
    """Return what the value of a key, or an item of a list, may be."""
    bare = _bare(kind)
    if get_origin(bare) in (tuple, list):
        return [get_args(bare)[0]]
    if get_origin(bare) is Mapping:
        return [get_args(bare)[1]]
    return [annotation for name, annotation in field_kinds(bare).items() if name == part]


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind
