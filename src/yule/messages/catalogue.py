"""Catalogues: the messages of a language."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import FluentType, fluent_number

from yule.core.errors import CorruptedOutput

Language: TypeAlias = Literal["en"]

CATALOGUES: Mapping[Language, str] = {"en": "english"}
"""The folder of each language."""

Ready: TypeAlias = FluentType | str


class Listed(FluentType):
    """Several names in one text; ``COUNT`` tells a message how many there are.

    Parameters
    ----------
    text
        As it is told.
    n
        How many they are.
    """

    def __init__(self, text: str, n: int) -> None:
        self.text = text
        self.n = n

    def format(self, locale: object) -> str:
        """Return the text, which is of a language already."""
        del locale
        return self.text


def format_message(language: Language, message: str, part: str, values: Mapping[str, Ready]) -> str:
    """Write a message, or one part of it.

    Parameters
    ----------
    language
        Of the reader.
    message
        Its name.
    part
        Its attribute; empty for the message itself. What has no such part is an empty text.
    values
        By name; the message may leave some out.

    Raises
    ------
    CorruptedOutput
        If this version of Yule has no such message, or one of other values.
    """
    bundle = load_bundle(language)
    if not bundle.has_message(message):
        raise CorruptedOutput(f"This version of Yule does not know of {message!r}: read it with the one that wrote it.")
    found = bundle.get_message(message)
    pattern = found.attributes.get(part) if part else found.value
    if pattern is None:
        return ""
    text, errors = bundle.format_pattern(pattern, dict(values))
    if errors:
        raise CorruptedOutput(
            f"{message!r} is not as this version of Yule writes it: {'; '.join(map(str, errors))}. "
            "Read it with the one that wrote it."
        )
    return str(text)


@cache
def load_bundle(language: Language) -> FluentBundle:
    """Read the catalogue of a language."""
    bundle = FluentBundle([language], functions={"COUNT": _count}, use_isolating=False)
    for file in list_catalogue(language):
        bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle


def list_catalogue(language: Language) -> list[Path]:
    """Return the files of a catalogue."""
    return sorted((Path(__file__).parent / CATALOGUES[language]).glob("*.ftl"))


def _count(listed: Listed) -> FluentType:
    return fluent_number(listed.n)
