"""Find what of a workspace can go, and delete it.

Kept is what runs of late are made of, and of every run its folder: with that it is shown, and scores users.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from yule.core.errors import DataError
from yule.downloads.specs import FIRST_INSTANT, LAST_INSTANT
from yule.pipeline.runs.needs import find_needed
from yule.pipeline.runs.reading import find_statuses
from yule.pipeline.runs.record import RUN, Run, run_place
from yule.storage.copies import list_copies, remove_copy
from yule.storage.objects.protocol import Objects
from yule.storage.store import LocalStore, Store
from yule.storage.uses import find_oldest_use

IN_USE = timedelta(days=1)
"""For so long after it was read a copy may be in use."""

What: TypeAlias = Literal["outputs", "curves", "logs", "launches", "repetitions", "run", "copies"]


@dataclass(frozen=True, kw_only=True)
class Disposable:
    """Something that can go.

    Parameters
    ----------
    what
        What it is.
    place
        What the names of its files begin with, below the workspace; of a copy its folder on this machine.
    n_bytes
        Its size.
    written_at
        When it was last written to; of a copy, last read.
    """

    what: What
    place: str
    n_bytes: int
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class _Section:
    """A kind of folders or files of a workspace, by the number of parts of their names."""

    what: What
    top: str
    n_parts: int


OUTPUTS = _Section(what="outputs", top="cache", n_parts=3)
CURVES = _Section(what="curves", top="events", n_parts=2)
LOGS = _Section(what="logs", top="logs", n_parts=3)
JOURNALS = _Section(what="launches", top="launches", n_parts=2)
MANIFESTS = _Section(what="launches", top="manifests", n_parts=2)
REPETITIONS = _Section(what="repetitions", top="reruns", n_parts=2)


def find_old(
    store: Store, runs: Sequence[Run], *, not_since: datetime, shelved: Collection[str] = ()
) -> list[Disposable]:
    """Return what is older than an instant and no run that began later needs.

    Parameters
    ----------
    store
        The workspace's store.
    runs
        All its runs.
    not_since
        What was written later stays.
    shelved
        Unique ids of outputs that later cases can take; they stay whatever their age.
    """
    statuses = find_statuses(store, runs)
    recent = [
        run for run, status in zip(runs, statuses, strict=True) if status == "running" or _find_end(run) >= not_since
    ]
    outputs = list(_list_section(store.objects, OUTPUTS))
    needed = find_needed(store, recent, _find_families(outputs)).union(shelved)
    kept: dict[_Section, Collection[str]] = {
        OUTPUTS: needed,
        LOGS: needed,
        CURVES: needed.union(fit for run in runs for fit in run.fits.values()),
        JOURNALS: {run.launch for run in runs if run.launch},
        MANIFESTS: (),
    }
    found = [
        one
        for section, names in kept.items()
        for one in _list_section(store.objects, section)
        if _name(one) not in names
    ]
    here = LocalStore(store.root).objects  # where repetitions are, whatever the workspace
    return [one for one in (*found, *_list_section(here, REPETITIONS)) if one.written_at < not_since]


def find_old_copies(*, not_since: datetime) -> list[Disposable]:
    """Return copies of what lies in buckets that were not read since an instant, nor today."""
    limit = min(not_since, datetime.now(UTC) - IN_USE)
    copies = [
        Disposable(what="copies", place=copy.place, n_bytes=copy.n_bytes, written_at=copy.read_at)
        for copy in list_copies()
    ]
    return [copy for copy in copies if copy.written_at < limit]


def find_of_run(store: Store, run: Run, runs: Sequence[Run], *, shelved: Collection[str] = ()) -> list[Disposable]:
    """Return a run's folder, and what only that run needs; ``shelved`` as of :func:`find_old`."""
    others = [other for other in runs if other.run_id != run.run_id]
    outputs = list(_list_section(store.objects, OUTPUTS))
    families = _find_families(outputs)
    only = find_needed(store, [run], families) - find_needed(store, others, families).union(shelved)
    fits = set(run.fits.values()) - {fit for other in others for fit in other.fits.values()}
    found = [one for one in outputs if _name(one) in only]
    found += [one for one in _list_section(store.objects, CURVES) if _name(one) in fits | only]
    found += [one for one in _list_section(store.objects, LOGS) if _name(one) in only]
    folder = _Section(what="run", top=run_place(run.run_id), n_parts=2)
    return [*found, *_list_section(store.objects, folder)]


def delete(store: Store, disposables: Sequence[Disposable]) -> None:
    """Delete what can go; what was deleted when this is killed was deleted whole.

    Raises
    ------
    DataError
        If a process is at work that may read it.
    """
    since = find_oldest_use(store.objects)
    if since is not None and disposables:
        raise DataError(
            f"Nothing was deleted: since {since:%Y-%m-%d %H:%M} UTC a process is at work in {store.describe('')} that "
            "may read it. Say it again when it has ended."
        )
    for one in disposables:
        if one.what == "copies":
            remove_copy(one.place)
        elif one.what == "repetitions":
            LocalStore(store.root).remove(one.place)
        elif one.what == "outputs" or isinstance(store, LocalStore):
            store.remove(one.place)
        else:
            _delete_files(store.objects, one.place)
    store.sweep()


def _delete_files(objects: Objects, place: str) -> None:
    """Delete the files of a bucket below a place; a run's record last: until then it is listed, and can go again."""
    names = [name for name in objects.list(place) if name == place or name.startswith(f"{place}/")]
    objects.delete(sorted(names, key=lambda name: name.endswith(f"/{RUN}")))


def _list_section(objects: Objects, section: _Section) -> Iterator[Disposable]:
    """Yield what lies in a section, by place."""
    times = objects.list_times(f"{section.top}/")
    n_bytes: dict[str, int] = {}
    written_at: dict[str, datetime] = {}
    for name, size in objects.list(f"{section.top}/").items():
        place = "/".join(name.split("/")[: section.n_parts])
        n_bytes[place] = n_bytes.get(place, 0) + size
        written_at[place] = max(written_at.get(place, FIRST_INSTANT), times.get(name, LAST_INSTANT))
    for place, size in n_bytes.items():
        yield Disposable(what=section.what, place=place, n_bytes=size, written_at=written_at[place])


def _name(one: Disposable) -> str:
    """Return what something is called: an id, or a launch."""
    return one.place.rsplit("/", 1)[1].split(".", 1)[0]


def _find_families(outputs: Iterable[Disposable]) -> list[str]:
    return sorted({one.place.split("/")[1] for one in outputs})


def _find_end(run: Run) -> datetime:
    return datetime.fromisoformat(run.ended_at or run.started_at) if run.started_at else FIRST_INSTANT
