"""The fields of settings that are part of every key made of them."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from yule.pipeline.runs.kept import KeptModel
from yule.pipeline.specs import AnswerSpec, CheckSpec, ReportSpec, ScoringSpec

PARAMETERS = (AnswerSpec, CheckSpec, KeptModel, ReportSpec, ScoringSpec)
"""All that tasks take as JSON is one of these or a part of one."""


def find_settings() -> dict[str, type]:
    """Return all settings that key tasks, by the names of their classes."""
    found: dict[str, type] = {}
    waiting: list[type] = list(PARAMETERS)
    while waiting:
        kind = waiting.pop()
        assert found.setdefault(kind.__name__, kind) is kind, f"two settings are called {kind.__name__}"
        parts = {part for hint in get_type_hints(kind).values() for part in _find_dataclasses(hint)}
        waiting += [part for part in parts if part.__name__ not in found]
    return dict(sorted(found.items()))


def list_keyed_fields() -> dict[str, list[str]]:
    """Return the names of the fields that are in every key, whatever their value, by class."""
    return {
        name: sorted(field.name for field in fields(kind) if not is_added(field))
        for name, kind in find_settings().items()
    }


def is_added(field: "Field[Any]") -> bool:
    """Say whether a field is left out of keys at its default."""
    return "added" in field.metadata


def has_default(field: "Field[Any]") -> bool:
    """Say whether a field has a default."""
    return field.default is not MISSING or field.default_factory is not MISSING


def _find_dataclasses(hint: Any) -> Iterator[type]:
    if is_dataclass(hint) and isinstance(hint, type):
        yield hint
    elif get_origin(hint) is Annotated:
        yield from _find_dataclasses(get_args(hint)[0])
    elif get_origin(hint) in (Union, UnionType, tuple, list, dict, frozenset):
        for part in get_args(hint):
            yield from _find_dataclasses(part)
