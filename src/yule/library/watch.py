"""Look whether the tables of a project are what their sources have: stale ones, and days that were written to again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from yule.config.forms.values import format_duration
from yule.config.projects import Project
from yule.core.errors import CorruptedOutput, DataError
from yule.downloads.keeping.days.kept import describe_days, find_runs
from yule.downloads.keeping.days.refresh import KeptDay, find_rewritten
from yule.downloads.settings import DAY, Method
from yule.downloads.sources.engines import open_source
from yule.downloads.sources.protocol import Source
from yule.downloads.specs import TableSpec
from yule.library.upkeep import refresh
from yule.runtime.cores import count_cores
from yule.storage.opening import open_store
from yule.storage.store import Store


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something that a person should know of a method's data.

    Parameters
    ----------
    method
        The method.
    kind
        ``stale``: nothing was written for too long. ``rewritten``: days were, after they were final. ``unseen``:
        whether they were cannot be said.
    text
        What was seen, and what to do.
    days
        The days that were rewritten.
    """

    method: str
    kind: Literal["stale", "rewritten", "unseen"]
    text: str
    days: tuple[date, ...] = ()


def look_at_tables(project: Project, specs: Iterable[TableSpec]) -> list[Notice]:
    """Ask the sources of tables whether these are fresh, and whether final days are still what they were.

    Parameters
    ----------
    project
        The project.
    specs
        The tables, with all their columns.
    """
    return [
        notice
        for spec in sorted(specs, key=lambda spec: spec.method.name)
        for notice in _look(project, project.downloads[spec.method.name], spec)
    ]


def look_at_age(method: Method, changed_at: datetime | None, limit: timedelta | None) -> Iterator[Notice]:
    """Yield that a source was not written to for too long, or does not say so though that is asked of it.

    Parameters
    ----------
    method
        The method.
    changed_at
        When its source was last written to; None when it does not say.
    limit
        For how long it may not be; None for no limit.
    """
    if changed_at is None and method.warn_after is not None:
        text = "its source does not say when it was last written to, so `warn_after` cannot be looked at"
        yield Notice(method=method.name, kind="unseen", text=text)
    silent = datetime.now(UTC) - changed_at if changed_at is not None else timedelta()
    if limit is not None and silent > limit:
        age = f"{silent.days} days" if silent.days > 1 else f"{int(silent.total_seconds() // 3600)} hours"
        declared = "warn_after" if method.warn_after is not None else "the limit without a `warn_after`"
        asked = f"; ask {method.owner}" if method.owner else ""
        text = (
            f"stale: its source was last written to {age} ago, at {changed_at:%Y-%m-%d %H:%M} UTC "
            f"({declared}: {format_duration(limit)}){asked}"
        )
        yield Notice(method=method.name, kind="stale", text=text)


def look_at_days(
    store: Store, source: Source, method: Method, *, spec: TableSpec, changed_at: datetime | None
) -> Iterator[Notice]:
    """Yield that a source wrote to final days of a table again, or that this cannot be seen.

    Parameters
    ----------
    store
        The workspace's store.
    source
        Where the table comes from.
    method
        The method.
    spec
        The table, with all its columns.
    changed_at
        When its source was last written to; None when it does not say.
    """
    try:
        days = find_rewritten(store, source, spec, changed_at=changed_at, n_threads=count_cores())
    except (CorruptedOutput, DataError) as error:
        text = f"whether its source wrote to final days again could not be seen: {error}"
        yield Notice(method=method.name, kind="unseen", text=text)
        return
    if days:
        yield Notice(method=method.name, kind="rewritten", text=_tell_rewritten(method, days), days=tuple(days))


def renew_rewritten(project: Project, notices: Iterable[Notice]) -> dict[str, list[KeptDay]]:
    """Fetch anew the days that were rewritten, of methods that are declared so; return what came of it, by method."""
    return {
        notice.method: [
            kept
            for run in find_runs(notice.days)
            for kept in refresh(project, project.downloads[notice.method], run[0], run[-1] + DAY)
        ]
        for notice in notices
        if notice.days and is_renewed(project.downloads[notice.method])
    }


def is_renewed(method: Method) -> bool:
    """Say whether days of a method that were rewritten are fetched anew before a run."""
    return method.days is not None and method.days.rewritten == "refresh"


def _look(project: Project, method: Method, spec: TableSpec) -> Iterator[Notice]:
    if method.warn_after is None and method.days is None:
        return
    store = open_store(project.workspace)
    source = open_source(project.sources[method.source], cache_folder=store.root)
    try:
        changed_at = source.changed_at(method)
    except DataError as error:
        text = f"when its source was last written to could not be seen: {error}"
        yield Notice(method=method.name, kind="unseen", text=text)
        return
    yield from look_at_age(method, changed_at, method.warn_after)
    if method.days is not None:
        yield from look_at_days(store, source, method, spec=spec, changed_at=changed_at)


def _tell_rewritten(method: Method, days: Sequence[date]) -> str:
    command = f"yule downloads refresh {method.name} --since {days[0]} --until {days[-1] + DAY}"
    remedy = "a run fetches them anew first" if is_renewed(method) else f"fetch them anew: {command}"
    return (
        f"its source wrote to {len(days)} day{'s' * (len(days) > 1)} after they were final ({describe_days(days)}), "
        f"and what is kept of them is as it was; {remedy}"
    )
