"""Sets of indexes the way Jobs write them: ``"0-3,7"``."""


def read_ranges(text: str | None) -> frozenset[int]:
    """Read a set of indexes.

    >>> sorted(read_ranges("0-2,5")), sorted(read_ranges(None))
    ([0, 1, 2, 5], [])
    """
    found: set[int] = set()
    for part in (text or "").split(","):
        first, _, last = part.partition("-")
        if first:
            found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)
