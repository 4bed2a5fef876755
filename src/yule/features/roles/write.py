"""Write the roles of a question, or read those of several, as of a cut-off."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.features.as_of import MEMORY, all_before, check_any_before
from yule.features.columns import BATCH_ROWS, write_numbers
from yule.features.roles.affinity import N_WINDOWS, count_items, learn_affinity, learn_samples, read_blocks
from yule.features.roles.history import (
    RECENT,
    Activity,
    History,
    open_log,
    read_activity,
    read_histories,
    read_history,
)
from yule.features.roles.roles import compute_roles, name_roles
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.sql.conditions import condition_sql
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant


def write_role_features(
    spec: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    *,
    item: str | None,
    cutoff: datetime,
    folder: Path,
    n_threads: int,
) -> None:
    """Write ``features.parquet``: the roles of every user with an event before the cut-off.

    Parameters
    ----------
    spec
        A feature set of roles.
    tables
        The files of its events, then those of each table that is joined.
    item
        Which of its columns says what other events are of (:func:`yule.features.roles.column.learn_column`).
    cutoff
        Only events strictly before it count.
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
    assert isinstance(settings, RoleFeatures)
    if not settings.proposed:
        check_any_before(spec.table.method, tables[0], cutoff)
    with connect(n_threads=n_threads, scratch=folder.parent, memory=MEMORY) as connection:
        _open(connection, spec, tables, cutoff, item=item, own=condition_sql(settings.where, spec.methods))
        activity = read_activity(connection, settings.within)
        history = read_history(connection, settings.within)
        affinities = _find_affinities(connection, activity, history, settings)
    roles = compute_roles(activity, history, affinities)
    blocks = (
        (pa.array(activity.user_ids[start : start + BATCH_ROWS], pa.string()), roles[start : start + BATCH_ROWS])
        for start in range(0, activity.n_users, BATCH_ROWS)
    )
    write_numbers(blocks, name_roles(settings.name, settings.download, settings.within), folder)


def read_roles(
    spec: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    *,
    item: str,
    questions: Sequence[str],
    cutoff: datetime,
    scratch: Path,
    n_threads: int,
) -> tuple[NDArray[np.object_], Iterator[NDArray[np.float32]]]:
    """Read the roles of several questions, each of which asks for one item.

    Parameters
    ----------
    spec
        A feature set of roles; its condition is passed over.
    tables, item, cutoff, n_threads
        See :func:`write_role_features`.
    questions
        Values of the column.
    scratch
        Folder for what does not fit into memory.

    Returns
    -------
    user_ids
        str (n_users,), ascending.
    roles
        For each question float32 (n_users, n_roles).
    """
    settings = spec.settings
    assert isinstance(settings, RoleFeatures)
    with connect(n_threads=n_threads, scratch=scratch, memory=MEMORY) as connection:
        _open(connection, spec, tables, cutoff, item=item, own="false")
        activity = read_activity(connection, settings.within)
        histories = read_histories(connection, settings.within, items=questions)
        items = _count(connection, settings)
        samples = learn_samples(connection, items, activity.user_ids) if items else []
        blocks = list(read_blocks(connection, items)) if items else []
    places = {item: place for place, item in enumerate(items)}

    def compute(question: str, history: History) -> NDArray[np.float32]:
        affinities = np.full((activity.n_users, N_WINDOWS), np.nan)
        for window, sample in enumerate(samples):
            own = _damped_days(history, activity.n_users, window)[sample.users]
            affinity = learn_affinity(sample, own, left_out=places.get(question))
            affinities[:, window] = affinity.offset
            for block in blocks:
                rows = np.searchsorted(activity.user_ids, block.user_ids.to_numpy(zero_copy_only=False))
                affinities[rows, window] = affinity.score(block.counts[window])
        return compute_roles(activity, history, affinities)

    return activity.user_ids, map(compute, questions, histories)


def _open(
    connection: duckdb.DuckDBPyConnection,
    spec: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    cutoff: datetime,
    *,
    item: str | None,
    own: str,
) -> None:
    method = spec.table.method
    open_log(
        connection,
        all_before(spec, tables, cutoff),
        user=method.user,
        time=method.time or "",
        item=item,
        own=own,
        until=quote_instant(cutoff),
    )


def _find_affinities(
    connection: duckdb.DuckDBPyConnection, activity: Activity, history: History, settings: RoleFeatures
) -> NDArray[np.float64]:
    affinities = np.full((activity.n_users, N_WINDOWS), np.nan)
    items = _count(connection, settings)
    if not items:
        return affinities
    samples = learn_samples(connection, items, activity.user_ids)
    learned = [
        learn_affinity(sample, _damped_days(history, activity.n_users, window)[sample.users])
        for window, sample in enumerate(samples)
    ]
    affinities[:] = [affinity.offset for affinity in learned]
    for block in read_blocks(connection, items):
        rows = np.searchsorted(activity.user_ids, block.user_ids.to_numpy(zero_copy_only=False))
        for window, affinity in enumerate(learned):
            affinities[rows, window] = affinity.score(block.counts[window])
    return affinities


def _damped_days(history: History, n_users: int, window: int) -> NDArray[np.float64]:
    days = np.zeros(n_users)
    days[history.rows] = history.columns["days_3" if window == 0 else "days_all"]
    return np.log1p(days)


def _count(connection: duckdb.DuckDBPyConnection, settings: RoleFeatures) -> list[str]:
    recent = RECENT * settings.within // timedelta(microseconds=1)
    return count_items(connection, recent=recent, min_users=settings.min_users)
