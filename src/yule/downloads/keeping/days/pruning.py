"""Find kept days that nobody asks for any more, and delete those that no running process can read."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from yule.downloads.keeping.days.kept import DAY_KEY, find_place, list_column_sets
from yule.downloads.keeping.days.marks import Mark, parse_mark, read_editions
from yule.downloads.settings import start_of_day
from yule.downloads.specs import FINAL, TableSpec, find_edition
from yule.storage.names import parse_day
from yule.storage.store import Store
from yule.storage.uses import find_oldest_use

KEPT = timedelta(days=30)
"""How long days that newer ones stand in for are kept, so that a run can be repeated with the data that it had."""

Reason = Literal["provisional", "edition", "columns", "declaration"]

_FOLDER = re.compile(rf"(?P<key>{DAY_KEY.pattern})/.+")
_PLACE = re.compile(r"(days/[^/]+)/(.+)")


@dataclass(frozen=True, kw_only=True)
class KeptFolder:
    """The folder of a day.

    Parameters
    ----------
    key
        Its key in the store.
    place, columns
        Of which method, and of which set of columns.
    day
        The day.
    state
        ``final``, or the date on which it was fetched.
    edition
        Its edition; empty for the first.
    noted_at
        When the day was last fetched or compared; of days that earlier versions fetched, the date that they carry.
    n_bytes
        Its size.
    """

    key: str
    place: str
    columns: str
    day: date
    state: str
    edition: str
    noted_at: datetime
    n_bytes: int


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """Days that nobody asks for any more, for one reason.

    Parameters
    ----------
    place
        Where they lie: the method's name and a digest of what it declares.
    reason
        ``provisional``: newer ones stand in for days that were not final. ``edition``: they were fetched anew.
        ``columns``: their columns are declared otherwise now. ``declaration``: no method of the project has them.
    folders
        The days.
    """

    place: str
    reason: Reason
    folders: tuple[KeptFolder, ...]


def list_folders(store: Store, place: str = "") -> list[KeptFolder]:
    """Return all days that are kept, or those of one place, by key."""
    sizes: dict[str, int] = {}
    marks: dict[str, list[Mark]] = {}
    matches: dict[str, re.Match[str]] = {}
    for name, n_bytes in store.objects.list(f"{place}/" if place else "days/").items():
        match = _FOLDER.fullmatch(name)
        if match:
            matches[match["key"]] = match
            sizes[match["key"]] = sizes.get(match["key"], 0) + n_bytes
        elif (other := _PLACE.fullmatch(name)) and (mark := parse_mark(other[2])):
            marks.setdefault(other[1], []).append(mark)
    read = [_read(match, marks.get(match["place"], []), sizes[key]) for key, match in sorted(matches.items())]
    return [folder for folder in read if folder is not None]


def find_leftovers(
    store: Store, folders: Iterable[KeptFolder], specs: Iterable[TableSpec], *, not_since: datetime
) -> list[Leftover]:
    """Return the days that nobody asks for any more, by place and reason.

    Parameters
    ----------
    store
        The workspace's store.
    folders
        All days that are kept.
    specs
        The project's tables that grow by the day, with all the columns that they are declared with.
    not_since
        Those are left out that were fetched or compared later.
    """
    declared = {find_place(spec): spec for spec in specs}
    by_place: dict[str, list[KeptFolder]] = {}
    for folder in folders:
        by_place.setdefault(folder.place, []).append(folder)
    found: list[Leftover] = []
    for place, kept in sorted(by_place.items()):
        reasons: Mapping[Reason, Collection[KeptFolder]] = {"declaration": kept}
        if place in declared:
            reasons = _find_reasons(store, declared[place], kept)
        for reason, given_up in reasons.items():
            old = tuple(folder for folder in given_up if folder.noted_at < not_since)
            found += [Leftover(place=place, reason=reason, folders=old)] if old else []
    return found


def find_superseded(folders: Collection[KeptFolder]) -> list[KeptFolder]:
    """Return the days of a method that were not final and that newer ones stand in for."""
    newest: dict[tuple[date, str], str] = {}
    for folder in folders:  # "final" comes after every date
        name = (folder.day, folder.edition)
        newest[name] = max(newest.get(name, ""), folder.state)
    return [folder for folder in folders if folder.state < newest[folder.day, folder.edition]]


def prune_superseded(store: Store, spec: TableSpec) -> int:
    """Delete days of a method that were not final, long after newer ones stand in for them; return how many.

    Nothing is deleted that a running process may read: those that use the workspace must have begun after the days
    were last fetched.
    """
    if spec.method.days is None or not spec.method.days.late_days:  # then all days are final
        return 0
    now = datetime.now(UTC)
    limit = min(now - KEPT, find_oldest_use(store.objects) or now)
    old = [folder for folder in find_superseded(list_folders(store, find_place(spec))) if folder.noted_at < limit]
    remove_folders(store, old)
    return len(old)


def remove_folders(store: Store, folders: Iterable[KeptFolder]) -> None:
    """Delete days."""
    for folder in folders:
        store.remove(folder.key)


def _read(match: re.Match[str], marks: Iterable[Mark], n_bytes: int) -> KeptFolder | None:
    """Return a folder; None for one whose name tells a day that no calendar has, which is none of ours."""
    day, state = parse_day(match["day"]), match["state"]
    carried = day if state == FINAL else parse_day(state)
    if day is None or carried is None:
        return None
    noted = [mark.at for mark in marks if mark.since <= day < mark.until]
    return KeptFolder(
        key=match["key"],
        place=match["place"],
        columns=match["columns"],
        day=day,
        state=state,
        edition=match["edition"] or "",
        noted_at=max(noted, default=start_of_day(carried)),
        n_bytes=n_bytes,
    )


def _find_reasons(
    store: Store, spec: TableSpec, folders: Collection[KeptFolder]
) -> dict[Reason, Collection[KeptFolder]]:
    """Return what is left over of a method that is declared, each day for one reason."""
    there = set(spec.method.columns)
    sets = {found.name for found in list_column_sets(store, spec) if set(found.columns) <= there}
    editions = read_editions(store, spec)
    other_columns = [folder for folder in folders if folder.columns not in sets]
    ours = [folder for folder in folders if folder.columns in sets]
    old = [folder for folder in ours if folder.edition != find_edition(editions, folder.day)]
    rest = [folder for folder in ours if folder not in old]
    return {"columns": other_columns, "edition": old, "provisional": find_superseded(rest)}
