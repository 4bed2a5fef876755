"""Seconds and peak memory of features of 1 to 50 million made-up events, and of plain GROUP BYs of the same columns.

50 events per user over two years, with an item, a category, an amount and a quantity, and 20,000 items. Measured are
the feature sets that Yule proposes for such a table and one as a person would write it. The floor of embeddings is
the query that counts each user's items in their windows. That of the others is one query of
DuckDB for each set: ``GROUP BY user`` with an aggregate FILTERed by window for each column, gaps and streaks left out,
which no such query gives. Both have the same threads and the same limit of memory, and write the same kind of file.
Each measurement runs in a process of its own. ``ratio`` (to the floor) and ``growth`` (exponent of the number of
events) are of the time of all threads, which other work on the machine stretches less than the wall time.
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yule.core.tables import write_table
from yule.downloads.settings import Column, Method
from yule.downloads.specs import TableSpec
from yule.features.as_of import MEMORY, days_until, events_before, joined_before
from yule.features.auto import propose_sets
from yule.features.columns import FEATURES, name_window
from yule.features.embeddings.factors import read_factors, write_factors
from yule.features.embeddings.items import learn_items, write_item_features
from yule.features.events.table import find_windows
from yule.features.events.write import write_event_features
from yule.features.settings import CLOCK, Aggregate, EventFeatures, FeatureSpec, ItemFeatures, Share
from yule.features.vocabulary import Vocabulary, read_vocabulary, write_vocabulary
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant, quote_text

N_EVENTS = (1_000_000, 5_000_000, 20_000_000, 50_000_000)
EVENTS_PER_USER, N_ITEMS, N_CATEGORIES = 50, 20_000, 60
USERS_AT_ONCE = 20_000
START, CUTOFF = datetime(2022, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SCHEMA = pa.schema(
    {
        "user": pa.string(),
        "bought_at": pa.timestamp("us", tz="UTC"),
        "item_id": pa.int64(),
        "category": pa.string(),
        "amount": pa.float64(),
        "quantity": pa.int64(),
    }
)
AGGREGATES = {
    "count": "count(*)",
    "days": "count(DISTINCT date_trunc('day', bought_at))",
    "sum": "sum({of})",
    "mean": "avg({of})",
    "min": "min({of})",
    "max": "max({of})",
    "deviation": "stddev_pop({of})",
    "distinct": "count(DISTINCT {of})",
    "entropy": "entropy({of})",
}
CLOCK_SQL = {"weekday": "isodow(bought_at) = {} + 1", "time_of_day": "hour(bought_at) // 6 = {}"}

EVENTS = Method(
    name="events",
    source="made-up",
    user="user",
    time="bought_at",
    columns=(
        Column(name="user", type="string"),
        Column(name="bought_at", type="timestamp"),
        Column(name="item_id", type="integer"),
        Column(name="category", type="string"),
        Column(name="amount", type="number"),
        Column(name="quantity", type="integer"),
    ),
)
ITEMS = Method(
    name="items",
    source="made-up",
    user="item_id",
    about="items",
    columns=(
        Column(name="item_id", type="string"),
        Column(name="department", type="string"),
        Column(name="brand", type="string"),
    ),
)
BY_HAND = EventFeatures(
    name="by-hand",
    download="events",
    windows=(*(days * DAY for days in (7, 14, 28, 56, 91)), None),
    aggregates=(
        Aggregate(kind="count"),
        Aggregate(kind="recency"),
        Aggregate(kind="tenure"),
        *(Aggregate(kind=kind, of="amount") for kind in ("sum", "mean", "max")),
        Aggregate(kind="sum", of="quantity"),
        Aggregate(kind="distinct", of="category"),
        Aggregate(kind="distinct", of="item_id"),
    ),
    shares=(Share(of="category", weight="amount"),),
)
SETS = {features.name: features for features in (*propose_sets(EVENTS, [ITEMS]), BY_HAND)}


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What one process took.

    Parameters
    ----------
    columns
        Features that it computed.
    seconds
        Wall time.
    cpu_seconds
        Time of all its threads, which other processes on the machine stretch less.
    peak_mib
        The most memory that the process held.
    """

    columns: int
    seconds: float
    cpu_seconds: float
    peak_mib: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one feature set took on a log of one size; the floor is None where it ran out of memory."""

    features: str
    n_events: int
    learn: Measurement
    yule: Measurement
    floor: Measurement | None


def make_events(n_events: int) -> Iterator[pa.RecordBatch]:
    """Make events as a download holds them: sorted by user and time."""
    random = np.random.default_rng(1)
    items = pa.array(np.arange(N_ITEMS))
    popularity = np.cumsum(1 / np.arange(10, N_ITEMS + 10))
    categories = pa.array([f"category {number:02}" for number in range(N_CATEGORIES)])
    n_users, span = n_events // EVENTS_PER_USER, (CUTOFF - START) // timedelta(microseconds=1)
    for first in range(0, n_users, USERS_AT_ONCE):
        names = np.array([f"u{number:08}" for number in range(first, min(first + USERS_AT_ONCE, n_users))])
        n_rows = len(names) * EVENTS_PER_USER
        times = np.sort(random.integers(0, span, (len(names), EVENTS_PER_USER)), axis=1).ravel()
        chosen = np.searchsorted(popularity, random.random(n_rows) * popularity[-1])
        columns = [
            pa.array(np.repeat(names, EVENTS_PER_USER)),
            pa.array(np.datetime64(START.replace(tzinfo=None), "us") + times).cast(SCHEMA.field("bought_at").type),
            items.take(pa.array(chosen)),
            categories.take(pa.array(chosen % N_CATEGORIES)),
            pa.array(np.round(random.gamma(2, 10, n_rows), 2)),
            pa.array(random.geometric(0.6, n_rows)),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def write_tables(folder: Path, n_events: int) -> None:
    """Write the events and the items."""
    write_table(make_events(n_events), folder / "events.parquet", schema=SCHEMA)
    keys = np.arange(N_ITEMS)
    items = {
        "item_id": pa.array(keys).cast(pa.string()),
        "department": [f"department {key % N_CATEGORIES % 12:02}" for key in keys],
        "brand": [f"brand {key * 7919 % 400:03}" for key in keys],
    }
    write_table(pa.table(items).sort_by("item_id"), folder / "items.parquet")


def specify(name: str, folder: Path) -> tuple[FeatureSpec, list[list[Path]]]:
    """Return a feature set and its files."""
    joins = SETS[name].joins if isinstance(SETS[name], EventFeatures) else ()
    spec = FeatureSpec(
        settings=SETS[name],
        table=TableSpec(method=EVENTS, data_version="1"),
        joined=tuple(TableSpec(method=ITEMS, data_version="1") for _ in joins),
        learn_before=CUTOFF,
    )
    return spec, [[folder / "events.parquet"], *([folder / "items.parquet"] for _ in spec.joined)]


def learn(name: str, folder: Path, n_threads: int) -> None:
    """Learn the values of the shares, or the factors of the items."""
    spec, tables = specify(name, folder)
    if isinstance(spec.settings, ItemFeatures):
        write_factors(learn_items(spec, tables[0], scratch=folder, n_threads=n_threads), folder)
        return
    write_vocabulary(spec, tables, folder=folder, n_threads=n_threads)


def compute(name: str, folder: Path, n_threads: int) -> None:
    """Compute a feature set as a run does."""
    spec, tables = specify(name, folder)
    if isinstance(spec.settings, ItemFeatures):
        factors = read_factors(folder)[spec.settings.item]
        write_item_features(spec, tables[0], factors=factors, cutoff=CUTOFF, folder=folder, n_threads=n_threads)
        return
    vocabulary = read_vocabulary(folder)
    write_event_features(spec, tables, vocabulary=vocabulary, cutoff=CUTOFF, folder=folder, n_threads=n_threads)


def compute_floor(name: str, folder: Path, n_threads: int) -> None:
    """Compute the columns of a feature set by one GROUP BY."""
    spec, tables = specify(name, folder)
    if isinstance(spec.settings, ItemFeatures):
        item, events = spec.settings.item, events_before(EVENTS, tables[0], CUTOFF)
        counts = ", ".join(f"count(*) {within(length)} AS n_{name_window(length)}" for length in spec.settings.windows)
        query = f'SELECT "user", {item}, {counts} FROM ({events}) GROUP BY ALL ORDER BY "user", {item}'
    else:
        columns = ", ".join(floor_columns(SETS[name], read_vocabulary(folder)))
        query = f'SELECT "user", {columns} FROM ({joined_before(spec, tables, CUTOFF)}) GROUP BY "user" ORDER BY "user"'
    with connect(n_threads=n_threads, scratch=folder, memory=MEMORY) as connection:
        connection.execute(f"COPY ({query}) TO {quote_text(str(folder / FEATURES))} (COMPRESSION zstd)")


def floor_columns(features: EventFeatures, vocabulary: Vocabulary) -> Iterator[str]:
    """Give the columns of a feature set as plain aggregates, those that can be written so."""
    lengths = [window.length for window in find_windows(features.windows)]
    for aggregate in features.aggregates:
        of = aggregate.of or "1"
        match aggregate.kind:
            case "gaps" | "streaks":
                continue
            case "recency" | "tenure":
                edge = "max" if aggregate.kind == "recency" else "min"
                yield days_until(CUTOFF, f"{edge}(bought_at)")
            case "first" | "last":
                yield f"arg_{'min' if aggregate.kind == 'first' else 'max'}({of}, bought_at)"
            case "trend":
                for shorter, longer in pairwise(lengths):
                    yield f"{rate(of, shorter)} / nullif({rate(of, longer)}, 0)"
            case "decayed":
                for length in lengths:
                    if length is not None:
                        yield f"sum({of} * pow(0.5, {days_until(CUTOFF, 'bought_at')} / {length / DAY}))"
            case kind:
                for length in lengths:
                    yield f"{AGGREGATES[kind].format(of=of)} {within(length)}"
    for share in features.shares:
        amount = "count(*)" if share.weight is None else f"sum({share.weight})"
        for place, value in enumerate(vocabulary.values[share.of]):
            is_value = CLOCK_SQL[share.of].format(place) if share.of in CLOCK else f"{share.of} = {quote_text(value)}"
            for length in lengths:
                yield f"{amount} {within(length, is_value)} / nullif({amount} {within(length)}, 0)"


def within(length: timedelta | None, condition: str = "true") -> str:
    """Return the FILTER of a window."""
    since = "" if length is None else f" AND bought_at >= {quote_instant(CUTOFF - length)}"
    return f"FILTER (WHERE {condition}{since})"


def rate(of: str, length: timedelta | None) -> str:
    """Return an amount per day; all history is as long as the user's tenure."""
    days = days_until(CUTOFF, "min(bought_at)") if length is None else str(length / DAY)
    return f"sum({of}) {within(length)} / {days}"


WIDTHS = (22, 12, 9, 9, 9, 9, 8, 9, 9, 8, 7, 8)
WAYS = {"learn": learn, "yule": compute, "floor": compute_floor}


def measure(way: str, name: str, folder: Path, n_threads: int) -> Measurement | None:
    """Compute in a process of its own; None if it ran out of its memory."""
    command = [sys.executable, __file__, "--child", way, name, str(folder), "--threads", str(n_threads)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "OutOfMemoryException" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(done.stderr)
    return Measurement(**json.loads(done.stdout))


def measure_here(way: str, name: str, folder: Path, n_threads: int) -> Measurement:
    """Compute in this process."""
    started, cpu_started = time.perf_counter(), time.process_time()
    WAYS[way](name, folder, n_threads)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    columns = 0 if way == "learn" else len(pq.read_schema(folder / FEATURES)) - 1
    # Not getrusage: that counts what the process was forked from.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peak_mib = int(status["VmHWM"].split()[0]) / 1024
    return Measurement(columns=columns, seconds=seconds, cpu_seconds=cpu_seconds, peak_mib=peak_mib)


def growth(smaller: Row, larger: Row) -> float:
    """Return the exponent with which the time grows with the events: 1 is linear."""
    more_time = larger.yule.cpu_seconds / smaller.yule.cpu_seconds
    return math.log(more_time) / math.log(larger.n_events / smaller.n_events)


def measure_all(n_events: int, scratch: Path | None, n_threads: int) -> Iterator[Row]:
    """Measure every set on a log of one size."""
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        folder = Path(place)
        write_tables(folder, n_events)
        for name in SETS:
            learned, yule = measure("learn", name, folder, n_threads), measure("yule", name, folder, n_threads)
            assert learned is not None
            assert yule is not None
            floor = measure("floor", name, folder, n_threads)
            yield Row(features=name, n_events=n_events, learn=learned, yule=yule, floor=floor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=N_EVENTS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--scratch", type=Path, help="where the made-up tables are written, some 3 GB")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=3, metavar=("WAY", "SET", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        way, name, folder = arguments.child
        print(json.dumps(asdict(measure_here(way, name, Path(folder), arguments.threads))))
        return
    if not arguments.json:
        print(f"{platform.machine()}, {os.cpu_count()} cores, {arguments.threads} threads, database at most {MEMORY}")
        heads = [
            "set",
            "events",
            "columns",
            "learn s",
            "s",
            "CPU s",
            "MiB",
            "floor s",
            "CPU s",
            "MiB",
            "ratio",
            "growth",
        ]
        print("".join(f"{head:>{width}}" for head, width in zip(heads, WIDTHS, strict=True)))
    before: dict[str, Row] = {}
    for n_events in arguments.events:
        for row in measure_all(n_events, arguments.scratch, arguments.threads):
            print(json.dumps(asdict(row)) if arguments.json else describe(row, before.get(row.features)), flush=True)
            before[row.features] = row


def describe(row: Row, smaller: Row | None) -> str:
    """Return a line of the table."""
    cells = [row.features, f"{row.n_events:,}", f"{row.yule.columns}", f"{row.learn.seconds:.1f}"]
    cells += [f"{row.yule.seconds:.1f}", f"{row.yule.cpu_seconds:.1f}", f"{row.yule.peak_mib:,.0f}"]
    if row.floor is None:
        cells += ["memory", "", "", ""]
    else:
        ratio = row.yule.cpu_seconds / row.floor.cpu_seconds
        cells += [
            f"{row.floor.seconds:.1f}",
            f"{row.floor.cpu_seconds:.1f}",
            f"{row.floor.peak_mib:,.0f}",
            f"{ratio:.2f}",
        ]
    cells.append(f"{growth(smaller, row):.2f}" if smaller else "")
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True))


if __name__ == "__main__":
    main()
