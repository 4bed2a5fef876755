"""What a name may have meant that nothing is called by."""

from collections.abc import Iterable
from difflib import get_close_matches

_LIKENESS = 0.7
"""From which on two names are alike, of 1 for equal ones."""


def find_close(name: str, names: Iterable[str]) -> str | None:
    """Return which of some names may have been meant, in capitals or small letters; None when none is close.

    >>> find_close("Bougt", ["bought", "age"])
    'bought'
    """
    lowered = {other.lower(): other for other in names}
    close = get_close_matches(name.lower(), lowered, n=1, cutoff=_LIKENESS)
    return lowered[close[0]] if close else None


def suggest(name: str, names: Iterable[str], *, otherwise: str = "") -> str:
    """Say, behind a name, which of some names may have been meant, or something else when none is close.

    >>> suggest("bougt", ["bought", "age"])
    " (did you mean 'bought'?)"
    >>> suggest("x", ["bought", "age"], otherwise="; there are 2")
    '; there are 2'
    """
    close = find_close(name, names)
    return f" (did you mean {close!r}?)" if close else otherwise
