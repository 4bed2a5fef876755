"""What a run is going to fetch: told to its processes, and shown to people before."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from yule.config.projects import Project
from yule.core.errors import DataError
from yule.core.settings import to_json
from yule.downloads.days import find_missing_ranges, list_days
from yule.downloads.fetch import unite
from yule.downloads.ledger import check_budget
from yule.downloads.settings import TableSpec
from yule.downloads.sources import open_source
from yule.downloads.task import DownloadTable
from yule.storage.opening import open_store
from yule.storage.task import Task


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """What has to be fetched by one method.

    Parameters
    ----------
    method
        Its name.
    n_days, n_kept_days
        Of a table that grows by the day, how many days are fetched and how many are kept from before; 0 of another.
    since, until
        The period that is fetched, ISO 8601 dates; empty for a whole table.
    n_bytes
        How much the source has to read; None when it does not say.
    """

    method: str
    n_days: int = 0
    n_kept_days: int = 0
    since: str = ""
    until: str = ""
    n_bytes: int | None = None


def describe_fetching(project: Project, tasks: Iterable[Task] = (), *, run: str = "", case: str = "") -> str:
    """Return what a process that downloads is told, as JSON.

    Parameters
    ----------
    project
        The project.
    tasks
        All tasks that are going to run.
    run, case
        For whom it is.
    """
    specs = [task.spec for task in tasks if isinstance(task, DownloadTable)]
    return to_json(replace(project.fetching, run=run, case=case, wanted=unite(specs, project.downloads)))


def preview_fetches(project: Project, tasks: Iterable[Task]) -> list[Fetch]:
    """Return what has to be fetched, by method; sources are asked how much they would read.

    Parameters
    ----------
    project
        The project.
    tasks
        The tasks that are going to run.

    Raises
    ------
    DataError
        If a method does not fit its source any more, or costs more than its budget. Lists all.
    """
    specs = [task.spec for task in tasks if isinstance(task, DownloadTable)]
    whole = {spec.method.name: spec for spec in specs if not spec.is_by_day}
    by_day = unite((spec for spec in specs if spec.is_by_day), project.downloads)
    fetches, problems = [], []
    for _, spec in sorted((whole | by_day).items()):
        try:
            fetches += _preview(project, spec)
        except DataError as error:
            problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    return fetches


def _preview(project: Project, spec: TableSpec) -> list[Fetch]:
    store = open_store(project.workspace)
    source = open_source(project.sources[spec.method.source], cache_folder=store.root)
    queries = find_missing_ranges(store, spec) if spec.is_by_day else [spec.query]
    sizes = [source.estimate(query) for query in queries]
    for query, size in zip(queries, sizes, strict=True):
        check_budget(store.objects, query, size, budget=project.fetching.budget, run="")
    n_bytes = None if None in sizes else sum(size or 0 for size in sizes)
    if not spec.is_by_day:
        return [Fetch(method=spec.method.name, n_bytes=n_bytes)]
    periods = [(query.since, query.until) for query in queries if query.since and query.until]
    if not periods:
        return []
    n_days = sum((until - since).days for since, until in periods)
    return [
        Fetch(
            method=spec.method.name,
            n_days=n_days,
            n_kept_days=len(list_days(spec)) - n_days,
            since=f"{periods[0][0]:%Y-%m-%d}",
            until=f"{periods[-1][1]:%Y-%m-%d}",
            n_bytes=n_bytes,
        )
    ]
