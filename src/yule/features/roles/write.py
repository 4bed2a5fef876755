"""Write the roles of a question, or read those of several, as of a cut-off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.seeds import draw_numbers
from yule.features.as_of import MEMORY, all_before, check_any_before
from yule.features.columns import BATCH_ROWS, write_numbers
from yule.features.embeddings.counts import Block
from yule.features.roles.affinity import (
    N_WINDOWS,
    Affinity,
    Sample,
    count_items,
    learn_affinity,
    learn_samples,
    read_blocks,
)
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

_SALT = 40_503


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Questions that are asked of a log.

    Parameters
    ----------
    column
        The column that says what events are of.
    values
        Its values that are asked for, one question each.
    n_users
        At most so many users are asked: those whose ids have the smallest hashes.
    """

    column: str
    values: tuple[str, ...]
    n_users: int


@dataclass(frozen=True, kw_only=True)
class AskedRoles:
    """Users who are asked several questions.

    Parameters
    ----------
    user_ids
        str (n_users,), ascending.
    roles
        For each question float32 (n_users, n_roles).
    usual
        float64 (n_questions,): what a day with such an event adds up to, in the mean; 1 where nothing is added up.
    """

    user_ids: NDArray[np.object_]
    roles: Iterator[NDArray[np.float32]]
    usual: NDArray[np.float64]


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
    has_amounts = settings.of is not None
    roles = compute_roles(activity, history, affinities, has_amounts=has_amounts)
    blocks = (
        (pa.array(activity.user_ids[start : start + BATCH_ROWS], pa.string()), roles[start : start + BATCH_ROWS])
        for start in range(0, activity.n_users, BATCH_ROWS)
    )
    names = name_roles(settings.name, settings.download, settings.within, has_amounts=has_amounts)
    write_numbers(blocks, names, folder)


def read_roles(
    spec: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    asking: Asking,
    *,
    cutoff: datetime,
    scratch: Path,
    n_threads: int,
) -> "AskedRoles":
    """Read the roles of several questions, each of which asks for one value of a column.

    Parameters
    ----------
    spec
        A feature set of roles; its condition is passed over.
    tables, cutoff, n_threads
        See :func:`write_role_features`.
    asking
        The questions, and how many users are asked.
    scratch
        Folder for what does not fit into memory.

    Returns
    -------
    AskedRoles
        The users who are asked, and their roles for each question.
    """
    settings = spec.settings
    assert isinstance(settings, RoleFeatures)
    with connect(n_threads=n_threads, scratch=scratch, memory=MEMORY) as connection:
        _open(connection, spec, tables, cutoff, item=asking.column, own="false")
        activity = read_activity(connection, settings.within)
        histories = read_histories(connection, settings.within, items=asking.values)
        asked = _choose_users(activity.user_ids, asking.n_users)
        some = activity.take(asked)
        connection.register("asked_users", pa.table({"user_id": pa.array(some.user_ids, pa.string())}))
        items = _count(connection, settings)
        samples = learn_samples(connection, items, activity.user_ids) if items else []
        blocks = (
            list(read_blocks(connection, items, users="user_id IN (SELECT user_id FROM asked_users)")) if items else []
        )
    places = {item: place for place, item in enumerate(items)}

    def compute(value: str, history: History) -> NDArray[np.float32]:
        learned = _learn(samples, history, activity.n_users, left_out=places.get(value))
        affinities = _score(learned, blocks, some.user_ids)
        return compute_roles(some, history.take(asked), affinities, has_amounts=settings.of is not None)

    return AskedRoles(
        user_ids=some.user_ids,
        roles=map(compute, asking.values, histories),
        usual=np.array([history.usual for history in histories]),
    )


def _choose_users(user_ids: NDArray[np.object_], n_users: int) -> NDArray[np.intp]:
    """Return the places of the users with the smallest hashes, ascending."""
    return np.sort(np.argsort(draw_numbers(user_ids.tolist(), _SALT), kind="stable")[:n_users])


def _open(
    connection: duckdb.DuckDBPyConnection,
    spec: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    cutoff: datetime,
    *,
    item: str | None,
    own: str,
) -> None:
    settings, method = spec.settings, spec.table.method
    assert isinstance(settings, RoleFeatures)
    open_log(
        connection,
        all_before(spec, tables, cutoff),
        user=method.user,
        time=method.time or "",
        item=item,
        amount=settings.of,
        own=own,
        until=quote_instant(cutoff),
    )


def _find_affinities(
    connection: duckdb.DuckDBPyConnection, activity: Activity, history: History, settings: RoleFeatures
) -> NDArray[np.float64]:
    items = _count(connection, settings)
    if not items:
        return _score([], [], activity.user_ids)
    learned = _learn(learn_samples(connection, items, activity.user_ids), history, activity.n_users)
    return _score(learned, read_blocks(connection, items), activity.user_ids)


def _learn(samples: Sequence[Sample], history: History, n_users: int, *, left_out: int | None = None) -> list[Affinity]:
    """Learn what items say of a question, in each window."""
    return [
        learn_affinity(sample, _damped_days(history, n_users, window)[sample.users], left_out=left_out)
        for window, sample in enumerate(samples)
    ]


def _score(learned: Sequence[Affinity], blocks: Iterable[Block], user_ids: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the affinities of users, (n_users, 2): NaN where nothing was learned."""
    affinities = np.full((len(user_ids), N_WINDOWS), np.nan)
    for window, affinity in enumerate(learned):
        affinities[:, window] = affinity.offset
    for block in blocks:
        rows = np.searchsorted(user_ids, block.user_ids.to_numpy(zero_copy_only=False))
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
