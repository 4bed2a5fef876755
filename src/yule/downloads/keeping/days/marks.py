"""What is known of kept days beside their rows: when they were fetched or compared with their source, and editions.

Each is told by the name of an empty file beside the days of a method, so that one listing reads them all:
``fetched/SINCE--UNTIL--AT``, ``compared/SINCE--UNTIL--AT`` and ``editions/NUMBER--SINCE--UNTIL--CONTENT``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from yule.downloads.keeping.days.kept import find_place
from yule.downloads.specs import Edition, Query, TableSpec
from yule.storage.names import INSTANT, name_instant, parse_day, parse_instant
from yule.storage.store import Store

_PERIOD = r"(\d{4}-\d{2}-\d{2})--(\d{4}-\d{2}-\d{2})"
_MARK = re.compile(rf"(fetched|compared)/{_PERIOD}--({INSTANT})")
_EDITION = re.compile(rf"editions/(\d{{6}})--{_PERIOD}--([0-9a-f]{{16}})")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """That days were fetched, or were found to be, or made to be, what their source has.

    Parameters
    ----------
    kind
        Which of them.
    since, until
        The half-open period.
    at
        When the source was asked.
    """

    kind: Literal["fetched", "compared"]
    since: date
    until: date
    at: datetime


def write_mark(store: Store, spec: TableSpec, kind: Literal["fetched", "compared"], query: Query, at: datetime) -> None:
    """Note that the days of a query were fetched or compared."""
    assert query.since is not None
    assert query.until is not None
    period = f"{query.since.date()}--{query.until.date()}"
    store.objects.write(f"{find_place(spec)}/{kind}/{period}--{name_instant(at)}", b"")


def read_marks(store: Store, spec: TableSpec) -> list[Mark]:
    """Return what is noted of a method's days."""
    place = f"{find_place(spec)}/"
    names = [name for kind in ("fetched", "compared") for name in store.objects.list(f"{place}{kind}/")]
    return [mark for name in names if (mark := parse_mark(name.removeprefix(place))) is not None]


def parse_mark(name: str) -> Mark | None:
    """Return what the name of a file beside the days of a method says; None of others."""
    match = _MARK.fullmatch(name)
    if match is None:
        return None
    since, until, at = parse_day(match[2]), parse_day(match[3]), parse_instant(match[4])
    if since is None or until is None or at is None:
        return None
    return Mark(kind="fetched" if match[1] == "fetched" else "compared", since=since, until=until, at=at)


def find_known_at(marks: Sequence[Mark], days: Iterable[date]) -> dict[date, datetime]:
    """Return since when days are known to be what the source had then.

    With some of its columns a day may have been fetched earlier than with others, so the earliest time counts, unless
    all was compared since. Days of which nothing is noted, which earlier versions fetched, are left out.
    """
    known: dict[date, datetime] = {}
    for day in days:
        of_day = [mark for mark in marks if mark.since <= day < mark.until]
        compared = [mark.at for mark in of_day if mark.kind == "compared"]
        if of_day:
            known[day] = max(compared) if compared else min(mark.at for mark in of_day)
    return known


def read_editions(store: Store, spec: TableSpec) -> tuple[Edition, ...]:
    """Return the editions of a method's days, by number."""
    place = f"{find_place(spec)}/"
    names = [name.removeprefix(place) for name in store.objects.list(f"{place}editions/")]
    return tuple(
        Edition(number=int(match[1]), since=since, until=until, content=match[4])
        for name in sorted(names)
        if (match := _EDITION.fullmatch(name))
        and (since := parse_day(match[2])) is not None
        and (until := parse_day(match[3])) is not None
    )


def write_edition(store: Store, spec: TableSpec, edition: Edition) -> None:
    """Let an edition count from now on: its days are published before."""
    period = f"{edition.since}--{edition.until}"
    store.objects.write(f"{find_place(spec)}/editions/{edition.number:06d}--{period}--{edition.content}", b"")
