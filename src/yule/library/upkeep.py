"""Look after what is kept of tables that grow by the day: fetch days anew, delete what nobody asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yule.config.projects import Project
from yule.core.errors import DataError
from yule.downloads.costs.limits import add_sizes
from yule.downloads.keeping.days.origins import find_origin
from yule.downloads.keeping.days.pruning import Leftover, find_leftovers, list_folders, remove_folders
from yule.downloads.keeping.days.refresh import KeptDay, find_refresh, refresh_days
from yule.downloads.keeping.fetch import specify
from yule.downloads.settings import Method, start_of_day
from yule.downloads.sources.engines import open_source
from yule.downloads.specs import FINAL, Query, TableSpec
from yule.runtime.cores import count_cores
from yule.storage.opening import open_store
from yule.storage.store import Store
from yule.storage.uses import find_oldest_use


@dataclass(frozen=True, kw_only=True)
class RefreshPlan:
    """What would be fetched anew.

    Parameters
    ----------
    periods
        The half-open periods of the kept days.
    n_days, n_columns
        How many days they are, and how many columns were ever asked for.
    n_bytes
        How much the source has to read; None when it does not say.
    """

    periods: Sequence[tuple[date, date]]
    n_days: int
    n_columns: int
    n_bytes: int | None


def plan_refresh(project: Project, method: Method, since: date | None, until: date | None) -> RefreshPlan:
    """Say what would be fetched anew of a method's kept days, and what it costs.

    Parameters
    ----------
    project
        The project.
    method
        The method.
    since, until
        The half-open period; None for no bound.

    Raises
    ------
    DataError
        If the table does not grow by the day, or no day of the period is kept.
    """
    store = open_store(project.workspace)
    source = open_source(project.sources[method.source], cache_folder=store.root)
    wide, queries = _find_kept(store, _find_period(project, method, since, until))
    periods = [(query.since.date(), query.until.date()) for query in queries if query.since and query.until]
    return RefreshPlan(
        periods=periods,
        n_days=sum((end - start).days for start, end in periods),
        n_columns=len(wide.method.columns),
        n_bytes=add_sizes([source.estimate(query) for query in queries]),
    )


def refresh(project: Project, method: Method, since: date | None, until: date | None) -> list[KeptDay]:
    """Fetch a method's kept days anew; see :func:`plan_refresh`.

    Raises
    ------
    DataError
        Also if it costs too much, or the data do not pass their checks; then all stays as it is.
    """
    store = open_store(project.workspace)
    source = open_source(project.sources[method.source], cache_folder=store.root)
    spec = _find_period(project, method, since, until)
    _find_kept(store, spec)
    return refresh_days(store, source, spec, project.fetching, n_threads=count_cores())


def find_prunable(project: Project, not_since: datetime) -> list[Leftover]:
    """Return the kept days that nobody asks for any more; see :func:`.find_leftovers`."""
    store = open_store(project.workspace)
    specs = [
        TableSpec(
            method=method.without_notes(),
            data_version=FINAL,
            origin=find_origin(project.sources[method.source], method, store),
        )
        for method in project.downloads.values()
        if method.days is not None
    ]
    return find_leftovers(store, list_folders(store), specs, not_since=not_since)


def prune(project: Project, leftovers: Sequence[Leftover]) -> None:
    """Delete days that nobody asks for any more.

    Raises
    ------
    DataError
        If a process that may read them is at work.
    """
    store = open_store(project.workspace)
    since = find_oldest_use(store.objects)
    if since is not None:
        raise DataError(
            f"Nothing was deleted: since {since:%Y-%m-%d %H:%M} UTC a process is at work in {project.workspace} that "
            "may read these days. Say it again when it has ended."
        )
    for leftover in leftovers:
        remove_folders(store, leftover.folders)


def _find_period(project: Project, method: Method, since: date | None, until: date | None) -> TableSpec:
    if method.days is None:
        raise DataError(
            f"{method.name} is fetched whole, not by the day: the next run fetches it by itself if its data changed."
        )
    if since is not None and until is not None and since >= until:
        raise DataError(f"There is no day from {since} until before {until}. --until is the day after the last.")
    spec = specify(method, project.fetching, open_store(project.workspace))
    spec = spec if until is None else spec.before(start_of_day(until))
    return spec if since is None else spec.since_day_of(start_of_day(since))


def _find_kept(store: Store, spec: TableSpec) -> tuple[TableSpec, list[Query]]:
    """Return what :func:`find_refresh` does, if any day of the period is kept."""
    wide, queries = find_refresh(store, spec)
    if not queries:
        name = spec.method.name
        raise DataError(
            f"There is nothing to fetch anew: no day of {name} in this period is kept, or its columns are declared "
            f"otherwise now. `yule downloads show {name}` says which days are kept."
        )
    return wide, queries
