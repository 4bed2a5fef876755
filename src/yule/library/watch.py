"""Look whether the tables of a project are what their sources have: stale ones, and days that were written to again."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from yule.config.forms.values import format_duration
from yule.config.projects import Project
from yule.core.errors import CorruptedOutput, DataError
from yule.downloads.days.kept import describe_days, find_runs
from yule.downloads.days.refresh import KeptDay, find_rewritten
from yule.downloads.settings import DAY, Method
from yule.downloads.sources import open_source
from yule.downloads.specs import TableSpec
from yule.library.upkeep import refresh
from yule.storage.opening import open_store


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


def find_staleness(method: Method, changed_at: datetime | None, now: datetime) -> str:
    """Say that a source was not written to for too long; empty when it was.

    Parameters
    ----------
    method
        The method.
    changed_at
        When its source was last written to; None when it does not say.
    now
        The time.
    """
    limit = method.warn_after
    if limit is None or changed_at is None or now - changed_at <= limit:
        return ""
    silent = now - changed_at
    age = f"{silent.days} days" if silent.days > 1 else f"{int(silent.total_seconds() // 3600)} hours"
    asked = f"; ask {method.owner}" if method.owner else ""
    return (
        f"stale: its source was last written to {age} ago, at {changed_at:%Y-%m-%d %H:%M} UTC "
        f"(warn_after: {format_duration(limit)}){asked}"
    )


def renew_rewritten(project: Project, notices: Sequence[Notice]) -> dict[str, list[KeptDay]]:
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
    store = open_store(project.workspace)
    source = open_source(project.sources[method.source], cache_folder=store.root)
    if method.warn_after is not None:
        changed_at = source.changed_at(method)
        stale = find_staleness(method, changed_at, datetime.now(UTC))
        if changed_at is None:
            text = "its source does not say when it was last written to, so `warn_after` cannot be looked at"
            yield Notice(method=method.name, kind="unseen", text=text)
        if stale:
            yield Notice(method=method.name, kind="stale", text=stale)
    if method.days is None:
        return
    try:
        days = find_rewritten(store, source, spec, n_threads=os.cpu_count() or 1)
    except (CorruptedOutput, DataError) as error:
        text = f"whether its source wrote to final days again could not be seen: {error}"
        yield Notice(method=method.name, kind="unseen", text=text)
        return
    if days:
        yield Notice(method=method.name, kind="rewritten", text=_tell_rewritten(method, days), days=tuple(days))


def _tell_rewritten(method: Method, days: Sequence[date]) -> str:
    command = f"yule downloads refresh {method.name} --since {days[0]} --until {days[-1] + DAY}"
    remedy = "a run fetches them anew first" if is_renewed(method) else f"fetch them anew: {command}"
    return (
        f"its source wrote to {len(days)} day{'s' * (len(days) > 1)} after they were final ({describe_days(days)}), "
        f"and what is kept of them is as it was; {remedy}"
    )
