"""The names of features in words."""

import re

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def describe_feature(name: str) -> str:
    """Say in words what the name of a feature tells.

    >>> describe_feature("shopping__sum__spend__28d"), describe_feature("beer__count__all")
    ('shopping: sum spend, last 28 days', 'beer: count, all time')
    """
    *parts, last = name.split("__")
    window = re.fullmatch(r"(\d+)([dhms])", last)
    if window:
        end = f", last {window[1]} {_UNITS[window[2]]}"
    elif last == "all" and len(parts) > 1:
        end = ", all time"
    else:
        parts, end = [*parts, last], ""
    first, *others = parts
    what = " ".join(others).replace("_", " ")
    return f"{first}: {what}{end}" if what else f"{first}{end}"
