"""Features in words."""

from collections.abc import Sequence
from datetime import timedelta

from yule.core.meanings import OF_PROFILE, Meaning

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def describe_feature(meaning: Meaning) -> str:
    """Say in words what a feature, or a group of features, means.

    >>> from datetime import timedelta
    >>> month, quarter = timedelta(days=28), timedelta(days=91)
    >>> describe_feature(Meaning(feature_set="shop", aggregate="sum", column="spend", windows=(month,)))
    'shop: sum spend, last 28 days'
    >>> describe_feature(Meaning(feature_set="beer", aggregate="trend", windows=(month, quarter)))
    'beer: trend, last 28 days against 91 days'
    >>> town = Meaning(feature_set="profile", aggregate="column", column="town")
    >>> describe_feature(Meaning(aggregate="target", made_of=(town,)))
    'mean label by (profile: town)'
    """
    sources = [describe_feature(source) for source in meaning.made_of]
    if meaning.aggregate == "target":
        return f"mean label by ({' × '.join(sources)})"
    if meaning.aggregate == "component":
        return f"component {meaning.number} of all features"
    if sources:
        return f" {meaning.aggregate} ".join(sources)
    what = _describe_what(meaning)
    return (f"{meaning.feature_set}: {what}" if meaning.feature_set else what) + _describe_windows(meaning.windows)


def _describe_what(meaning: Meaning) -> str:
    parts = (
        "" if meaning.aggregate == OF_PROFILE else meaning.aggregate,
        "" if meaning.every is None else f"of {_count(meaning.every, least=1)}",
        meaning.part,
        meaning.column.replace("_", " ") if meaning.feature_set else meaning.column,
        meaning.value,
        "" if meaning.number is None else str(meaning.number),
    )
    # Values come from data: whatever a terminal would obey is left out.
    shown = "".join(sign if sign.isprintable() else " " for sign in " ".join(part for part in parts if part))
    return " ".join(shown.split())


def _describe_windows(windows: Sequence[timedelta | None]) -> str:
    if not windows:
        return ""
    told = " against ".join("all time" if window is None else _count(window, least=2) for window in windows)
    return f", {told}" if windows[0] is None else f", last {told}"


def _count(length: timedelta, *, least: int) -> str:
    """Return a length in words; a number below ``least`` is left out: "last hour"."""
    seconds = int(length.total_seconds())
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    number = seconds // size
    words = unit if number == 1 else f"{unit}s"
    return f"{number} {words}" if number >= least else words
