"""Rows per second and peak memory of each kind of source, from the source to sorted Parquet in the workspace.

Starts PostgreSQL and bqemulator by itself (see tests/). Each measurement runs in a process of its own. The emulator
gives results of queries over REST only, which is slow whatever reads it, so it is measured with fewer rows.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "downloads")]

from bigquery_emulator import serve_bigquery  # noqa: E402
from postgres import serve_postgres  # noqa: E402
from sources_toys import Place, open_place  # noqa: E402

from yule.downloads.keeping.rows.tables import write_download  # noqa: E402
from yule.downloads.settings import Column, Method  # noqa: E402
from yule.downloads.specs import Query  # noqa: E402

METHOD = Method(
    name="events",
    source="shop",
    user="user",
    time="at",
    columns=(
        Column(name="user", type="integer"),
        Column(name="at", type="timestamp"),
        Column(name="category", type="string"),
        Column(name="price", type="number"),
        Column(name="n", type="integer"),
    ),
)


def make_events(n_rows: int) -> pa.Table:
    random = np.random.default_rng(1)
    times = np.datetime64("2024-01-01", "us") + random.integers(0, 365 * 86_400_000_000, n_rows)
    categories = pa.array([f"category-{number:03}" for number in range(100)])
    return pa.table(
        {
            "user": random.integers(0, max(1, n_rows // 50), n_rows),
            "at": pa.array(times).cast(pa.timestamp("us", tz="UTC")),
            "category": categories.take(pa.array(random.integers(0, 100, n_rows))),
            "price": np.round(random.uniform(0, 100, n_rows), 2),
            "n": random.integers(1, 9, n_rows),
        }
    )


def fetch(kind: str, folder: str, address: str) -> None:
    """Fetch and print the seconds and the peak memory of this process."""
    with open_place(kind, Path(folder), address) as place, tempfile.TemporaryDirectory() as out:
        method = replace(METHOD, table=place.table)
        query = Query(method=method, columns=tuple(column.name for column in method.columns))
        started = time.perf_counter()
        reader = place.source.read(query, n_threads=2)
        n_rows = write_download(method, reader, Path(out), n_threads=2)
        seconds = time.perf_counter() - started
        # Not getrusage: that counts what the process was forked from.
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        print(n_rows, seconds, int(status["VmHWM"].split()[0]) / 1024)


def measure(place: Place, kind: str, folder: Path, address: str, n_rows: int) -> None:
    place.put(make_events(n_rows))
    command = [sys.executable, __file__, "--fetch", kind, str(folder), address]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, seconds, memory = (float(figure) for figure in done.stdout.split())
    print(f"{kind:<10}{int(rows):>12,}{seconds:>10.1f}{rows / seconds:>14,.0f}{memory:>12,.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fetch", nargs=3)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--emulator-rows", type=int, default=300_000)
    arguments = parser.parse_args()
    if arguments.fetch:
        fetch(*arguments.fetch)
        return
    print(f"{'source':<10}{'rows':>12}{'seconds':>10}{'rows/s':>14}{'peak MiB':>12}   {datetime.now(UTC):%Y-%m-%d}")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("parquet", "csv"):
            with open_place(kind, Path(folder), "") as place:
                for n_rows in arguments.rows:
                    measure(place, kind, Path(folder), "", n_rows)
        with serve_postgres() as address, open_place("postgres", Path(folder), address) as place:
            for n_rows in arguments.rows:
                measure(place, "postgres", Path(folder), address, n_rows)
        with serve_bigquery(), open_place("bigquery", Path(folder), "") as place:
            measure(place, "bigquery", Path(folder), "", arguments.emulator_rows)


if __name__ == "__main__":
    main()
