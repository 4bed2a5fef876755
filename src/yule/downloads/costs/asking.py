"""Ask a source for rows within the budget, and write down what it cost."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime

import pyarrow as pa

from yule.downloads.costs.labels import make_labels
from yule.downloads.costs.ledger import Entry, booking, check_budget, new_query_id
from yule.downloads.sources.protocol import Source
from yule.downloads.specs import Fetching, Query
from yule.storage.lease import hold_lease
from yule.storage.opening import open_store
from yule.storage.store import Store


@contextmanager
def ask(
    store: Store, source: Source, query: Query, fetching: Fetching, *, n_threads: int
) -> Iterator[tuple[pa.RecordBatchReader, Callable[[int, int], None]]]:
    """Ask a source, if it does not cost too much; give the rows, and what is told how many came of them."""
    n_bytes = source.estimate(query)
    since, until = (instant.isoformat() if instant else "" for instant in (query.since, query.until))
    now, payers = datetime.now(UTC), fetching.payers.get(query.method.name, ())
    objects = (open_store(fetching.ledger) if fetching.ledger else store).objects
    entry = Entry(
        query_id=new_query_id(now),
        at=now.isoformat(timespec="milliseconds"),
        method=query.method.name,
        source=query.method.source,
        payers=payers,
        labels=dict(fetching.labels),
        columns=len(query.columns),
        since=since,
        until=until,
        n_bytes=n_bytes,
    )
    labels = make_labels(query.method.name, payers, fetching.labels)
    with booking(objects, entry) as line:
        # Queries that are allowed at once must not each take what is left of the budget.
        with hold_lease(objects, "budget") if fetching.budget.is_shared else nullcontext():
            max_bytes = check_budget(objects, query, n_bytes, budget=fetching.budget, payers=payers)
            line.reserve()
        reader = source.read(query, n_threads=n_threads, max_bytes=max_bytes, labels=labels)
        yield line.note_rows(reader), line.close
    period = f", {since[:10]} to {until[:10]}" if since else ""
    print(f"{query.method.name}{period}: {line.entry.n_rows:,} rows in {line.entry.seconds:.1f} s", file=sys.stderr)
