"""Settings as JSON: the canonical form that keys the cache and travels between processes.

Settings are frozen dataclasses. Their canonical JSON has sorted keys, no spaces, durations in seconds and
instants in UTC, so equal settings always give the same text. A field that is added later is :data:`ADDED`: at its
default it is left out, so that the text, and every key made of it, is what it was before.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from yule.core.bounds import find_out_of_bounds
from yule.core.errors import DELETE_IT, CorruptedOutput
from yule.core.files import read_bounded

if TYPE_CHECKING:
    import cattrs

T = TypeVar("T")

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"

ADDED: Mapping[str, bool] = MappingProxyType({"added": True})
"""Metadata of a field that is left out of JSON at its default: ``field(default=None, metadata=ADDED)``."""


N_KEPT = 128
"""So many settings that were rebuilt last are kept for who asks for them again."""


@cache
def _converter() -> "cattrs.Converter":
    import cattrs

    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook_factory(_has_added, lambda kind: _unstructure(kind, converter))
    converter.register_unstructure_hook(timedelta, lambda value: int(value.total_seconds()))
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))
    converter.register_unstructure_hook(datetime, lambda value: value.astimezone(UTC).isoformat())
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    return converter


def _has_added(kind: Any) -> bool:
    return is_dataclass(kind) and any("added" in field.metadata for field in fields(kind))


def _unstructure(kind: Any, converter: "cattrs.Converter") -> Callable[[Any], dict[str, Any]]:
    from cattrs.gen import make_dict_unstructure_fn, override

    added = {field.name: override(omit_if_default=True) for field in fields(kind) if "added" in field.metadata}
    return make_dict_unstructure_fn(kind, converter, **added)  # type: ignore[arg-type]


def canonical_json(value: Json) -> str:
    """Write plain data as JSON text that is the same for equal data.

    >>> canonical_json({"b": 1, "a": [1.5, None]})
    '{"a":[1.5,null],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def to_plain(settings: object) -> Json:
    """Turn settings into plain data: dictionaries, lists, strings and numbers."""
    plain: Json = _converter().unstructure(settings)
    return plain


def to_json(settings: object) -> str:
    """Write settings as canonical JSON."""
    return canonical_json(to_plain(settings))


def from_json(kind: type[T], text: str) -> T:
    """Rebuild settings of one kind from their canonical JSON; ``from_json(kind, to_json(x)) == x``.

    They are frozen: whoever asks for the same again, as tasks do all the time, is given the same object.
    """
    settings: T = _rebuild(kind, text)  # type: ignore[arg-type]  # a type can be hashed
    return settings


@lru_cache(maxsize=N_KEPT)
def _rebuild(kind: type[Any], text: str) -> Any:
    return from_plain(kind, json.loads(text))


def from_bytes(kind: type[T], content: bytes) -> T:
    """Rebuild settings of one kind from bytes that anybody may have written.

    Raises
    ------
    ValueError
        If they are not the JSON of such settings, in whatever way, or are out of their bounds.
    """
    rebuild = _rebuild_trusted if is_dataclass(kind) else _trust  # others may be changed by who reads them
    settings: T = rebuild(kind, content)  # type: ignore[arg-type]  # a type can be hashed
    return settings


@lru_cache(maxsize=N_KEPT)
def _rebuild_trusted(kind: type[Any], content: bytes) -> Any:
    return _trust(kind, content)


def _trust(kind: type[Any], content: bytes) -> Any:
    try:
        settings = from_plain(kind, json.loads(content.decode()))
    except (ExceptionGroup, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ValueError("not the JSON of such settings") from error
    for told in find_out_of_bounds(settings):
        raise ValueError(told)
    return settings


def read_json(kind: type[T], file: Path) -> T:
    """Rebuild settings of one kind from a file of an output.

    Raises
    ------
    CorruptedOutput
        If it is not their JSON, or larger than any that Yule writes.
    """
    try:
        return from_bytes(kind, read_bounded(file))
    except ValueError as error:
        raise _describe_damage(file) from error


def read_plain(file: Path) -> Json:
    """Read the JSON of an output's file; see :func:`read_json`."""
    try:
        plain: Json = json.loads(read_bounded(file))
    except (RecursionError, ValueError) as error:
        raise _describe_damage(file) from error
    return plain


def _describe_damage(file: Path) -> CorruptedOutput:
    return CorruptedOutput(f"{file} is damaged, or was not written by this version of Yule. {DELETE_IT}")


def from_plain(kind: type[T], plain: Json) -> T:
    """Rebuild settings of one kind from plain data."""
    return _converter().structure(plain, kind)


def digest(text: str) -> str:
    """Return 16 hexadecimal digits that stand for a text.

    >>> digest("beer")
    '1d8b4cf854cd42f4'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]
