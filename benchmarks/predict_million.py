"""Rows per second and peak memory of scoring 1,000,000 made-up users x 100 features, in shards, with all four members.

The members are fitted on 5,000 made-up users, two folds each; then every shard is scored in a process of its own, one
after the other, as a worker would.
"""

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from yule.core.dataset import Features, Labelled
from yule.core.schema import describe_features
from yule.core.tables import write_table
from yule.core.tracker import SilentTracker
from yule.ensemble.blend import Ensemble
from yule.ensemble.calibration import IDENTITY
from yule.models.protocol import FitContext
from yule.prediction.bundle import open_bundle, write_bundle
from yule.prediction.ranking import rank_users
from yule.prediction.shards import SCORES, predict_shard
from yule.preparation.preparation import Preparation, write_preparation
from yule.training.fitting import FoldFit, write_fold_fit
from yule.training.portfolios import portfolio

N_USERS, N_FEATURES, N_SHARDS, N_FOLDS = 1_000_000, 100, 4, 2


def make_users(n_users: int, seed: int) -> Features:
    numeric = np.random.default_rng(seed).normal(size=(n_users, N_FEATURES)).astype(np.float32)
    names = tuple(f"made_up__{number:03}" for number in range(N_FEATURES))
    codes = np.zeros((n_users, 0), np.int32)
    return Features(numeric=numeric, codes=codes, numeric_names=names, categorical_names=(), vocabularies=())


def make_labelled(n_users: int, seed: int) -> Labelled:
    features = make_users(n_users, seed)
    log_odds = features.numeric[:, :10].sum(axis=1) / 2 - 1.5
    is_positive = np.random.default_rng(seed + 1).random(n_users) < 1 / (1 + np.exp(-log_odds))
    return Labelled(features=features, labels=is_positive.astype(np.float64))


def write_features(folder: Path) -> None:
    features = make_users(N_USERS, 9)
    fields = [pa.field(name, pa.float32(), metadata={b"empty": b"zero"}) for name in features.numeric_names]
    schema = pa.schema([pa.field("user_id", pa.string()), *fields])
    columns = [pa.array([f"u{number:07}" for number in range(N_USERS)]), *map(pa.array, features.numeric.T)]
    write_table(pa.table(columns, schema=schema), folder / "features.parquet")


def write_model(folder: Path) -> None:
    members: dict[str, list[Path]] = {}
    for member in portfolio("standard"):
        for fold in range(N_FOLDS):
            context = FitContext(seed=fold, n_threads=2, tracker=SilentTracker())
            train, stop = make_labelled(5_000, 10 * fold), make_labelled(2_000, 10 * fold + 5)
            model = member.fit(train, stop, context=context)
            place = folder / f"{member.name}-{fold}"
            place.mkdir()
            write_fold_fit(FoldFit(model=model, rows=np.arange(1), scores=np.ones(1) / 2), place)
            members.setdefault(member.name, []).append(place)
    (folder / "bundle").mkdir()
    weights = np.full(len(members), 1 / len(members))
    ensemble = Ensemble(weights=weights, calibrator=IDENTITY, cross_fitted=np.empty(0))
    preparation = folder / "preparation"
    preparation.mkdir()
    write_preparation(Preparation(kept=describe_features(make_labelled(1, 0).features)), preparation)
    write_bundle(folder / "bundle", preparations=[preparation] * N_FOLDS, members=members, ensemble=ensemble)


def score(folder: Path, shard: int) -> None:
    users = np.array([f"u{number:07}" for number in range(N_USERS)], dtype=object)
    out = folder / f"shard-{shard}"
    out.mkdir()
    predict_shard(
        open_bundle(folder / "bundle"),
        [folder / "features.parquet"],
        users,
        shard=shard,
        n_shards=N_SHARDS,
        folder=out,
        n_threads=2,
    )
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    if len(sys.argv) > 1:
        score(Path(sys.argv[1]), int(sys.argv[2]))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_features(folder)
        write_model(folder)
        started, peaks = time.perf_counter(), []
        for shard in range(N_SHARDS):
            command = [sys.executable, __file__, scratch, str(shard)]
            peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        seconds = time.perf_counter() - started
        n_models = 4 * N_FOLDS
        print(f"{N_USERS:,} users x {N_FEATURES} features, {n_models} models, {N_SHARDS} shards: {seconds:.1f} s,")
        print(f"{N_USERS / seconds:,.0f} users per second, peak memory of a process {max(peaks):,} MiB")
        started = time.perf_counter()
        rank_users([folder / f"shard-{shard}" / SCORES for shard in range(N_SHARDS)], folder)
        print(f"ranking: {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
