"""The names of features in words."""

import re

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_WINDOW = r"(?:\d+[dhms]|all)"


def describe_feature(name: str) -> str:
    """Say in words what the name of a feature, or of a group of features, tells.

    >>> describe_feature("shopping__sum__spend__28d"), describe_feature("beer__count__all")
    ('shopping: sum spend, last 28 days', 'beer: count, all time')
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


def _describe_window(window: str) -> str:
    return "all time" if window == "all" else f"{window[:-1]} {_UNITS[window[-1]]}"
