"""Sets of indexes the way Jobs write them: ``"0-3,7"``."""

import re

from yule.runtime.kubernetes.api.protocol import ClusterError


def read_ranges(text: str | None) -> frozenset[int]:
    """Read a set of indexes.

    >>> sorted(read_ranges("0-2,5")), sorted(read_ranges(None))
    ([0, 1, 2, 5], [])

    Raises
    ------
    ClusterError
        If it is none, or larger than any Job of Yule.
    """
    if not re.fullmatch(r"([0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*)?", text or ""):
        raise ClusterError(f"the cluster tells of a Job whose indexes are {(text or '')[:80]!r}")
    found: set[int] = set()
    for part in (text or "").split(","):
        first, _, last = part.partition("-")
        if first:
            found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)
