"""CPU seconds, rows per second and peak memory of `yule predict` on a table of 1,000,000 users, whole and by member.

    predict_million.py [--table FILE --user COLUMN --target COLUMN] [--models standard] [--folder FOLDER]

A project is made of the table (20,000 made-up users x 100 features, unless one is given) and its case is run. Its rows
are drawn a million times, numbers with a little noise, and scored by the command. Then each part of the model scores
some of them alone, in this process and by one thread. A folder that is given is kept, and not trained in again.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yule.features.matrix import read_features
from yule.labels.population import read_population
from yule.prediction.bundle import conform_features, open_bundle
from yule.preparation.preparation import prepare

N_USERS, N_ALONE = 1_000_000, 131_072
MANY_VALUES = 60

Value = TypeVar("Value")


def make_up_table() -> pa.Table:
    rng = np.random.default_rng(1)
    numeric = rng.normal(size=(20_000, 100)).astype(np.float32)
    is_positive = rng.random(20_000) < 1 / (1 + np.exp(1.5 - numeric[:, :10].sum(axis=1) / 2))
    columns = {f"made_up_{number:03}": column for number, column in enumerate(numeric.T)}
    ids = [f"u{number:05}" for number in range(20_000)]
    return pa.table({"user_id": ids, "target": is_positive.astype(np.int64), **columns})


def draw_million(table: pa.Table, user: str, target: str) -> pa.Table:
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(table), N_USERS)
    columns = {user: pa.array([f"m{number:07}" for number in range(N_USERS)])}
    for name in table.column_names:
        if name not in (user, target):
            drawn = table[name].combine_chunks().take(pa.array(rows))
            columns[name] = add_noise(drawn, rng) if pa.types.is_floating(drawn.type) else drawn
    return pa.table(columns)


def add_noise(column: pa.Array, rng: np.random.Generator) -> pa.Array:
    values = column.to_numpy(zero_copy_only=False).astype(np.float64)
    if len(np.unique(values[:10_000])) <= MANY_VALUES:
        return column
    return pa.array(values + rng.normal(size=len(values)) * np.nanstd(values) / 50, from_pandas=True)


def run_yule(*arguments: str, folder: Path) -> tuple[float, float, int]:
    """Return CPU seconds of the command and all its processes, seconds, and the peak memory of a process in MiB."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "yule", *arguments]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - started, after.ru_maxrss // 1024


def train(project: Path, table: Path, *, user: str, target: str, models: str) -> None:
    run_yule("init", str(project), "--from", str(table), "--user", user, "--target", target, folder=project.parent)
    (case,) = (project / "cases").glob("*.yaml")
    lines = [f"models: {models}" if line.startswith("models:") else line for line in case.read_text().splitlines()]
    case.write_text("\n".join(lines) + "\n")
    run_yule("run", case.stem, folder=project)


def measure_members(workspace: Path) -> None:
    seconds: dict[str, float] = defaultdict(float)

    def measure(name: str, do: Callable[[], Value]) -> Value:
        started = time.process_time()
        value = do()
        seconds[name] += time.process_time() - started
        return value

    bundle = measure("opening the model", lambda: open_bundle(find_newest(workspace, "TakeModel/*/bundle.json").parent))
    users = read_population(find_newest(workspace, "FindPopulation/*/task.json").parent)[:N_ALONE]
    file = find_newest(workspace, "ComputeFeatures/*/features.parquet")
    features = measure("reading features", lambda: read_features([file], users))
    known = conform_features(features, bundle.content.schema)
    n_models: dict[str, int] = Counter(part.model.split("/")[0] for part in bundle.content.parts)
    for part, model in zip(bundle.content.parts, bundle.models, strict=True):
        name = part.model.split("/")[0]
        prepared = measure("preparing", partial(prepare, bundle.preparations[part.preparation], known))
        measure(f"{name}, {n_models[name]} models", partial(model.predict, prepared, n_threads=1))
    for name, spent in seconds.items():
        print(f"  {name}: {spent:.2f} s of CPU for {len(users):,} users")


def find_newest(workspace: Path, pattern: str) -> Path:
    return max((workspace / "cache").glob(pattern), key=lambda file: file.stat().st_mtime)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", type=Path)
    parser.add_argument("--user", default="user_id")
    parser.add_argument("--target", default="target")
    parser.add_argument("--models", default="standard")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as scratch:
        folder = (asked.folder or Path(scratch)).resolve()
        folder.mkdir(exist_ok=True)
        table, million, project = folder / "labelled.parquet", folder / "million.parquet", folder / "project"
        if not million.exists():
            labelled = pq.read_table(asked.table) if asked.table else make_up_table()
            pq.write_table(labelled, table)
            train(project, table, user=asked.user, target=asked.target, models=asked.models)
            pq.write_table(draw_million(labelled, asked.user, asked.target), million)
        (case,) = (project / "cases").glob("*.yaml")
        cpu, seconds, peak = run_yule("predict", case.stem, "--table", str(million), folder=project)
        print(f"{N_USERS:,} users: {cpu:.1f} s of CPU, {N_USERS / cpu:,.0f} users per second of it; {seconds:.1f} s,")
        print(f"{N_USERS / seconds:,.0f} users per second, peak memory of a process {peak:,} MiB. By one thread:")
        measure_members(project / "workspace")


if __name__ == "__main__":
    main()
