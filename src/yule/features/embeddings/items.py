"""Embeddings of the items that users touched, as of a cut-off.

Users who touched the same items are alike, and so are items that the same users touched: the factors of
:mod:`yule.features.embeddings.factors` hold both. How much of an item a user touched is damped by the square root:
the tenth purchase says less than the first.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np

from yule.core.errors import DataError
from yule.core.meanings import Meaning
from yule.features.as_of import MEMORY, check_any_before, events_before
from yule.features.columns import name_window, write_numbers
from yule.features.embeddings.counts import read_counts
from yule.features.embeddings.factors import LEARN_USERS, Factors, learn_factors, name_dimensions, weigh_rarity
from yule.features.settings import FeatureSpec, ItemFeatures
from yule.sql.connecting import connect
from yule.sql.expressions import millionths
from yule.sql.quoting import quote_instant, quote_name

NOTHING = Factors(names=(), weights=np.empty(0), vectors=np.empty((0, 0)))
"""What there is to know of a column such as that of receipts, which no two users have in common."""


def learn_items(spec: FeatureSpec, table: Sequence[Path], *, scratch: Path, n_threads: int) -> dict[str, Factors]:
    """Learn the factors of items from the events before ``spec.learn_before``.

    Parameters
    ----------
    spec
        A feature set of items.
    table
        The files of its table.
    scratch
        Folder for what does not fit into memory.
    n_threads
        Threads to use; they change no byte.

    Returns
    -------
    dict
        The factors under the name of the item's column; none of a set that Yule proposed if no item is known.

    Raises
    ------
    DataError
        If no item has been touched by enough users, and someone wrote the set.
    """
    from scipy.sparse import vstack

    settings = spec.settings
    assert isinstance(settings, ItemFeatures)
    assert spec.learn_before is not None
    with connect(n_threads=n_threads, scratch=scratch, memory=MEMORY) as connection:
        _count_items(connection, spec, table, cutoff=spec.learn_before, windows=(None,))
        known = connection.sql(
            "SELECT item, count(*) AS n_users FROM touched GROUP BY item "
            f"HAVING n_users >= {settings.min_users} ORDER BY n_users DESC, item LIMIT {settings.top}"
        ).to_arrow_table()
        names, n_touching = known["item"].to_pylist(), known["n_users"].to_numpy()
        if not names and settings.proposed:
            return {settings.item: NOTHING}
        if not names:
            raise DataError(
                f"features/{settings.name}.yaml: no {settings.item} was touched by {settings.min_users} users or more "
                f"before {spec.learn_before:%Y-%m-%d}, the first cut-off. Write a smaller min_users, or choose a later "
                "cut-off."
            )
        ((n_users,),) = connection.execute("SELECT count(DISTINCT user_id) FROM touched").fetchall()
        users = "SELECT DISTINCT user_id FROM touched WHERE item IN (SELECT unnest(?))"
        some = f"SELECT user_id FROM ({users}) ORDER BY md5(user_id), user_id LIMIT {LEARN_USERS}"
        connection.execute(f"DELETE FROM touched WHERE user_id NOT IN ({some})", [names])
        counts = [block.counts[0] for block in read_counts(connection, names, n_windows=1, damp=np.sqrt)]
    weights = weigh_rarity(n_users, n_touching)
    return {settings.item: learn_factors(vstack(counts, format="csr"), names, weights, dimensions=settings.dimensions)}


def write_item_features(
    spec: FeatureSpec,
    table: Sequence[Path],
    *,
    factors: Factors,
    cutoff: datetime,
    folder: Path,
    n_threads: int,
) -> None:
    """Write ``features.parquet``: the vectors of every user who touched a known item in a window.

    Memory goes with the users that are held at once, not with all there are.

    Parameters
    ----------
    spec
        A feature set of items.
    table
        The files of its table.
    factors
        Those of the items, see :func:`learn_items`.
    cutoff
        Only events strictly before it count; a window of length w is [cutoff - w, cutoff).
    folder
        Where to write; it exists.
    n_threads
        Threads to use; they change no byte.

    Raises
    ------
    DataError
        If the table has no event before the cut-off, and someone wrote the set.
    """
    settings = spec.settings
    assert isinstance(settings, ItemFeatures)
    if not settings.proposed:
        check_any_before(spec.table.method, table, cutoff)
    columns = _name_columns(settings, factors.n_dimensions)
    if not factors.names:
        write_numbers((), columns, folder)
        return
    with connect(n_threads=n_threads, scratch=folder.parent, memory=MEMORY) as connection:
        _count_items(connection, spec, table, cutoff=cutoff, windows=settings.windows)
        blocks = read_counts(connection, factors.names, n_windows=len(settings.windows), damp=np.sqrt)
        vectors = ((block.user_ids, np.hstack([factors.embed(counts) for counts in block.counts])) for block in blocks)
        write_numbers(vectors, columns, folder)


def _name_columns(settings: ItemFeatures, n_dimensions: int) -> dict[str, Meaning]:
    meaning = Meaning(
        feature_set=settings.name,
        table=settings.download,
        aggregate="svd",
        column=settings.item,
        weight=settings.weight or "",
    )
    prefix, columns = f"{settings.name}__svd__{settings.item}", dict[str, Meaning]()
    for window in settings.windows:
        suffix, looking_back = f"__{name_window(window)}", replace(meaning, windows=(window,))
        columns |= name_dimensions(prefix, n_dimensions, suffix, meaning=looking_back)
    return columns


def _count_items(
    connection: duckdb.DuckDBPyConnection,
    spec: FeatureSpec,
    table: Sequence[Path],
    *,
    cutoff: datetime,
    windows: Sequence[timedelta | None],
) -> None:
    """Create the table ``touched``: user_id, item, and how much of it by window; above 0 in the longest."""
    settings, method = spec.settings, spec.table.method
    assert isinstance(settings, ItemFeatures)
    user, time, item = quote_name(method.user), quote_name(method.time or ""), quote_name(settings.item)
    amount = "1" if settings.weight is None else millionths(quote_name(settings.weight))
    longest = None if None in windows else max(window for window in windows if window is not None)
    amounts = [
        f"CAST(greatest(coalesce(sum({amount}) FILTER (WHERE {_holds(window, time, cutoff)}), 0), 0) AS DOUBLE)"
        for window in windows
    ]
    named = ", ".join(f"{amount} AS amount_{number}" for number, amount in enumerate(amounts))
    some = " OR ".join(f"amount_{number} > 0" for number in range(len(windows)))
    events = events_before(method, table, cutoff, where=settings.where)
    connection.execute(
        f"CREATE TEMP TABLE touched AS SELECT {user} AS user_id, CAST({item} AS VARCHAR) AS item, {named} "
        f"FROM ({events}) WHERE {item} IS NOT NULL AND {_holds(longest, time, cutoff)} GROUP BY 1, 2 HAVING {some}"
    )


def _holds(window: timedelta | None, time: str, cutoff: datetime) -> str:
    return "true" if window is None else f"{time} >= {quote_instant(cutoff - window)}"
