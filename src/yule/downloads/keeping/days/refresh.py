"""Fetch days anew that are kept, and compare: what has changed becomes a new edition of these days.

Nobody who reads the days as they were is harmed: an edition is published beside them, and only tables that are planned
from then on are made of it. As it is part of their key, so is all that is computed from them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from yule.core.settings import digest
from yule.downloads.costs.asking import ask
from yule.downloads.keeping.days.kept import (
    ColumnSet,
    find_kept_days,
    find_runs,
    holding_days,
    join_days,
    list_column_sets,
    list_days,
    load_days,
    publish_days,
)
from yule.downloads.keeping.days.marks import find_known_at, read_editions, read_marks, write_edition, write_mark
from yule.downloads.keeping.rows.acceptance import Failure, keep_passing, raise_failures
from yule.downloads.keeping.rows.pii import name_key
from yule.downloads.keeping.rows.splitting import WrittenDay, split_days
from yule.downloads.keeping.rows.tables import MEMORY, TABLE
from yule.downloads.settings import DAY
from yule.downloads.sources.protocol import Source
from yule.downloads.specs import Edition, Fetching, Query, TableSpec
from yule.sql.connecting import connect
from yule.sql.quoting import quote_name, quote_table
from yule.storage.record import digest_files
from yule.storage.store import Store


@dataclass(frozen=True, kw_only=True)
class KeptDay:
    """A kept day beside what the source has now.

    Parameters
    ----------
    day
        The day.
    n_rows_before, n_rows_after
        How many rows are kept, and how many there are now.
    is_changed
        Whether they are others.
    """

    day: date
    n_rows_before: int
    n_rows_after: int
    is_changed: bool


def find_refresh(store: Store, spec: TableSpec) -> tuple[TableSpec, list[Query]]:
    """Return a table with all columns that its kept days were fetched with, and what asks for these days.

    Parameters
    ----------
    store
        The workspace's store.
    spec
        The table, in the period to look at, with all the columns that it is declared with.
    """
    sets = _find_sets(store, spec)
    names = {column.name for found in sets for column in found.columns}
    method = replace(spec.method, columns=tuple(column for column in spec.method.columns if column.name in names))
    wide = replace(spec, method=method, pii_key=name_key(method))
    days = {day for found in sets for day in find_kept_days(store, spec, found)}
    return wide, join_days(wide, days)


def refresh_days(store: Store, source: Source, spec: TableSpec, fetching: Fetching, *, n_threads: int) -> list[KeptDay]:
    """Fetch kept days anew; those that have changed get a new edition.

    Parameters
    ----------
    store
        The workspace's store.
    source
        Where the table comes from.
    spec
        See :func:`find_refresh`.
    fetching
        What it may cost, and what is expected of the data.
    n_threads
        Threads to use.

    Raises
    ------
    DataError
        If it would cost too much, or the data do not pass their checks. Then all days stay as they are.
    """
    asked_at = datetime.now(UTC)
    failures: list[Failure] = []
    with holding_days(store, spec), store.staging() as folder:
        # Another process may have fetched some of them anew while this one waited.
        wide, queries = find_refresh(store, replace(spec, editions=read_editions(store, spec)))
        compared: list[tuple[KeptDay, WrittenDay]] = []
        for query in queries:
            with ask(store, source, query, fetching, n_threads=n_threads) as (reader, tell):
                days = split_days(query, reader, folder, n_threads=n_threads)
                checks = fetching.checks.get(spec.method.name)
                found = _compare(store, wide, keep_passing(days, wide, checks, failures))
                tell(*_measure(found))
            compared += found
        raise_failures(spec.method, failures, outcome="so all that are kept stay as they are")
        _publish(store, wide, [written for kept, written in compared if kept.is_changed])
        for query in queries:
            write_mark(store, wide, "compared", query, asked_at)
    return [kept for kept, _ in compared]


def find_rewritten(
    store: Store, source: Source, spec: TableSpec, *, changed_at: datetime | None, n_threads: int
) -> list[date]:
    """Return the kept days, of those that are final, that the source wrote to since they were fetched.

    Those of a source that bills nothing are compared with it, and left out when they are equal.

    Parameters
    ----------
    store, source, n_threads
        See :func:`refresh_days`.
    spec
        See :func:`find_refresh`.
    changed_at
        When the source was last written to; None when it does not say.
    """
    wide, queries = find_refresh(store, spec)
    kept = [day for query in queries for day in list_days(replace(wide, since=query.since, until=query.until))]
    known = find_known_at(read_marks(store, spec), [day for day in kept if spec.is_final_on(day)])
    if not known or (changed_at is not None and changed_at <= min(known.values())):
        return []
    written = source.written_at(spec.method, list(known))
    later = sorted(day for day, at in written.items() if at > known[day])
    return _leave_out_equal(store, source, wide, later, n_threads=n_threads) if source.is_free else later


def _leave_out_equal(
    store: Store, source: Source, wide: TableSpec, days: Sequence[date], *, n_threads: int
) -> list[date]:
    """Return the days that differ from what the source has; that the others do not is noted."""
    asked_at = datetime.now(UTC)
    compared: list[KeptDay] = []
    for query in join_days(wide, days):
        with store.staging() as folder:
            rows = source.read(query, n_threads=n_threads)
            compared += [
                kept for kept, _ in _compare(store, wide, split_days(query, rows, folder, n_threads=n_threads))
            ]
    for query in join_days(wide, [kept.day for kept in compared if not kept.is_changed]):
        write_mark(store, wide, "compared", query, asked_at)
    return [kept.day for kept in compared if kept.is_changed]


def _find_sets(store: Store, spec: TableSpec) -> list[ColumnSet]:
    """Return the sets of columns that are still declared as they were, and whose digests have the key of today."""
    declared = [found for found in list_column_sets(store, spec) if set(found.columns) <= set(spec.method.columns)]
    keys = {name_key(replace(spec.method, columns=found.columns)) for found in declared if found.pii_key}
    return [found for found in declared if found.pii_key in ("", *keys)]


def _compare(store: Store, wide: TableSpec, days: Iterable[WrittenDay]) -> list[tuple[KeptDay, WrittenDay]]:
    """Compare days as they are now with all that is kept of them."""
    sets = _find_sets(store, wide)
    kept = {found: find_kept_days(store, wide, found) for found in sets}
    compared = []
    with connect(n_threads=1, memory=MEMORY) as connection:
        for written in days:
            keys = [kept[found][written.day] for found in sets if written.day in kept[found]]
            files = load_days(store, keys)
            row_counts = [pq.read_metadata(file).num_rows for file in files]
            day = KeptDay(
                day=written.day,
                n_rows_before=max(row_counts, default=0),
                n_rows_after=written.n_rows,
                is_changed=any(not _is_same(connection, file, written.folder / TABLE) for file in files),
            )
            compared.append((day, written))
    return compared


def _is_same(connection: duckdb.DuckDBPyConnection, kept: Path, now: Path) -> bool:
    """Say whether a kept table has the rows that another has of its columns, in whatever order."""
    if pq.read_metadata(kept).num_rows != pq.read_metadata(now).num_rows:
        return False
    columns = ", ".join(quote_name(name) for name in pq.read_schema(kept).names)
    rows = [f"SELECT {columns} FROM {quote_table([file])}" for file in (kept, now)]
    others = connection.execute(f"SELECT count(*) FROM ({rows[0]} EXCEPT ALL {rows[1]})").fetchall()
    return others == [(0,)]


def _publish(store: Store, wide: TableSpec, changed: Sequence[WrittenDay]) -> None:
    """Publish days, and only then the editions that they are."""
    contents = {written.day: digest_files(written.folder)[TABLE].sha256 for written in changed}
    before = read_editions(store, wide)
    number = max((edition.number for edition in before), default=0)
    editions = [
        Edition(
            number=number + index,
            since=run[0],
            until=run[-1] + DAY,
            content=digest("\n".join(contents[day] for day in run)),
        )
        for index, run in enumerate(find_runs(contents), start=1)
    ]
    publish_days(store, replace(wide, editions=(*before, *editions)), changed)
    for edition in editions:
        write_edition(store, wide, edition)


def _measure(compared: Sequence[tuple[KeptDay, WrittenDay]]) -> tuple[int, int]:
    """Return how many rows came, and how many bytes of them are kept."""
    changed = [written for kept, written in compared if kept.is_changed]
    sizes = [(written.folder / TABLE).stat().st_size for written in changed]
    return sum(written.n_rows for _, written in compared), sum(sizes)
