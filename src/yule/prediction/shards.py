"""Shards: slices of the population that are scored apart, each giving the very scores it would give in one go."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.tables import write_table
from yule.features.matrix import read_features
from yule.models.protocol import BLOCK
from yule.prediction.bundle import Bundle

USERS_AT_ONCE = 256 * BLOCK
"""Users whose features are held in memory."""

USERS_OF_A_THREAD = 32 * BLOCK
"""Users that a thread scores at once."""

SCORES = "scores.parquet"
"""Name of the file that holds a shard's scores."""

SCHEMA = pa.schema([("user_id", pa.string()), ("score", pa.float64())])


def shard_rows(n_users: int, shard: int, n_shards: int) -> slice:
    """Return which users of the sorted population belong to a shard.

    Parameters
    ----------
    n_users
        Size of the population.
    shard
        Number of the shard, 0 to n_shards - 1.
    n_shards
        Number of shards. If there are more shards than blocks, some are empty.

    >>> [shard_rows(1000, shard, 3) for shard in range(3)]
    [slice(0, 256, None), slice(256, 512, None), slice(512, 1000, None)]
    """
    n_blocks = -(-n_users // BLOCK)
    first, last = (n_blocks * edge // n_shards * BLOCK for edge in (shard, shard + 1))
    return slice(min(first, n_users), min(last, n_users))


def predict_shard(
    bundle: Bundle,
    files: Sequence[Path],
    user_ids: NDArray[np.object_],
    *,
    shard: int,
    n_shards: int,
    folder: Path,
    n_threads: int,
) -> None:
    """Score one shard and write ``scores.parquet``: user_id ascending, score.

    Parameters
    ----------
    bundle
        The model.
    files
        Feature files of the population at the predict cut-off, one for each feature set.
    user_ids
        The whole population, ascending.
    shard, n_shards
        Which slice of it.
    folder
        Where to write; it exists.
    n_threads
        Threads that score at once, each users of its own.

    Raises
    ------
    DataError
        The features are not those the model was fitted on.
    """
    rows = shard_rows(len(user_ids), shard, n_shards)

    def score(pool: ThreadPoolExecutor) -> Iterator[pa.RecordBatch]:
        for start in range(rows.start, rows.stop, USERS_AT_ONCE):
            users = user_ids[start : min(start + USERS_AT_ONCE, rows.stop)]
            features = read_features(files, users)
            slices = [
                features.take(slice(of, of + USERS_OF_A_THREAD)) for of in range(0, len(users), USERS_OF_A_THREAD)
            ]
            scores = np.concatenate(list(pool.map(lambda some: bundle.predict(some, n_threads=1), slices)))
            yield pa.record_batch([pa.array(users, pa.string()), pa.array(scores)], schema=SCHEMA)

    with ThreadPoolExecutor(n_threads) as pool:
        write_table(score(pool), folder / SCORES, schema=SCHEMA)
