"""What users did of an item besides what is asked for: an item may be asked for in part only."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from yule.features.columns import BATCH_ROWS
from yule.features.embeddings.counts import Block
from yule.features.roles.activity import WINDOWS, Touched, damp_counts, touched_sql


@dataclass(frozen=True, kw_only=True)
class Others:
    """The items that events which are asked for are of.

    Parameters
    ----------
    left_out
        Places of those that say nothing of the rest: nearly all of their events are asked for.
    places
        Places of the others.
    connection
        The database with the table ``others``: the other events of these.
    n_items
        How many items there are at all.
    """

    left_out: tuple[int, ...]
    places: tuple[int, ...]
    connection: duckdb.DuckDBPyConnection
    n_items: int

    def read(self) -> Iterator[Block]:
        """Yield the users with other events of them, by their places, with damped counts."""
        reader = self.connection.sql(
            f"SELECT place AS user_id, code, {', '.join(WINDOWS)} FROM others JOIN users USING (user_id) "
            f"WHERE list_contains({list(self.places)}, code) ORDER BY 1, 2"
        ).to_arrow_reader(BATCH_ROWS)
        return damp_counts(reader, n_items=self.n_items)


def find_others(connection: duckdb.DuckDBPyConnection, touched: Touched, *, min_users: int) -> Others:
    """Find the items of what is asked for, and count what else was done of them.

    Parameters
    ----------
    connection
        A database with the view ``log`` and the table ``users``.
    touched
        All items.
    min_users
        An item that fewer users touched otherwise is passed over.
    """
    codes = pa.array(range(len(touched.items)), pa.int32())
    connection.register("known", pa.table({"item": pa.array(touched.items, pa.string()), "code": codes}))
    connection.execute("CREATE TEMP TABLE own AS SELECT DISTINCT item FROM log WHERE is_own")
    rest = touched_sql("is_own IS NOT TRUE AND item IN (SELECT item FROM own)")
    connection.execute(
        f"CREATE TEMP TABLE others AS SELECT others.*, code FROM ({rest}) AS others JOIN known USING (item)"
    )
    counted = connection.execute(
        f"SELECT code, (SELECT count(*) FROM others WHERE others.code = known.code) >= {min_users} "
        "FROM known JOIN own USING (item) ORDER BY 1"
    ).fetchall()
    return Others(
        left_out=tuple(code for code, is_known in counted if not is_known),
        places=tuple(code for code, is_known in counted if is_known),
        connection=connection,
        n_items=len(touched.items),
    )
