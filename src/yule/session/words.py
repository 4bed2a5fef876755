"""Words for what is about to run and for what failed, for all who show it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yule.pipeline.fetching import Fetch
    from yule.runtime.events import RunPlanned, TaskBroken

LAST_LINES = 20


def describe_plan(event: "RunPlanned") -> str:
    """Say what is about to run."""
    if not event.n_tasks:
        return f"nothing to run: all {event.n_cached} tasks are cached"
    return (
        f"{event.n_tasks} tasks to run, {event.n_cached} cached; "
        f"{event.n_workers} at once with {event.n_threads} threads each"
    )


def describe_fetch(fetch: "Fetch") -> str:
    """Say what has to be fetched, and what it costs."""
    from yule.downloads.costs.limits import format_bytes

    size = f"; its source reads {format_bytes(fetch.n_bytes)}" if fetch.n_bytes is not None else ""
    days = f"{fetch.n_days} days from {fetch.since} to {fetch.until}, {fetch.n_kept_days} are kept"
    return f"To fetch of {fetch.method}: {days if fetch.n_days else 'the whole table'}{size}."


def describe_failure(event: "TaskBroken") -> str:
    """Say what failed, why, and where more can be read; for a bug with the last lines of its log."""
    lines = [f"FAILED {event.text}: {event.message.strip()}"]
    if event.is_bug:
        lines += ["This is a bug in Yule, not a fault of yours. The last lines of its log:", *_last_lines(event.log)]
    return "\n".join([*lines, f"log: {event.log}"])


def _last_lines(log: str) -> list[str]:
    try:
        with open(log, encoding="utf-8", errors="replace") as file:
            return [f"    {line.rstrip()}" for line in file.readlines()[-LAST_LINES:]]
    except OSError:
        return ["    (no log was written)"]
