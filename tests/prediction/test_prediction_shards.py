from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yule.core.schema import FeatureSchema
from yule.core.tables import read_table, write_table
from yule.ensemble.calibration import IDENTITY
from yule.features.matrix import read_features
from yule.prediction.bundle import REVISION, Bundle, BundleFile, Part
from yule.prediction.ranking import rank_users, read_scores
from yule.prediction.shards import BLOCK, SCORES, USERS_AT_ONCE, predict_shard, shard_rows
from yule.preparation.preparation import Preparation

N_USERS = USERS_AT_ONCE + 5 * BLOCK + 37  # one shard is read in two pieces


@dataclass(frozen=True)
class BlockwiseModel:
    """Computes in blocks of rows, as matrix products do: a user's score depends on who shares the block."""

    n_steps: int = 1

    @property
    def importance(self) -> Mapping[str, float]:
        return {}

    def predict(self, features, *, n_threads):
        assert n_threads == 1
        values = features.numeric[:, 0].astype(np.float64)
        for start in range(0, len(values), BLOCK):
            values[start : start + BLOCK] += values[start : start + BLOCK].mean()
        return 1 / (1 + np.exp(-values))

    def save(self, folder):
        raise AssertionError(f"nothing to save in {folder}")


SCHEMA = FeatureSchema(numeric_names=("visits__count",), categorical_names=())
BUNDLE = Bundle(
    content=BundleFile(
        outcome="yes_no",
        revision=REVISION,
        schema=SCHEMA,
        parts=(Part(preparation="0", model="blockwise/0", weight=1.0),),
        calibrator=IDENTITY,
    ),
    preparations={"0": Preparation(kept=SCHEMA)},
    models=(BlockwiseModel(),),
)


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    """Feature file of users, and their ids; every third user has no features."""
    user_ids = np.array([f"user-{i:05}" for i in range(N_USERS)], dtype=object)
    counts = np.random.default_rng(0).normal(size=N_USERS).astype(np.float32).round(1)
    known = np.arange(N_USERS) % 3 > 0
    schema = pa.schema(
        [pa.field("user_id", pa.string()), pa.field("visits__count", pa.float32(), metadata={b"empty": b"zero"})]
    )
    file = tmp_path_factory.mktemp("features") / "features.parquet"
    write_table(pa.table([pa.array(user_ids[known], pa.string()), counts[known]], schema=schema), file)
    return file, user_ids


def score(population, folder, n_shards, n_threads=1):
    """Score all shards and rank; return the bytes of the list."""
    file, user_ids = population
    folder.mkdir()
    parts = []
    for shard in range(n_shards):
        part = folder / f"shard-{shard}"
        part.mkdir()
        predict_shard(BUNDLE, [file], user_ids, shard=shard, n_shards=n_shards, folder=part, n_threads=n_threads)
        parts.append(part / SCORES)
    rank_users(read_scores([parts], [""]), folder)
    return (folder / "users.parquet").read_bytes(), (folder / "users.csv").read_bytes()


@pytest.mark.parametrize("n_shards", [2, 3, 11])
def test_the_number_of_shards_never_changes_a_score_or_a_rank(population, tmp_path, n_shards):
    assert score(population, tmp_path / "many", n_shards) == score(population, tmp_path / "one", 1)


def test_the_number_of_threads_never_changes_a_score_or_a_rank(population, tmp_path):
    assert score(population, tmp_path / "many", 2, n_threads=3) == score(population, tmp_path / "one", 2)


def test_the_model_of_these_tests_does_feel_the_blocks(population):
    file, user_ids = population
    aligned = BUNDLE.predict(read_features([file], user_ids[BLOCK:]), n_threads=1)
    askew = BUNDLE.predict(read_features([file], user_ids[BLOCK + 1 :]), n_threads=1)
    assert not np.array_equal(aligned[1:], askew)


def test_every_user_is_scored_once_in_order(population, tmp_path):
    file, user_ids = population
    predict_shard(BUNDLE, [file], user_ids, shard=1, n_shards=2, folder=tmp_path, n_threads=1)
    table = read_table(tmp_path / SCORES)
    assert table["user_id"].to_pylist() == user_ids[shard_rows(N_USERS, 1, 2)].tolist()
    assert ((table["score"].to_numpy() > 0) & (table["score"].to_numpy() < 1)).all()


def test_a_shard_without_users_is_an_empty_file(population, tmp_path):
    file, user_ids = population
    predict_shard(BUNDLE, [file], user_ids, shard=0, n_shards=1000, folder=tmp_path, n_threads=1)
    assert read_table(tmp_path / SCORES).num_rows == 0


@given(st.integers(0, 100_000), st.integers(1, 300))
@settings(deadline=None, max_examples=100)
def test_shards_partition_the_population_at_block_edges(n_users, n_shards):
    slices = [shard_rows(n_users, shard, n_shards) for shard in range(n_shards)]
    assert slices[0].start == 0
    assert slices[-1].stop == n_users
    for left, right in pairwise(slices):
        assert left.stop == right.start
        assert right.start % BLOCK == 0 or right.start == n_users
    sizes = [part.stop - part.start for part in slices]
    assert max(sizes) - min(sizes) < 2 * BLOCK
