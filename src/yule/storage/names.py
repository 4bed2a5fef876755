"""Names from outside: of files in a listing, a record, a manifest or an answer. They are data until resolved here.

Whoever may write a workspace may have forged any of them. A name is divided by slashes and stays below its root: it is
not absolute, has no part that goes up or is empty, and no link on its way leads out. The root itself may be a link.
"""

import os
import re
import stat
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from yule.core.errors import WorkspaceError
from yule.core.settings import digest

MAX_PART_BYTES = 255
"""The longest part of a name that file systems take."""

INSTANT = r"\d{8}T\d{6}\.\d{6}Z"
"""How names tell a time: their order is that of the times."""

_INSTANT = "%Y%m%dT%H%M%S.%fZ"
_UNSEEN = ("Cc", "Cs", "Zl", "Zp")
"""Categories of characters that no name has: controls, halves of characters, ends of lines."""


class ForgedName(WorkspaceError):
    """A name that no version of Yule writes."""


def name_fault(name: str) -> str:
    """Say why a name cannot be one of a file below a root; empty when it can.

    >>> name_fault("runs/beer-1/run.json"), name_fault("../.bashrc")
    ('', 'goes up')
    """
    parts = name.split("/")
    faults = {
        "is empty": not name,
        "is absolute": name.startswith("/"),
        "goes up": ".." in parts,
        "has an empty part": "" in parts or "." in parts,
        "has a backslash": "\\" in name,
        "has a character that cannot be seen": any(unicodedata.category(character) in _UNSEEN for character in name),
        "is too long": any(len(part.encode(errors="surrogatepass")) > MAX_PART_BYTES for part in parts),
    }
    return next((fault for fault, is_so in faults.items() if is_so), "")


def check_name(name: str, *, where: str) -> str:
    """Return a name that stays below its root.

    Parameters
    ----------
    name
        The name.
    where
        What it lies in, for people.

    Raises
    ------
    ForgedName
        If it does not.
    """
    fault = name_fault(name)
    if fault:
        raise ForgedName(_describe(name, fault, where))
    return name


def resolve_below(root: Path, name: str) -> Path:
    """Return the file or folder that a name stands for below a root; it need not be there.

    Raises
    ------
    ForgedName
        If the name, or a link on its way, leads out of the root; or if what is there is neither a file nor a folder:
        whoever opened a pipe would wait for its other end.
    """
    place = root / check_name(name, where=str(root))
    if leads_out(root, place):
        raise ForgedName(_describe(name, "is, or goes through, a link that leads out of it", str(root)))
    if _is_special(place):
        raise ForgedName(_describe(name, "is no file and no folder", str(root)))
    return place


def leads_out(root: Path, place: Path) -> bool:
    """Say whether a link on the way from a root to a place below it leads out of the root."""
    steps = [place, *place.parents]
    if not any(step.is_symlink() for step in steps[: steps.index(root)]):
        return False
    return not Path(os.path.realpath(place)).is_relative_to(os.path.realpath(root))


def _is_special(place: Path) -> bool:
    """Say whether a pipe, a device or a socket lies there."""
    try:
        mode = place.stat().st_mode
    except (OSError, ValueError):  # nothing is there, or it cannot be looked at: whoever opens it is told
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def name_part(text: str) -> str:
    """Return a text of any kind as one part of a name: as it is, if a part can be so.

    >>> name_part("beer"), name_part("tea/coffee"), name_part("..")
    ('beer', 'tea-coffee', '-5ec1f7e7')
    """
    part = text.replace("/", "-")
    if not name_fault(part):
        return part
    words = "-".join(re.findall(r"\w+", part))
    return f"{words[:40]}-{digest(text)[:8]}"


def name_instant(instant: datetime) -> str:
    """Write a time as part of a name.

    >>> name_instant(datetime(2024, 3, 1, 6, tzinfo=UTC))
    '20240301T060000.000000Z'
    """
    return instant.astimezone(UTC).strftime(_INSTANT)


def parse_instant(text: str) -> datetime | None:
    """Return the time that a name tells; None when it is no time at all, so that nobody of ours named it so.

    >>> parse_instant("20240301T060000.000000Z").isoformat(), parse_instant("20241301T060000.000000Z")
    ('2024-03-01T06:00:00+00:00', None)
    """
    try:
        return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
    except ValueError:
        return None


def parse_day(text: str) -> date | None:
    """Return the day that a name tells; None when no calendar has it.

    >>> parse_day("2024-02-29"), parse_day("2024-02-30")
    (datetime.date(2024, 2, 29), None)
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def keep_sound(names: Iterable[str], *, where: str) -> Iterator[str]:
    """Yield the names of a listing that stay below its root; say of each other one, once, that it is left out."""
    for name in names:
        fault = name_fault(name)
        if fault:
            tell_left_out(_describe(name, fault, where))
        else:
            yield name


@cache
def tell_left_out(problem: str) -> None:
    """Say once in a process that something is left out because it is forged."""
    print(f"Left out: {problem}", file=sys.stderr, flush=True)


def _describe(name: str, fault: str, where: str) -> str:
    return (
        f"{where} has something called {name!r}, which {fault}. Yule writes no such name: look who can write there, "
        "and delete it."
    )
