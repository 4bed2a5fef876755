"""Tables that grow by the day: each day is fetched once, kept in the workspace, and shared by all who read it.

A day is a folder of its own, published whole: ``days/METHOD-DIGEST/COLUMNS/2026-11-01--final``. Until ``late_days``
after its end its rows are not final; such a day carries the date on which it was fetched and serves on that date only.

Who reads a day reads just the columns that were asked for: where it was fetched with more, it is written once more
with these. Its bytes are those of a day that was fetched for this reader alone.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path

import pyarrow.dataset as ds

from yule.core.errors import CorruptedOutput
from yule.core.settings import Json, canonical_json, digest, from_bytes, to_json, to_plain
from yule.downloads.keeping.rows.normalise import output_schema
from yule.downloads.keeping.rows.splitting import BATCH_ROWS, WrittenDay, split_days
from yule.downloads.keeping.rows.tables import TABLE
from yule.downloads.settings import DAY, Column, Method, start_of_day
from yule.downloads.specs import FINAL, Query, TableSpec
from yule.storage.lease import hold_lease
from yule.storage.names import parse_day
from yule.storage.objects.threads import in_threads
from yule.storage.record import Record, digest_files, write_record
from yule.storage.store import LocalStore, Store
from yule.storage.target import FolderTarget

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DAY = re.compile(rf"(?P<day>{_DATE})--(?P<state>{FINAL}|{_DATE})(--(?P<edition>[0-9a-f]{{16}}))?")
DAY_KEY = re.compile(rf"(?P<place>days/[A-Za-z0-9_-]+-[0-9a-f]{{16}})/(?P<columns>[0-9a-f]{{16}})/{_DAY.pattern}")
"""What the key of a day looks like; nothing else is fetched, or deleted as damaged, because a list names it."""

DECIDING = (
    "name",
    "source",
    "table",
    "sql",
    "parameters",
    "user",
    "about",
    "time",
    "time_zone",
    "encoding",
)
"""Fields of a method that decide the rows of a day; ``days`` does by its ``late_days``, columns by their own key.

A field is never taken out, and one that is added is ``ADDED``: else every day that is kept is fetched and paid again.
"""

N_CONNECTIONS = 8
N_UPLOADS = 8


@dataclass(frozen=True, kw_only=True)
class ColumnSet:
    """Columns that days were fetched with.

    Parameters
    ----------
    columns
        The columns.
    pii_key
        See :class:`~yule.downloads.specs.TableSpec`.
    """

    columns: tuple[Column, ...]
    pii_key: str

    @property
    def name(self) -> str:
        """Name of their folder."""
        return digest(to_json(self))

    def holds(self, other: "ColumnSet") -> bool:
        """Say whether another set's columns are among these, with the same types and the same key."""
        return set(other.columns) <= set(self.columns) and (not other.pii_key or self.pii_key == other.pii_key)


def list_days(spec: TableSpec) -> list[date]:
    """Return the days of a table's period."""
    days = spec.method.days
    assert days is not None
    assert spec.until is not None
    first = max(days.since, spec.since.date()) if spec.since else days.since
    n_days = (spec.until.date() - first).days
    return [first + DAY * index for index in range(max(0, n_days))]


def find_place(spec: TableSpec) -> str:
    """Return where the days of a method lie, whatever its columns: all of it that decides what they hold."""
    return f"days/{spec.method.name}-{digest(canonical_json(_describe_contract(spec.method)) + spec.origin)}"


def _describe_contract(method: Method) -> dict[str, Json]:
    """Return what decides the rows of a day, and nothing else: what is changed besides costs no day a new fetch.

    The empty fields stand for what is left out, as earlier versions wrote it: days that they fetched are still found.
    """
    assert method.days is not None
    told = to_plain(replace(method.without_notes(), days=None))
    assert isinstance(told, dict)
    days: Json = {"since": str(date.min), "late_days": method.days.late_days, "column": None}
    left_out: dict[str, Json] = {"columns": [], "max_bytes": None, "description": "", "owner": ""}
    return {name: told[name] for name in DECIDING if name in told} | left_out | {"days": days}


def find_days(store: Store, spec: TableSpec) -> dict[date, str]:
    """Return the keys of those days of a table that are kept with just its columns, and still hold."""
    return _find_published(store, spec, [_column_set(spec)])


def find_wider_days(store: Store, spec: TableSpec) -> dict[date, str]:
    """Return the keys of those days of a table that are kept with its columns and perhaps others, and still hold."""
    wanted = _column_set(spec)
    wider = [found for found in list_column_sets(store, spec) if found.holds(wanted)]
    return _find_published(store, spec, sorted(wider, key=lambda found: (len(found.columns), found.name)))


def find_kept_days(store: Store, spec: TableSpec, columns: ColumnSet) -> dict[date, str]:
    """Return the keys of those days of a table that are kept with some set of columns, and still hold."""
    return _find_published(store, spec, [columns])


def list_kept_days(store: Store, spec: TableSpec) -> set[date]:
    """Return all days of a method that are kept, with whatever columns."""
    names = [
        name
        for columns in list_column_sets(store, spec)
        for name in store.list_published(f"{find_place(spec)}/{columns.name}")
    ]
    return {day for name in names if (found := _DAY.fullmatch(name)) and (day := parse_day(found["day"]))}


def list_column_sets(store: Store, spec: TableSpec) -> list[ColumnSet]:
    """Return the sets of columns that days of a method were ever fetched with."""
    contents = [store.objects.read(name) for name in store.objects.list(f"{find_place(spec)}/columns/")]
    return [found for content in contents if content is not None and (found := _read_columns(content)) is not None]


def find_missing_ranges(store: Store, spec: TableSpec) -> list[Query]:
    """Return what has to be asked of the source: one query for each run of days that are not there."""
    found = find_wider_days(store, spec)
    return join_days(spec, [day for day in list_days(spec) if day not in found])


def join_days(spec: TableSpec, days: Iterable[date]) -> list[Query]:
    """Return what asks for days: one query for each run of them."""
    return [
        replace(spec.query, since=start_of_day(run[0]), until=start_of_day(run[-1] + DAY)) for run in find_runs(days)
    ]


def find_runs(days: Iterable[date]) -> list[list[date]]:
    """Divide days where one is left out.

    >>> [len(run) for run in find_runs([date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 4)])]
    [2, 1]
    """
    numbered = enumerate(sorted(days))
    return [[day for _, day in run] for _, run in groupby(numbered, key=lambda item: item[1] - DAY * item[0])]


def describe_days(days: Iterable[date]) -> str:
    """Say which days are meant, for people.

    >>> describe_days([date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 4)])
    '2024-01-01 to 2024-01-02, 2024-01-04'
    """
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in find_runs(days))


def publish_days(store: Store, spec: TableSpec, days: Iterable[WrittenDay]) -> tuple[int, int]:
    """Publish days that are written.

    Parameters
    ----------
    store
        The workspace's store.
    spec
        The table.
    days
        Its days, as they are written.

    Returns
    -------
    (int, int)
        Number of rows, and of bytes as they are kept.
    """
    columns = _column_set(spec)
    store.objects.write(
        f"{find_place(spec)}/columns/{columns.name}.json", to_json(columns).encode(), only_if_absent=True
    )

    def publish(written: WrittenDay) -> tuple[int, int]:
        key = _key(spec, columns, written.day)
        record = Record(
            family="day",
            module=__name__,
            unique_id=key.rsplit("/", 1)[1],
            parameters={"method": spec.method.name, "day": written.day.isoformat()},
            requires=(),
            seconds=0.0,
            versions={},
            files=digest_files(written.folder),
        )
        write_record(written.folder, record)
        store.publish(written.folder, key)
        return written.n_rows, sum(file.n_bytes for file in record.files.values())

    with in_threads(N_UPLOADS) as pool:
        counts = list(pool.map(publish, days))
    return sum(rows for rows, _ in counts), sum(size for _, size in counts)


def narrow_days(store: Store, spec: TableSpec, *, n_threads: int) -> None:
    """Publish days with just a table's columns that are kept with more.

    Raises
    ------
    CorruptedOutput
        If a day is damaged.
    """
    own, wider = find_days(store, spec), find_wider_days(store, spec)
    for query in join_days(spec, [day for day in wider if day not in own]):
        assert query.since is not None
        assert query.until is not None
        n_days = (query.until - query.since).days
        keys = [wider[query.since.date() + DAY * number] for number in range(n_days)]
        rows = ds.dataset(load_days(store, keys), schema=output_schema(query)).scanner(batch_size=BATCH_ROWS)
        with store.staging() as folder:
            publish_days(store, spec, split_days(query, rows.to_reader(), folder, n_threads=n_threads))


def load_days(store: Store, keys: Sequence[str]) -> list[Path]:
    """Return the Parquet files of days.

    Raises
    ------
    CorruptedOutput
        If days are gone or damaged; all of them are named, and deleted.
    """
    faults = []

    def load(key: str) -> Path | None:
        try:
            return Path(FolderTarget(store, key).load()) / TABLE
        except CorruptedOutput as error:
            faults.append(str(error))
            return None

    with in_threads(1 if isinstance(store, LocalStore) else N_CONNECTIONS) as pool:
        files = [file for file in pool.map(load, keys) if file is not None]
    if faults:
        raise CorruptedOutput("\n".join(sorted(faults)))
    return files


def measure_days(store: Store, keys: Collection[str]) -> int:
    """Return about how many bytes days have, by one listing for each set of columns rather than a look at each day."""
    listings = [store.objects.list(f"{place}/") for place in sorted({key.rsplit("/", 1)[0] for key in keys})]
    wanted = set(keys)
    return sum(
        size
        for listing in listings
        for name, size in listing.items()
        if (found := DAY_KEY.match(name)) is not None and found[0] in wanted
    )


def holding_days(store: Store, spec: TableSpec) -> AbstractContextManager[None]:
    """Wait until nobody else fetches days of a method."""
    return hold_lease(store.objects, find_place(spec).removeprefix("days/"))


def _find_published(store: Store, spec: TableSpec, sets: Sequence[ColumnSet]) -> dict[date, str]:
    """Return the keys of a table's days: of each in the first set of columns in which it is published."""
    keys = {(day, columns.name): _key(spec, columns, day) for columns in sets for day in list_days(spec)}
    published = store.find_published(list(keys.values()))
    found: dict[date, str] = {}
    for (day, _), key in keys.items():
        if key in published:
            found.setdefault(day, key)
    return dict(sorted(found.items()))


def _column_set(spec: TableSpec) -> ColumnSet:
    return ColumnSet(columns=spec.method.columns, pii_key=spec.pii_key)


def _read_columns(content: bytes) -> ColumnSet | None:
    """Return a set of columns; None for one that is damaged, or of another version of Yule."""
    try:
        return from_bytes(ColumnSet, content)
    except ValueError:
        return None


def _key(spec: TableSpec, columns: ColumnSet, day: date) -> str:
    state = FINAL if spec.is_final_on(day) else spec.data_version
    edition = spec.find_edition(day)
    return f"{find_place(spec)}/{columns.name}/{day}--{state}{f'--{edition}' if edition else ''}"
