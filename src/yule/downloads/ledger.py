"""What downloads cost: limits before, a line in the workspace's ledger after."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from yule.core.errors import DataError
from yule.core.settings import from_json, to_json
from yule.downloads.limits import advise, format_bytes
from yule.downloads.settings import Budget, Query
from yule.storage.objects.protocol import Objects

PLACE = "ledger"
N_CONNECTIONS = 8


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One query: written when it is allowed, and again when it is answered. One that failed counts too.

    Parameters
    ----------
    query_id
        Its id.
    at
        When it began, ISO 8601, UTC.
    method, source
        What was fetched, from where.
    run, case
        For whom; empty outside a run.
    columns
        How many columns.
    since, until
        The period, ISO 8601; empty for a whole table.
    n_bytes
        What the source had to read; None when it does not say.
    n_rows, n_kept_bytes
        What came of it.
    seconds
        How long it took.
    """

    query_id: str
    at: str
    method: str
    source: str
    run: str = ""
    case: str = ""
    columns: int
    since: str = ""
    until: str = ""
    n_bytes: int | None = None
    n_rows: int = 0
    n_kept_bytes: int = 0
    seconds: float = 0.0


def write_entry(objects: Objects, entry: Entry) -> None:
    """Write a line into the ledger, in the place of what it said of the same query before."""
    objects.write(f"{PLACE}/{entry.at[:7]}/{entry.query_id}.json", to_json(entry).encode())


def new_query_id(now: datetime) -> str:
    """Return an id for a query; ids sort by time."""
    return f"{now:%Y%m%dT%H%M%S.%fZ}-{uuid.uuid4().hex[:8]}"


def read_entries(objects: Objects, month: str = "") -> Iterator[Entry]:
    """Yield the lines of the ledger in the order of time: of a month (``2026-11``), or all."""
    with ThreadPoolExecutor(N_CONNECTIONS) as pool:
        for content in pool.map(objects.read, objects.list(f"{PLACE}/{month}")):
            if content is not None:
                yield from_json(Entry, content.decode())


def check_budget(objects: Objects, query: Query, n_bytes: int | None, *, budget: Budget, run: str) -> int | None:
    """Return the most that a query may read, by the budgets of download, run and month.

    Raises
    ------
    DataError
        If it would read more. Says how much it is, how much is left, and what would make it smaller.
    """
    limits = {f"the {format_bytes(limit)} for one download": limit for limit in _least(query, budget)}
    month = list(read_entries(objects, f"{datetime.now(UTC):%Y-%m}")) if budget.is_shared else []
    if budget.run is not None:
        spent = sum(entry.n_bytes or 0 for entry in month if run and entry.run == run)
        limits[_left(budget.run, spent, f"this run ({run or 'outside a run'})")] = budget.run - spent
    if budget.month is not None:
        spent = sum(entry.n_bytes or 0 for entry in month)
        limits[_left(budget.month, spent, "this month")] = budget.month - spent
    if not limits:
        return None
    reason, limit = min(limits.items(), key=lambda item: item[1])
    if n_bytes is not None and n_bytes > limit:
        period = f" from {query.since:%Y-%m-%d} to {query.until:%Y-%m-%d}" if query.since and query.until else ""
        raise DataError(
            f"{query.method.name}: refused, nothing was read. The source would have to read {format_bytes(n_bytes)} "
            f"for {len(query.columns)} columns{period}, more than {reason}. {advise(query)}"
        )
    return max(limit, 0)


def _least(query: Query, budget: Budget) -> list[int]:
    limits = [limit for limit in (budget.methods.get(query.method.name), budget.download) if limit is not None]
    return [min(limits)] if limits else []


def _left(budget: int, spent: int, what: str) -> str:
    return f"the {format_bytes(max(0, budget - spent))} left of {format_bytes(budget)} for {what}"
