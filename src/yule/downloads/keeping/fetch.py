"""Fetch a table into the workspace: the days that are missing, or the whole of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from yule.core.errors import DELETE_IT, CorruptedOutput, DataError
from yule.core.files import read_bounded
from yule.core.settings import from_bytes, to_json
from yule.downloads.costs.asking import ask
from yule.downloads.keeping.days.kept import (
    DAY_KEY,
    find_days,
    find_missing_ranges,
    holding_days,
    list_days,
    load_days,
    measure_days,
    narrow_days,
    publish_days,
)
from yule.downloads.keeping.days.marks import read_editions, write_mark
from yule.downloads.keeping.days.origins import find_origin, list_origins
from yule.downloads.keeping.days.pruning import prune_superseded
from yule.downloads.keeping.rows.acceptance import Failure, find_failures, keep_passing, raise_failures
from yule.downloads.keeping.rows.pii import name_key
from yule.downloads.keeping.rows.splitting import split_days
from yule.downloads.keeping.rows.tables import TABLE, write_download
from yule.downloads.settings import Method, start_of_day
from yule.downloads.sources.engines import open_source
from yule.downloads.sources.protocol import Source
from yule.downloads.specs import Fetching, TableSpec
from yule.storage.store import Store

DAYS = "days.json"


def specify(method: Method, fetching: Fetching, store: Store) -> TableSpec:
    """Return a method's table as its source has it now, with all its columns.

    Parameters
    ----------
    method
        The method.
    fetching
        The project's sources.
    store
        The workspace's store, where fingerprints are remembered.

    Raises
    ------
    DataError
        If its data are not at hand.
    """
    settings = fetching.sources[method.source]
    source = open_source(settings, cache_folder=store.root)
    if method.days is None:
        return TableSpec(method=method.without_notes(), data_version=source.data_version(method))
    return specify_days(
        method, store, origin=find_origin(settings, method, store), changed_at=source.changed_at(method)
    )


def specify_days(method: Method, store: Store, *, origin: str, changed_at: datetime | None) -> TableSpec:
    """Return a table that grows by the day, with all its columns.

    Parameters
    ----------
    method, store
        See :func:`specify`.
    origin
        See :class:`~yule.downloads.specs.TableSpec`.
    changed_at
        When its source was last written to; None when it does not say.
    """
    # A source that is silent has no rows yet of the days since, so they must not be taken for empty ones.
    now = datetime.now(UTC)
    as_of = min(now, changed_at or now).astimezone(UTC).date()
    spec = TableSpec(
        method=method.without_notes(),
        data_version=as_of.isoformat(),
        until=start_of_day(as_of),
        origin=origin,
    )
    return replace(spec, editions=tuple(found for found in read_editions(store, spec) if found.since < as_of))


def narrow(spec: TableSpec, columns: Iterable[str] | None) -> TableSpec:
    """Return a table with the columns that a task reads by their names.

    Those of user and time always come along. A table that is fetched whole is fetched once for all who read it, with
    all its columns but those that say who a person is and are not named.

    Parameters
    ----------
    spec
        The table with all its columns.
    columns
        The columns; None for all that say nothing of who a person is.
    """
    names = [] if columns is None else [spec.method.user, *columns]
    if names and spec.method.days is None:
        names += [column.name for column in spec.method.with_columns().columns]
    return _with_method(spec, spec.method.with_columns(names))


def select(spec: TableSpec, columns: Sequence[str] | None) -> TableSpec:
    """Return a table with just the columns that are asked for, in their order; user and time come before them.

    Parameters
    ----------
    spec
        The table with all its columns.
    columns
        The columns; None for all that say nothing of who a person is.
    """
    if columns is None:
        return _with_method(spec, spec.method.with_columns())
    method = spec.method.with_columns([spec.method.user, *columns])
    keys = [column.name for column in method.columns if column.name not in columns]
    names = dict.fromkeys([*keys, *columns])
    return _with_method(spec, replace(method, columns=tuple(method.column(name) for name in names)))


def fetch_table(store: Store, spec: TableSpec, fetching: Fetching, folder: Path, *, n_threads: int) -> None:
    """Fetch a table: into ``table.parquet``, or day by day into the workspace, listed in ``days.json``.

    Parameters
    ----------
    store
        The workspace's store.
    spec
        The table.
    fetching
        Where it comes from, and what it may cost.
    folder
        Where to write; it exists.
    n_threads
        Threads to use.

    Raises
    ------
    DataError
        If the data are not what is declared, would cost too much, or are others than those that were planned with.
    """
    settings = fetching.sources[spec.method.source]
    source = open_source(settings, cache_folder=store.root)
    if spec.method.days is None:
        _refuse_changed(source, spec)
    if spec.method.days is not None and spec.origin not in list_origins(settings, fetching.ledger or str(store.root)):
        raise DataError(f"The source of {spec.method.name} is another one than the run was planned with. Run again.")
    if not spec.is_by_day:
        _fetch_whole(store, source, spec, fetching, folder, n_threads=n_threads)
        if spec.method.days is None and source.is_free:  # what is billed reads its tables as of one instant
            _refuse_changed(source, spec)
        return
    _refuse_empty(spec)
    _fetch_days(store, source, spec, fetching, n_threads=n_threads)
    (folder / DAYS).write_text(to_json(list(find_days(store, spec).values())), encoding="utf-8")


def table_files(folder: Path, store: Store) -> list[Path]:
    """Return the Parquet files of a table that was fetched into a folder.

    Raises
    ------
    CorruptedOutput
        If a day is gone or damaged; a damaged one is deleted.
    """
    if not (folder / DAYS).exists():
        return [folder / TABLE]
    return load_days(store, list_day_keys(folder))


def measure_output(store: Store, key: str) -> int:
    """Return how many bytes are read of what is published under a key: of a table that lists days, those of the days.

    What is gone or damaged counts nothing: whoever reads it is told.
    """
    sizes = store.measure_files(key)
    try:
        folder = store.fetch(key) if DAYS in sizes else None
        days = list_day_keys(folder) if folder is not None else []
    except CorruptedOutput:
        days = []
    return sum(sizes.values()) + measure_days(store, days)


def list_day_keys(folder: Path) -> list[str]:
    """Return the keys of the days of a table that was fetched into a folder; none of one that was fetched whole."""
    file = folder / DAYS
    if not file.exists():
        return []
    try:
        keys = from_bytes(list[str], read_bounded(file))
    except ValueError:
        keys = [""]
    if not all(DAY_KEY.fullmatch(key) for key in keys):  # whoever may write the workspace may have put anything there
        raise CorruptedOutput(f"{file} is damaged or forged: it does not list days. {DELETE_IT}")
    return keys


def unite(specs: Iterable[TableSpec], methods: Mapping[str, Method]) -> dict[str, TableSpec]:
    """Return what has to be fetched of each table that grows by the day for all who read it, by method.

    Parameters
    ----------
    specs
        What each reader needs.
    methods
        The methods with all their columns, by name.
    """
    united: dict[str, TableSpec] = {}
    for spec in specs:
        if spec.method.days is None or spec.until is None:
            continue
        before = united.setdefault(spec.method.name, spec)
        names = [column.name for column in (*before.method.columns, *spec.method.columns)]
        assert before.until is not None
        later = spec if spec.until > before.until else before
        wider = methods[spec.method.name].with_columns(names).without_notes()
        since = _earlier(before.since, spec.since)
        editions = tuple(sorted({*before.editions, *spec.editions}, key=lambda edition: edition.number))
        united[spec.method.name] = replace(later, method=wider, since=since, pii_key=name_key(wider), editions=editions)
    return united


def _refuse_changed(source: Source, spec: TableSpec) -> None:
    if source.data_version(spec.method) != spec.data_version:
        raise DataError(f"The data of {spec.method.name} changed while the run was going on. Run again.")


def _with_method(spec: TableSpec, method: Method) -> TableSpec:
    return replace(spec, method=method, pii_key=name_key(method))


def _refuse_empty(spec: TableSpec) -> None:
    name, days = spec.method.name, spec.method.days
    if days is not None and not list_days(spec):
        raise DataError(
            f"There is nothing to fetch of {name} before {spec.until:%Y-%m-%d}: its first day is {days.since}. "
            f"Choose a later date, or an earlier `since` in downloads/{name}.yaml."
        )


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    return None if first is None or second is None else min(first, second)


def _fetch_whole(
    store: Store, source: Source, spec: TableSpec, fetching: Fetching, folder: Path, *, n_threads: int
) -> None:
    with ask(store, source, spec.query, fetching, n_threads=n_threads) as (reader, tell):
        n_rows = write_download(spec.method, reader, folder, n_threads=n_threads)
        tell(n_rows, (folder / TABLE).stat().st_size)
    checks = fetching.checks.get(spec.method.name)
    raise_failures(spec.method, find_failures(spec.method, checks, folder / TABLE, n_threads=n_threads))


def _fetch_days(store: Store, source: Source, spec: TableSpec, fetching: Fetching, *, n_threads: int) -> None:
    if len(find_days(store, spec)) == len(list_days(spec)):
        return
    wide = _widen(spec, fetching)
    checks = fetching.checks.get(spec.method.name)
    failures: list[Failure] = []

    def fetch_missing() -> None:
        for query in find_missing_ranges(store, wide):
            asked_at = datetime.now(UTC)
            with ask(store, source, query, fetching, n_threads=n_threads) as (reader, tell), store.staging() as folder:
                days = split_days(query, reader, folder, n_threads=n_threads)
                tell(*publish_days(store, wide, keep_passing(days, wide, checks, failures)))
            write_mark(store, wide, "fetched", query, asked_at)

    with holding_days(store, wide):
        fetch_missing()
        try:
            narrow_days(store, spec, n_threads=n_threads)
        except CorruptedOutput:  # some days that were kept with more columns; they are deleted now
            fetch_missing()
            narrow_days(store, spec, n_threads=n_threads)
        prune_superseded(store, spec)
    raise_failures(spec.method, failures)


def _widen(spec: TableSpec, fetching: Fetching) -> TableSpec:
    """Return what the whole run needs of a table, if that covers what is needed here."""
    wide = fetching.wanted.get(spec.method.name)
    if wide is None or wide.origin != spec.origin or spec.pii_key not in ("", wide.pii_key):
        return spec
    days = set(list_days(spec))
    has_days = days <= set(list_days(wide)) and all(wide.find_edition(day) == spec.find_edition(day) for day in days)
    return wide if has_days and set(spec.method.columns) <= set(wide.method.columns) else spec
