"""The names of features in words, and words as parts of names."""

import re
from collections.abc import Sequence
from itertools import chain, count

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_WINDOW = r"(?:\d+[dhms]|all)"


def describe_feature(name: str) -> str:
    """Say in words what the name of a feature, or of a group of features, tells.

    >>> describe_feature("shopping__sum__spend__28d"), describe_feature("beer__count__all")
    ('shopping: sum spend, last 28 days', 'beer: count, all time')
    >>> describe_feature("visits__count__1h")
    'visits: count, last hour'
    >>> describe_feature("beer__trend__28d_91d")
    'beer: trend, last 28 days against 91 days'
    """
    *parts, last = name.split("__")
    if parts and re.fullmatch(f"{_WINDOW}(_{_WINDOW})?", last):
        windows = " against ".join(_describe_window(window) for window in last.split("_"))
        end = f", {windows}" if last == "all" else f", last {windows}"
    else:
        parts, end = [*parts, last], ""
    first, *others = parts
    what = " ".join(others).replace("_", " ")
    return f"{first}: {what}{end}" if what else f"{first}{end}"


def name_values(values: Sequence[str]) -> list[str]:
    """Return values as parts of column names: letters, digits and ``_``, each one different, even in lower case.

    >>> name_values(["BEERS/ALES", "BEERS-ALES", ""])
    ['BEERS_ALES', 'BEERS_ALES_2', 'value']
    """
    names: dict[str, str] = {}  # by lower case: DuckDB takes "Beer" and "beer" for one column
    for value in values:
        plain = re.sub(r"\W+", "_", value).strip("_") or "value"
        candidates = chain([plain], (f"{plain}_{number}" for number in count(2)))
        name = next(name for name in candidates if name.lower() not in names)
        names[name.lower()] = name
    return list(names.values())


def _describe_window(window: str) -> str:
    if window == "all":
        return "all time"
    unit = _UNITS[window[-1]]
    return unit.removesuffix("s") if window[:-1] == "1" else f"{window[:-1]} {unit}"
