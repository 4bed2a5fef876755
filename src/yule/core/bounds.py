"""The bounds of settings, held to what was read: JSON that anybody may have written can have any number in it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Len, Lt, MinLen

LONGEST = timedelta(days=36_525)
"""The longest duration: with it no cut-off comes to a year that a calendar does not have."""

FIRST_YEAR, LAST_YEAR = 1900, 2200


def find_out_of_bounds(settings: object) -> Iterator[str]:
    """Say which fields of settings, and of those in them, have values that nothing written by Yule could have.

    Their types are right. Out of bounds is what its annotation does not allow, a number that is not finite, a duration
    below zero or longer than a century, an instant of no zone or of a year that no case has.

    >>> from yule.training.settings import FoldSettings
    >>> list(find_out_of_bounds(FoldSettings(n_folds=1)))
    ['n_folds is 1']
    """
    if is_dataclass(settings) and not isinstance(settings, type):
        for name, kind in _find_kinds(type(settings)).items():
            yield from _look_at(getattr(settings, name), kind, name)


@cache
def _find_kinds(kind: type[Any]) -> Mapping[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind) if not _is_free(hints[field.name])}


def _is_free(kind: Any) -> bool:
    """Say whether no value of a kind is out of bounds: of most fields, which need no second look."""
    return kind in (str, bool) or get_origin(kind) is Literal


def _look_at(value: object, kind: Any, name: str) -> Iterator[str]:
    bounds, inner = _unfold(value, kind)
    if any(_breaks(value, bound) for bound in bounds) or not _is_plausible(value):
        yield f"{name} is {str(value) if isinstance(value, datetime | timedelta) else repr(value)}"
    if is_dataclass(value):
        yield from (f"{name}.{told}" for told in find_out_of_bounds(value))
    elif isinstance(value, tuple) and not _is_free(inner):
        for item in value:
            yield from _look_at(item, inner, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _look_at(item, inner, f"{name}.{key}")


def _unfold(value: object, kind: Any) -> tuple[tuple[object, ...], Any]:
    """Return the bounds of a value, and the kind of what is in it."""
    if get_origin(kind) in (Union, UnionType):
        chosen = [one for one in get_args(kind) if _is_of(value, one)]
        return _unfold(value, chosen[0]) if chosen else ((), None)
    if get_origin(kind) is Annotated:
        bounds, inner = _unfold(value, get_args(kind)[0])
        return (*get_args(kind)[1:], *bounds), inner
    parts = [part for part in get_args(kind) if part is not ...]
    return (), parts[-1] if parts else None


def _is_of(value: object, kind: Any) -> bool:
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    bare = get_origin(bare) or bare
    return isinstance(bare, type) and isinstance(value, bare)


def _breaks(value: Any, bound: object) -> bool:
    match bound:
        case Ge(least):
            broken = value < least
        case Gt(below):
            broken = value <= below
        case Le(most):
            broken = value > most
        case Lt(above):
            broken = value >= above
        case MinLen(least):
            broken = len(value) < least
        case Len(least, most):
            broken = len(value) < least or (most is not None and len(value) > most)
        case _:
            broken = False
    return bool(broken)


def _is_plausible(value: object) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case timedelta():
            return timedelta(0) <= value <= LONGEST
        case datetime():
            return value.tzinfo is not None and FIRST_YEAR <= value.year < LAST_YEAR
    return True
