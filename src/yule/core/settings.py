"""Settings as JSON: the canonical form that keys the cache and travels between processes.

Settings are frozen dataclasses. Their canonical JSON has sorted keys, no spaces, durations in seconds and
instants in UTC, so equal settings always give the same text.
"""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    import cattrs

T = TypeVar("T")

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"


@cache
def _converter() -> "cattrs.Converter":
    import cattrs

    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(timedelta, lambda value: int(value.total_seconds()))
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))
    converter.register_unstructure_hook(datetime, lambda value: value.astimezone(UTC).isoformat())
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
    return converter


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
    """Rebuild settings of one kind from their canonical JSON; ``from_json(kind, to_json(x)) == x``."""
    return from_plain(kind, json.loads(text))


def from_bytes(kind: type[T], content: bytes) -> T:
    """Rebuild settings of one kind from bytes that anybody may have written.

    Raises
    ------
    ValueError
        If they are not the JSON of such settings, in whatever way.
    """
    try:
        return from_json(kind, content.decode())
    except (ExceptionGroup, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"no {getattr(kind, '__name__', 'settings')}") from error


def from_plain(kind: type[T], plain: Json) -> T:
    """Rebuild settings of one kind from plain data."""
    return _converter().structure(plain, kind)


def digest(text: str) -> str:
    """Return 16 hexadecimal digits that stand for a text.

    >>> digest("beer")
    '1d8b4cf854cd42f4'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]
