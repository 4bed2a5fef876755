"""What users do at all as of a cut-off, whatever is asked: computed once, and read for every question.

::

    users.parquet     user_id, ascending, and the numbers of :class:`Activity`
    touched.parquet   place of a user, place of an item, and on how many days it was touched, recently and ever
    products.npy      how the items go together
    activity.json     the items, and how many users were there in each window of a rate
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from yule.core.arrays import map_array
from yule.core.settings import read_json, to_json
from yule.core.tables import read_table, write_table
from yule.features.as_of import MEMORY, MICROSECONDS_PER_DAY
from yule.features.columns import BATCH_ROWS
from yule.features.embeddings.counts import Block, gather_blocks
from yule.features.roles.log import RECENT, amounts_sql, days_sql, find_usual, open_log, window_conditions
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.sql.connecting import connect

ITEMS = 500
"""At most so many items are looked at: those that most users touched."""

LEARN_USERS = 20_000
"""Affinities are learned from at most so many users: those whose ids have the smallest digests."""

WINDOWS = ("amount_0", "amount_1")
"""Days on which an item was touched, in the recent horizons and in all history."""

_NAMES = ("days_1", "days_3", "days_all", "last", "first", "items", "amount_1", "amount_3", "amount_all")
_USERS, _TOUCHED, _PRODUCTS, _FILE = "users.parquet", "touched.parquet", "products.npy", "activity.json"


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What users do at all, whatever is asked.

    Parameters
    ----------
    user_ids
        str (n_users,), ascending: all users with an event before the cut-off.
    columns
        ``days_1``, ``days_3``, ``days_all``: days with an event in one horizon, in three, in all history; ``last`` and
        ``first``: horizons since the last and the first event; ``items``: different items in three horizons;
        ``amount_1``, ``amount_3``, ``amount_all``: what events add up to. float64 (n_users,) each.
    n_active
        Users with an event in each window of a rate (see :func:`~yule.features.roles.log.window_conditions`).
    usual
        What a day with an event adds up to, in the mean.
    """

    user_ids: NDArray[np.object_]
    columns: dict[str, NDArray[np.float64]]
    n_active: NDArray[np.float64]
    usual: float

    @property
    def n_users(self) -> int:
        """Number of users."""
        return len(self.user_ids)

    def take(self, rows: NDArray[np.intp]) -> "Activity":
        """Return the activity of some users; rates are those of all."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        return replace(self, user_ids=self.user_ids[rows], columns=columns)


@dataclass(frozen=True, kw_only=True)
class Touched:
    """Which items users touched; there is at least one item.

    Parameters
    ----------
    items
        n_items of them, those that most users touched first.
    learners
        intp (n_learners,), ascending: places of the users that affinities are learned from.
    products
        float64 (n_windows, n_items, n_items): sums of the products of the learners' damped counts of two items.
    file
        The Parquet file of all users' counts.
    """

    items: tuple[str, ...]
    learners: NDArray[np.intp]
    products: NDArray[np.float64]
    file: Path

    def read(self) -> Iterator[Block]:
        """Yield the users who touched one of the items, by their places, with damped counts of all items."""
        batches = pq.ParquetFile(self.file).iter_batches(BATCH_ROWS)
        return damp_counts(batches, n_items=len(self.items))


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """The content of ``activity.json``."""

    items: tuple[str, ...]
    n_active: tuple[int, ...]


def write_activity(
    spec: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    *,
    item: str | None,
    cutoff: datetime,
    folder: Path,
    n_threads: int,
) -> None:
    """Write what users do up to a cut-off.

    Parameters
    ----------
    spec
        A feature set of roles, without a condition.
    tables
        The files of its events, then those of each table that is joined.
    item
        Which of its columns says what events are of (:func:`yule.features.roles.column.learn_column`); None for none.
    cutoff
        Only events strictly before it count.
    folder
        Where to write; it exists.
    n_threads
        Threads to use; they change no byte.
    """
    settings = spec.settings
    assert isinstance(settings, RoleFeatures)
    with connect(n_threads=n_threads, scratch=folder.parent, memory=MEMORY) as connection:
        open_log(connection, spec, tables, cutoff, item=item, own="false")
        n_active = _write_users(connection, settings.within, folder / _USERS)
        items = _find_items(connection, settings) if item is not None else ()
        if items:
            _write_touched(connection, items, folder / _TOUCHED)
    (folder / _FILE).write_text(to_json(_Facts(items=items, n_active=n_active)), encoding="utf-8")
    if items:
        np.save(folder / _PRODUCTS, _multiply(folder, len(items)))


def read_activity(folder: Path) -> Activity:
    """Read what users do from what :func:`write_activity` wrote."""
    table = read_table(folder / _USERS, ["user_id", *_NAMES])
    columns = {name: table[name].to_numpy() for name in _NAMES}
    n_active = np.array(read_json(_Facts, folder / _FILE).n_active, dtype=np.float64)
    user_ids = table["user_id"].to_numpy()
    return Activity(user_ids=user_ids, columns=columns, n_active=n_active, usual=find_usual(columns))


def read_touched(folder: Path) -> Touched | None:
    """Read which items they touch from the same; None where nothing says what events are of.

    Raises
    ------
    CorruptedOutput
        If the files do not belong together.
    """
    items = read_json(_Facts, folder / _FILE).items
    if not items:
        return None
    products = map_array(folder / _PRODUCTS, dtype=np.float64, shape=(len(WINDOWS), len(items), len(items)))
    return Touched(items=items, learners=_read_learners(folder), products=products, file=folder / _TOUCHED)


def damp_counts(batches: Iterable[pa.RecordBatch], *, n_items: int) -> Iterator[Block]:
    """Yield the users of counts that ascend by user and item: the tenth day says less than the first."""
    return gather_blocks(batches, n_items=n_items, n_windows=len(WINDOWS), damp=np.log1p)


def touched_sql(where: str) -> str:
    """Return on how many days users of the view ``log`` touched items: user_id, item, and the days in each window."""
    days = (  # then rows: twice as fast as counts of distinct days
        f"SELECT user_id, item, age // {MICROSECONDS_PER_DAY} AS day, bool_or(is_recent) AS is_recent FROM log "
        f"WHERE {where} AND item IS NOT NULL GROUP BY 1, 2, 3"
    )
    recent, ever = "CAST(count(*) FILTER (WHERE is_recent) AS DOUBLE)", "CAST(count(*) AS DOUBLE)"
    return f"SELECT user_id, item, {recent} AS {WINDOWS[0]}, {ever} AS {WINDOWS[1]} FROM ({days}) GROUP BY 1, 2"


def _write_users(connection: duckdb.DuckDBPyConnection, horizon: timedelta, file: Path) -> tuple[int, ...]:
    """Write who is in the log; return how many were there in each window of a rate."""
    length = horizon // timedelta(microseconds=1)
    windows = window_conditions(horizon)
    active = ", ".join(f"bool_or({window}) AS active_{number}" for number, window in enumerate(windows))
    found = connection.sql(
        f"SELECT user_id, {days_sql('age // ' + str(MICROSECONDS_PER_DAY), length)}, {amounts_sql(length)}, "
        f"min(age) / {length} AS last, max(age) / {length} AS first, "
        f"count(DISTINCT item) FILTER (WHERE age < {RECENT * length}) AS items, {active}, "
        f"row_number() OVER (ORDER BY md5(user_id), user_id) <= {LEARN_USERS} AS is_learner "
        "FROM log GROUP BY user_id ORDER BY user_id"
    ).to_arrow_table()
    connection.register("users", pa.table({"user_id": found["user_id"], "place": _number(len(found))}))
    columns = {name: found[name].cast(pa.float64()) for name in _NAMES}
    write_table(pa.table({"user_id": found["user_id"], **columns, "is_learner": found["is_learner"]}), file)
    return tuple(int(found[f"active_{number}"].to_numpy().sum()) for number in range(len(windows)))


def _find_items(connection: duckdb.DuckDBPyConnection, settings: RoleFeatures) -> tuple[str, ...]:
    """Count what users touch in the table ``touched``; return the items that most touched, those first."""
    connection.execute(f"CREATE TEMP TABLE touched AS {touched_sql('true')}")
    known = connection.sql(
        f"SELECT item FROM touched GROUP BY item HAVING count(*) >= {settings.min_users} "
        f"ORDER BY count(*) DESC, item LIMIT {ITEMS}"
    ).fetchall()
    return tuple(item for (item,) in known)


def _write_touched(connection: duckdb.DuckDBPyConnection, items: Sequence[str], file: Path) -> None:
    connection.register("known", pa.table({"item": pa.array(items, pa.string()), "code": _number(len(items))}))
    reader = connection.sql(
        f"SELECT place AS user_id, code, {', '.join(WINDOWS)} FROM touched JOIN known USING (item) "
        "JOIN users ON touched.user_id = users.user_id ORDER BY 1, 2"
    ).to_arrow_reader(BATCH_ROWS)
    write_table(reader, file, schema=reader.schema)


def _multiply(folder: Path, n_items: int) -> NDArray[np.float64]:
    learners, products = _read_learners(folder), np.zeros((len(WINDOWS), n_items, n_items))
    for block in damp_counts(pq.ParquetFile(folder / _TOUCHED).iter_batches(BATCH_ROWS), n_items=n_items):
        rows = np.isin(block.user_ids.to_numpy(), learners)
        for window, counts in enumerate(block.counts):
            learned = counts[rows]
            products[window] += (learned.T @ learned).toarray()
    return products


def _read_learners(folder: Path) -> NDArray[np.intp]:
    table = read_table(folder / _USERS, ["is_learner"])
    return np.flatnonzero(table["is_learner"].to_numpy())


def _number(n: int) -> pa.Array:
    return pa.array(np.arange(n), pa.int32())
