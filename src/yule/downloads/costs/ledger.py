"""What downloads cost: limits before, a line in the workspace's ledger after.

A query is written down when it is allowed: what it is going to read is reserved. As long as it is asked its process
holds a lease; when that is gone and nothing more was written down, the query failed and the reservation is void.
"""

import re
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

import pyarrow as pa

from yule.core.errors import DataError
from yule.core.settings import from_bytes, to_json
from yule.downloads.costs.limits import advise, format_bytes
from yule.downloads.specs import Budget, Payer, Query
from yule.storage.lease import find_abandoned, forget_lease, hold_lease, is_held
from yule.storage.names import name_instant, tell_left_out
from yule.storage.objects.protocol import Objects
from yule.storage.objects.threads import in_threads

PLACE = "ledger"
N_CONNECTIONS = 8
MAX_SIZE = 1 << 60  # bytes or rows of one query; no source has as many

_QUERY_ID = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{1,9}Z-[0-9a-f]{1,32}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One query: written when it is allowed, and again when it is answered or has failed.

    Parameters
    ----------
    query_id
        Its id.
    at
        When it began, ISO 8601, UTC.
    method, source
        What was fetched, from where.
    payers
        The runs that it was for; none outside a run.
    labels
        What else was written on the bill.
    run, case
        In their place, in ledgers of before there could be several.
    columns
        How many columns.
    since, until
        The period, ISO 8601; empty for a whole table.
    n_bytes
        What the source has to read; None when it does not say. 0 of a query that failed before rows came: no source
        bills for it.
    n_rows, n_kept_bytes
        What came of it.
    seconds
        How long it took.
    state
        ``asked`` as long as its process waits for the answer.
    """

    query_id: str
    at: str
    method: str
    source: str
    payers: tuple[Payer, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    run: str = ""
    case: str = ""
    columns: int
    since: str = ""
    until: str = ""
    n_bytes: int | None = None
    n_rows: int = 0
    n_kept_bytes: int = 0
    seconds: float = 0.0
    state: Literal["asked", "answered", "failed"] = "answered"

    def divide(self) -> list[tuple[Payer, int]]:
        """Return how many of the bytes each run pays for: equal parts, that add up to the whole.

        >>> runs = (Payer(run="a"), Payer(run="b"))
        >>> entry = Entry(query_id="", at="", method="", source="", columns=1, payers=runs, n_bytes=5)
        >>> [(payer.run, n_bytes) for payer, n_bytes in entry.divide()]
        [('a', 3), ('b', 2)]
        """
        payers = self.payers or (Payer(run=self.run, case=self.case),)
        part, rest = divmod(self.n_bytes or 0, len(payers))
        return [(payer, part + (number < rest)) for number, payer in enumerate(payers)]


def write_entry(objects: Objects, entry: Entry) -> None:
    """Write a line into the ledger, in the place of what it said of the same query before."""
    objects.write(f"{PLACE}/{entry.at[:7]}/{entry.query_id}.json", to_json(entry).encode())


def new_query_id(now: datetime) -> str:
    """Return an id for a query; ids sort by time."""
    return f"{name_instant(now)}-{uuid.uuid4().hex[:8]}"


def read_entries(objects: Objects, month: str = "") -> Iterator[Entry]:
    """Yield the lines of the ledger in the order of time: of a month (``2026-11``), or all."""
    with in_threads(N_CONNECTIONS) as pool:
        names = list(objects.list(f"{PLACE}/{month}"))
        for name, content in zip(names, pool.map(objects.read, names), strict=True):
            entry = None if content is None else _read_entry(name, content)
            if entry is not None:
                yield _settle(objects, entry)


def _read_entry(name: str, content: bytes) -> Entry | None:
    """Return a line that Yule wrote under a name; None, with a word, for what is damaged or forged."""
    try:
        entry = from_bytes(Entry, content)
    except ValueError:
        entry = None
    if entry is None or not _is_sound(entry, name):
        tell_left_out(f"{name} in the workspace is damaged or forged. Delete it: it says nothing of what was fetched.")
        return None
    return entry


def _is_sound(entry: Entry, name: str) -> bool:
    """Say whether Yule can have written a line there: one of absurd size would eat every budget, or give it back."""
    sizes = (entry.n_bytes or 0, entry.n_rows, entry.n_kept_bytes)
    return (
        _QUERY_ID.fullmatch(entry.query_id) is not None
        and name == f"{PLACE}/{entry.at[:7]}/{entry.query_id}.json"
        and all(0 <= size <= MAX_SIZE for size in sizes)
    )


class Booking:
    """The open line of a query.

    Parameters
    ----------
    objects
        Where the ledger is.
    entry
        What is known of the query before it is asked.
    """

    def __init__(self, objects: Objects, entry: Entry) -> None:
        self.entry = entry
        self._objects = objects
        self._started = time.monotonic()
        self._has_rows = False

    def reserve(self) -> None:
        """Write down that the query is asked now."""
        self.entry = replace(self.entry, state="asked")
        write_entry(self._objects, self.entry)

    def note_rows(self, reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
        """Return rows as they are; once they come, the source has read what it had to."""

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in reader:
                self._has_rows = True
                yield batch

        return pa.RecordBatchReader.from_batches(reader.schema, batches())

    def close(self, n_rows: int, n_kept_bytes: int) -> None:
        """Write down what came of the query."""
        self._write(replace(self.entry, n_rows=n_rows, n_kept_bytes=n_kept_bytes, state="answered"))

    def give_up(self) -> None:
        """Write down that the query failed, unless it was answered or never asked."""
        if self.entry.state == "asked":
            self._write(replace(self.entry, n_bytes=self.entry.n_bytes if self._has_rows else 0, state="failed"))

    def _write(self, entry: Entry) -> None:
        self.entry = replace(entry, seconds=round(time.monotonic() - self._started, 3))
        write_entry(self._objects, self.entry)


@contextmanager
def booking(objects: Objects, entry: Entry) -> Iterator[Booking]:
    """Give the line of a query, and say as long as it is open that its process is there."""
    line, lease = Booking(objects, entry), _lease(entry.query_id)
    try:
        with hold_lease(objects, lease):
            try:
                yield line
            finally:
                line.give_up()
    finally:
        forget_lease(objects, lease)


def check_budget(
    objects: Objects, query: Query, n_bytes: int | None, *, budget: Budget, payers: Sequence[Payer]
) -> int | None:
    """Return the most that a query may read, by the budgets of download, run and month.

    Parameters
    ----------
    objects
        The workspace of the ledger.
    query
        The query.
    n_bytes
        What it would read; None when the source does not say.
    budget
        The project's budget.
    payers
        The runs that it is for: each pays for its part.

    Raises
    ------
    DataError
        If it would read more. Says how much it is, how much is left, and what would make it smaller.
    """
    month = list(read_entries(objects, f"{datetime.now(UTC):%Y-%m}")) if budget.is_shared else []
    limits = _find_limits(query, budget, payers, month)
    if not limits:
        return None
    reason, limit = min(limits.items(), key=lambda item: item[1])
    if n_bytes is not None and n_bytes > limit and _void_abandoned(objects, month):
        return check_budget(objects, query, n_bytes, budget=budget, payers=payers)
    if n_bytes is not None and n_bytes > limit:
        period = f" from {query.since:%Y-%m-%d} to {query.until:%Y-%m-%d}" if query.since and query.until else ""
        raise DataError(
            f"{query.method.name}: refused, nothing was read. The source would have to read {format_bytes(n_bytes)} "
            f"for {len(query.columns)} columns{period}, more than {reason}. {advise(query)}"
        )
    return max(limit, 0)


def _find_limits(query: Query, budget: Budget, payers: Sequence[Payer], month: Sequence[Entry]) -> dict[str, int]:
    """Return what a query may read, by the words for what is left."""
    limits = {f"the {format_bytes(limit)} for one download": limit for limit in _least(query, budget)}
    if budget.run is not None:
        for payer in payers or (Payer(),):
            spent = _sum_of_run(month, payer.run)
            parts = f", which pays one of {len(payers)} parts" if len(payers) > 1 else ""
            reason = _left(budget.run, spent, f"this run ({payer.run or 'outside a run'}){parts}")
            limits[reason] = (budget.run - spent) * max(1, len(payers))
    if budget.month is not None:
        spent = sum(entry.n_bytes or 0 for entry in month)
        limits[_left(budget.month, spent, "this month")] = budget.month - spent
    return limits


def _void_abandoned(objects: Objects, entries: Sequence[Entry]) -> bool:
    """Write down that queries failed whose processes turn out to be gone; say whether there are any.

    The pod that tries a download again would else be refused for what the pod that was taken away had reserved.
    """
    asked = {_lease(entry.query_id): entry for entry in entries if entry.state == "asked" and entry.n_bytes}
    gone = find_abandoned(objects, asked)
    for name in gone:
        write_entry(objects, replace(asked[name], state="failed", n_bytes=0))
        forget_lease(objects, name)
    return bool(gone)


def _lease(query_id: str) -> str:
    return f"queries/{query_id}"


def _settle(objects: Objects, entry: Entry) -> Entry:
    """Return an entry as it is now: that of a process that is gone is one of a query that failed."""
    if entry.state != "asked" or is_held(objects, _lease(entry.query_id)):
        return entry
    return replace(entry, state="failed", n_bytes=0)


def _sum_of_run(entries: Sequence[Entry], run: str) -> int:
    """Return what a run has paid for; what is fetched outside of runs adds up to nothing."""
    return sum(n_bytes for entry in entries for payer, n_bytes in entry.divide() if run and payer.run == run)


def _least(query: Query, budget: Budget) -> list[int]:
    limits = [limit for limit in (budget.methods.get(query.method.name), budget.download) if limit is not None]
    return [min(limits)] if limits else []


def _left(budget: int, spent: int, what: str) -> str:
    return f"the {format_bytes(max(0, budget - spent))} left of {format_bytes(budget)} for {what}"
