"""Features in words."""

import re
from collections.abc import Sequence
from datetime import timedelta

from fluent.runtime.types import fluent_number

from yule.core.meanings import OF_PROFILE, OF_ROLES, Meaning
from yule.messages.catalogue import Language, Ready, format_message
from yule.messages.names import shorten

_SINGLE = re.compile(r"(?<=[^\W_])_(?=[^\W_])")
"""An underscore between two words; where there are more, the name has them for a reason."""

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def describe_feature(meaning: Meaning, language: Language = "en") -> str:
    """Say in words what a feature, or a group of features, means.

    >>> from datetime import timedelta
    >>> month, quarter = timedelta(days=28), timedelta(days=91)
    >>> describe_feature(Meaning(feature_set="shop", aggregate="sum", column="spend", windows=(month,)))
    'shop: sum spend, last 28 days'
    >>> describe_feature(Meaning(feature_set="beer", aggregate="trend", windows=(month, quarter)))
    'beer: trend, last 28 days against 91 days'
    >>> describe_feature(Meaning(feature_set="roles", aggregate="role", part="own_days", windows=(None,)))
    'roles: days with what is asked for, all time'
    >>> town = Meaning(feature_set="profile", aggregate="column", column="town")
    >>> describe_feature(Meaning(aggregate="target", made_of=(town,)))
    'mean label by (profile: town)'
    >>> describe_feature(Meaning(feature_set="profile", aggregate="column", column="booked", part="weekday"))
    'profile: weekday of booked'
    """
    sources = [describe_feature(source, language) for source in meaning.made_of]
    if meaning.aggregate == "target":
        return format_message(language, "feature-target", "", {"sources": " × ".join(sources)})
    if meaning.aggregate == "component":
        return format_message(language, "feature-component", "", {"number": fluent_number(meaning.number or 0)})
    if sources:
        return f" {meaning.aggregate} ".join(sources)
    told = _describe_what(meaning, language)
    if meaning.feature_set:
        told = format_message(language, "feature-of-set", "", {"feature_set": meaning.feature_set, "what": told})
    if not meaning.windows:
        return told
    window = _describe_windows(meaning.windows, language)
    return format_message(language, "feature-of-window", "", {"feature": told, "window": window})


def _describe_what(meaning: Meaning, language: Language) -> str:
    if meaning.aggregate == OF_ROLES:
        return format_message(language, "role", "", {"part": meaning.part})
    is_of_date = meaning.aggregate == OF_PROFILE and meaning.part
    values: dict[str, Ready] = {
        "aggregate": "" if meaning.aggregate == OF_PROFILE else meaning.aggregate,
        "every": "" if meaning.every is None else format_message(language, "every", "", _measure(meaning.every)),
        "part": meaning.part,
        "column": _SINGLE.sub(" ", meaning.column) if meaning.feature_set else meaning.column,
        "value": shorten(_SINGLE.sub(" ", meaning.value) if is_of_date else meaning.value),
        "number": "" if meaning.number is None else str(meaning.number),
    }
    told = format_message(language, "feature-of-date" if is_of_date else "feature-what", "", values)
    # Values come from data: whatever a terminal would obey is left out.
    return " ".join("".join(sign if sign.isprintable() else " " for sign in told).split())


def _describe_windows(windows: Sequence[timedelta | None], language: Language) -> str:
    first, *others = windows
    told = _describe_window(first, language, message="window-last")
    for other in others:
        against = _describe_window(other, language, message="window")
        told = format_message(language, "window-against", "", {"window": told, "other": against})
    return told


def _describe_window(window: timedelta | None, language: Language, *, message: str) -> str:
    if window is None:
        return format_message(language, "window-all-time", "", {})
    return format_message(language, message, "", _measure(window))


def _measure(length: timedelta) -> dict[str, Ready]:
    """Return a length as a number of the largest unit of which it is a whole number."""
    seconds = int(length.total_seconds())
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return {"n": fluent_number(seconds // size), "unit": unit}
