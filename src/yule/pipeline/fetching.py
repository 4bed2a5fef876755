"""What a run is going to fetch: told to its processes, and shown to people before."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from yule.config.projects import Project
from yule.core.errors import DataError
from yule.core.settings import to_json
from yule.downloads.costs.ledger import check_budget
from yule.downloads.costs.limits import add_sizes
from yule.downloads.keeping.days.kept import find_missing_ranges, list_days
from yule.downloads.keeping.fetch import unite
from yule.downloads.keeping.task import DownloadTable
from yule.downloads.sources.engines import open_source
from yule.downloads.specs import Payer, TableSpec
from yule.runtime.plan import Plan
from yule.storage.opening import open_store
from yule.storage.task import Task

GIVEN = "given-table"
"""Name of the source of tables that are given to ``yule predict``."""

_REMEDY = (
    "SQL and downloads are taken from the project, never from what is recorded of a run: check out the project as it "
    "was when the run was made (`yule runs --json` tells when), or run the case again."
)


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


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A task whose output is asked for.

    Parameters
    ----------
    task
        The task.
    payer
        The run that it is for.
    """

    task: Task
    payer: Payer


def describe_fetching(project: Project, plan: Plan | None = None, goals: Sequence[Goal] = ()) -> str:
    """Return what a process that downloads is told, as JSON: with a plan, of the sources and methods in it alone.

    A launch on a cluster travels as a variable, which holds 128 KiB: a large library must not fill it.

    Parameters
    ----------
    project
        The project.
    plan
        The plan of what is going to run; None when nothing is.
    goals
        What is asked for.
    """
    if plan is None:
        return to_json(project.fetching)
    specs = [item.task.spec for item in plan.tasks.values() if isinstance(item.task, DownloadTable)]
    sources = {spec.method.source for spec in specs}
    specs = [spec for spec in specs if spec.method.name in project.downloads]  # others are refused before
    wanted = unite(specs, project.downloads)
    fetching, names = project.fetching, {spec.method.name for spec in specs}
    limits = {name: limit for name, limit in fetching.budget.methods.items() if name in names}
    return to_json(
        replace(
            fetching,
            sources={name: settings for name, settings in fetching.sources.items() if name in sources},
            budget=replace(fetching.budget, methods=limits),
            checks={name: checks for name, checks in fetching.checks.items() if name in names},
            payers=find_payers(plan, goals),
            wanted=wanted,
        )
    )


def find_payers(plan: Plan, goals: Sequence[Goal]) -> dict[str, tuple[Payer, ...]]:
    """Return who pays for what is fetched, by method: the runs that have to read its table.

    A table that none has to read at first, since all that is made of it is cached, is paid for by all that would.
    """
    methods = {
        key: item.task.spec.method.name for key, item in plan.tasks.items() if isinstance(item.task, DownloadTable)
    }
    now: dict[str, list[Payer]] = {name: [] for name in methods.values()}
    ever: dict[str, list[Payer]] = {name: [] for name in methods.values()}
    for goal in goals:
        for payers, is_needed in ((now, True), (ever, False)):
            for key in _reach(plan, goal.task.unique_id, is_needed=is_needed) & methods.keys():
                payers[methods[key]].append(goal.payer)
    return {name: tuple(dict.fromkeys(payers or ever[name])) for name, payers in sorted(now.items())}


def preview_fetches(
    project: Project, plan: Plan, goals: Sequence[Goal], *, sources: Collection[str] | None = None
) -> list[Fetch]:
    """Return what has to be fetched, by method; sources are asked how much they would read.

    Parameters
    ----------
    project
        The project.
    plan
        The plan of what is going to run.
    goals
        What is asked for.
    sources
        Names of the sources to ask; None for all.

    Raises
    ------
    DataError
        If a method does not fit its source any more, or costs more than its budget. Lists all.
    """
    specs = [task.spec for task in find_downloads(plan, sources)]
    foreign = list(dict.fromkeys(problem for spec in specs for problem in find_foreign(project, spec)))
    if foreign:
        raise DataError("\n".join(foreign))
    payers = find_payers(plan, goals)
    whole = {spec.method.name: spec for spec in specs if not spec.is_by_day}
    by_day = unite((spec for spec in specs if spec.is_by_day), project.downloads)
    fetches, problems = [], []
    for _, spec in sorted((whole | by_day).items()):
        try:
            fetches += _preview(project, spec, payers.get(spec.method.name, ()))
        except DataError as error:
            problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    return fetches


def find_downloads(plan: Plan, sources: Collection[str] | None = None) -> list[DownloadTable]:
    """Return the tasks of a plan that are going to fetch tables: of the sources of some names, or of all."""
    tasks = [item.task for item in plan.to_run() if isinstance(item.task, DownloadTable)]
    return [task for task in tasks if sources is None or task.spec.method.source in sources]


def find_foreign(project: Project, spec: TableSpec) -> Iterator[str]:
    """Say what of a table to fetch is not as the project declares it.

    A record of a run is data, and may ask for anything: what is asked of a source is taken from the project alone.
    """
    method, name = spec.method, spec.method.name
    if method.source == GIVEN and not method.sql:  # a table that the command was given
        return
    own = project.downloads.get(name)
    if own is None:
        yield f"The project has no download {name!r} (any more). {_REMEDY}"
        return
    known = own.with_columns([column.name for column in method.columns]).without_notes()
    asked = asdict(method)
    wrong = [key for key, value in asdict(known).items() if asked[key] != value]
    if wrong:
        yield f"The download {name} is to be fetched with another {', '.join(wrong)} than the project has. {_REMEDY}"


def _reach(plan: Plan, root: str, *, is_needed: bool) -> set[str]:
    """Return the unique ids of a task and all below it: of those that have to run, or of all."""
    found: set[str] = set()
    below = [root]
    while below:
        key = below.pop()
        item = plan.tasks[key]
        if key not in found and (item.state == "to run" or not is_needed):
            found.add(key)
            below += item.requires
    return found


def _preview(project: Project, spec: TableSpec, payers: Sequence[Payer]) -> list[Fetch]:
    store = open_store(project.workspace)
    source = open_source(project.sources[spec.method.source], cache_folder=store.root)
    queries = find_missing_ranges(store, spec) if spec.is_by_day else [spec.query]
    sizes = [source.estimate(query) for query in queries]
    ledger = open_store(project.ledger or project.workspace)
    for query, size in zip(queries, sizes, strict=True):
        check_budget(ledger.objects, query, size, budget=project.fetching.budget, payers=payers)
    n_bytes = add_sizes(sizes)
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
