"""How the forms declare their fields: defaults and descriptions come from the settings they stand for."""

import inspect
import re
from dataclasses import MISSING, fields
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from annotated_types import BaseMetadata
from pydantic import ConfigDict, Discriminator, Field

FORM = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)
"""Of every form: unknown keys are errors, nothing is converted, nothing changes; built when it is first used."""

Version: TypeAlias = Literal[1]


def find_shape(written: object) -> str:
    """Say what a value looks like: where several forms are allowed, this tells them apart."""
    if isinstance(written, str):
        return "name"
    if isinstance(written, list):
        return "list"
    return "mapping" if isinstance(written, dict) else "other"


SHAPE = Discriminator(find_shape)
"""Marks a union whose forms are tagged ``name`` (text), ``list`` or ``mapping``."""


def version_field() -> Any:
    """Return the field every file begins with."""
    return Field(description="Version of the written form.", examples=[1])


def like(settings: type, name: str, *, example: str | None = None) -> Any:
    """Return a field with the default, the bounds and the description of a field of some settings.

    Parameters
    ----------
    settings
        A settings dataclass.
    name
        The field.
    example
        What to write, shown when the key is missing.

    >>> from yule.training.settings import FoldSettings
    >>> like(FoldSettings, "n_folds").default
    5
    """
    (field,) = (field for field in fields(settings) if field.name == name)
    default = ... if field.default is MISSING else field.default
    info = Field(default, description=documented_fields(settings).get(name), examples=[example] if example else None)
    info.metadata.extend(_bounds(settings)[name])
    return info


@cache
def documented_fields(documented: type) -> dict[str, str]:
    """Return what the numpydoc section "Parameters" of a class says of each field, on one line, in YAML's words.

    >>> from yule.training.settings import FoldSettings
    >>> documented_fields(FoldSettings)["n_folds"]
    'Number of folds. A user stays in one fold.'
    """
    text = inspect.cleandoc(documented.__doc__ or "")
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}|\Z)", text, re.DOTALL | re.MULTILINE)
    if section is None:
        return {}
    entries = re.findall(r"^(\S.*)\n((?:(?:[ \t].*)?\n?)*)", section[1], re.MULTILINE)
    return {
        name: re.sub(r"\s+", " ", description).strip().replace("``", "`").replace("None", "left out")
        for names, description in entries
        for name in names.split(", ")
    }


@cache
def _bounds(settings: type) -> dict[str, list[BaseMetadata]]:
    hints = get_type_hints(settings, include_extras=True)
    return {
        name: [extra for extra in get_args(hint)[1:] if isinstance(extra, BaseMetadata)]
        if get_origin(hint) is Annotated
        else []
        for name, hint in hints.items()
    }
