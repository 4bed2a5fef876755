"""How much of each of many items or terms users touched, read some users at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yule.features.columns import BATCH_ROWS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Damp: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""How amounts are damped: the tenth purchase says less than the first."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some users, and how much of each known item they touched.

    Parameters
    ----------
    user_ids
        n_users of them, ascending.
    counts
        For each window float64 (n_users, n_items), damped.
    """

    user_ids: pa.Array
    counts: list["csr_array"]


def read_counts(
    connection: duckdb.DuckDBPyConnection, items: Sequence[str], *, n_windows: int, damp: Damp
) -> Iterator[Block]:
    """Yield the users of ``touched`` who touched one of some items, user by user and in the order of the items.

    Parameters
    ----------
    connection
        A database with the table ``touched``: user_id, item, and ``amount_0``, ``amount_1``, ... by window.
    items
        The items.
    n_windows
        How many windows there are.
    damp
        What becomes of amounts.
    """
    known = pa.table({"item": pa.array(items, pa.string()), "code": pa.array(range(len(items)), pa.int32())})
    connection.register("known", known)
    amounts = "".join(f", amount_{number}" for number in range(n_windows))
    reader = connection.sql(
        f"SELECT user_id, code{amounts} FROM touched JOIN known USING (item) ORDER BY user_id, code"
    ).to_arrow_reader(BATCH_ROWS)
    return gather_blocks(reader, n_items=len(items), n_windows=n_windows, damp=damp)


def gather_blocks(batches: Iterable[pa.RecordBatch], *, n_items: int, n_windows: int, damp: Damp) -> Iterator[Block]:
    """Yield the users of rows that ascend by ``user_id`` and ``code``; see :func:`read_counts`."""
    for rows in _whole_users(batches):
        user_ids, starts = _find_users(rows["user_id"].combine_chunks())
        codes = rows["code"].to_numpy()
        yield Block(
            user_ids=user_ids,
            counts=[
                _sparse(damp(rows[f"amount_{number}"].to_numpy()), codes, starts, n_items=n_items)
                for number in range(n_windows)
            ],
        )


def _whole_users(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield rows that ascend by user in tables that hold all rows of each of their users."""
    held: pa.Table | None = None
    for batch in batches:
        rows = pa.Table.from_batches([batch])
        held = rows if held is None else pa.concat_tables([held, rows])
        end = pc.index(held["user_id"], held["user_id"][-1]).as_py()
        if end > 0:
            yield held.slice(0, end).combine_chunks()
            held = held.slice(end)
    if held is not None:
        yield held.combine_chunks()


def _find_users(user_ids: pa.Array) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return the users of rows that ascend by user, and where the rows of each begin; where the last's end at last."""
    runs = pc.run_end_encode(user_ids, pa.int64())
    return runs.values, np.append(0, runs.run_ends.to_numpy())


def _sparse(
    values: NDArray[np.float64], codes: NDArray[np.int32], starts: NDArray[np.int64], *, n_items: int
) -> "csr_array":
    from scipy.sparse import csr_array

    return csr_array((values, codes, starts), shape=(len(starts) - 1, n_items))
