"""Write the roles of a question, or read those of several, as of a cut-off."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yule.core.seeds import draw_numbers
from yule.features.as_of import MEMORY, check_any_before
from yule.features.columns import BATCH_ROWS, write_numbers
from yule.features.embeddings.counts import Block
from yule.features.roles.activity import WINDOWS, Activity, Touched, read_activity, read_touched
from yule.features.roles.affinity import Affinity, Sample, learn_affinity, learn_samples, replace_items
from yule.features.roles.history import History, read_histories, read_history
from yule.features.roles.log import open_log
from yule.features.roles.others import Others, find_others
from yule.features.roles.roles import compute_roles, name_roles
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.sql.conditions import condition_sql
from yule.sql.connecting import connect

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
    activity: Path,
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
    activity
        What :func:`yule.features.roles.activity.write_activity` wrote of the same events, column and cut-off.
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
    users, touched = read_activity(activity), read_touched(activity)
    with connect(n_threads=n_threads, scratch=folder.parent, memory=MEMORY) as connection:
        open_log(connection, spec, tables, cutoff, item=item, own=condition_sql(settings.where, spec.methods))
        _number_users(connection, users)
        history = read_history(connection, settings.within)
        affinities = np.full((users.n_users, len(WINDOWS)), np.nan)
        if touched is not None:
            others = find_others(connection, touched, min_users=settings.min_users)
            affinities = _tell_others(touched, others, history, users.n_users)
    has_amounts = settings.of is not None
    roles = compute_roles(users, history, affinities, has_amounts=has_amounts)
    blocks = (
        (pa.array(users.user_ids[start : start + BATCH_ROWS], pa.string()), roles[start : start + BATCH_ROWS])
        for start in range(0, users.n_users, BATCH_ROWS)
    )
    names = name_roles(settings.name, settings.download, settings.within, has_amounts=has_amounts)
    write_numbers(blocks, names, folder)


def read_roles(
    spec: FeatureSpec,
    tables: Sequence[Sequence[Path]],
    asking: Asking,
    *,
    activity: Path,
    cutoff: datetime,
    scratch: Path,
    n_threads: int,
) -> "AskedRoles":
    """Read the roles of several questions, each of which asks for one value of a column.

    Parameters
    ----------
    spec
        A feature set of roles; its condition is passed over.
    tables, activity, cutoff, n_threads
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
    users, touched = read_activity(activity), read_touched(activity)
    with connect(n_threads=n_threads, scratch=scratch, memory=MEMORY) as connection:
        open_log(connection, spec, tables, cutoff, item=asking.column, own="false")
        _number_users(connection, users)
        histories = read_histories(connection, settings.within, items=asking.values)
    asked = _choose_users(users.user_ids, asking.n_users)
    some = users.take(asked)
    samples = [] if touched is None else learn_samples(touched)
    blocks = [] if touched is None else [_take_users(block, asked) for block in touched.read()]
    places = {item: place for place, item in enumerate(touched.items)} if touched is not None else {}

    def compute(value: str, history: History) -> NDArray[np.float32]:
        left_out = [places[value]] if value in places else []
        learned = _learn(samples, history, users.n_users, left_out=left_out)
        affinities = np.full((len(asked), len(WINDOWS)), np.nan)
        if learned:
            affinities = _score(learned, blocks, len(asked))
        return compute_roles(some, history.take(asked), affinities, has_amounts=settings.of is not None)

    return AskedRoles(
        user_ids=some.user_ids,
        roles=map(compute, asking.values, histories),
        usual=np.array([history.usual for history in histories]),
    )


def _number_users(connection: duckdb.DuckDBPyConnection, users: Activity) -> None:
    connection.register(
        "users", pa.table({"user_id": pa.array(users.user_ids, pa.string()), "place": np.arange(users.n_users)})
    )


def _choose_users(user_ids: NDArray[np.object_], n_users: int) -> NDArray[np.intp]:
    """Return the places of the users with the smallest hashes, ascending."""
    return np.sort(np.argsort(draw_numbers(user_ids.tolist(), _SALT), kind="stable")[:n_users])


def _take_users(block: Block, users: NDArray[np.intp]) -> Block:
    """Return the users of a block that are among some, by their places among these."""
    places = block.user_ids.to_numpy()
    rows = np.isin(places, users)
    taken = pa.array(np.searchsorted(users, places[rows]))
    return Block(user_ids=taken, counts=[counts[rows] for counts in block.counts])


def _tell_others(touched: Touched, others: Others, history: History, n_users: int) -> NDArray[np.float64]:
    """Return how much all that was not asked for points to what was, (n_users, 2)."""
    samples = learn_samples(touched)
    if others.places:
        samples = replace_items(samples, touched, others.places, others.read())
    learned = _learn(samples, history, n_users, left_out=others.left_out)
    scores = _score([affinity.without_items(others.places) for affinity in learned], touched.read(), n_users)
    if others.places:
        scores += _score([affinity.of_items(others.places) for affinity in learned], others.read(), n_users)
    return scores


def _learn(samples: Sequence[Sample], history: History, n_users: int, *, left_out: Collection[int]) -> list[Affinity]:
    """Learn what items say of a question, in each window."""
    return [
        learn_affinity(sample, _damped_days(history, n_users, window)[sample.users], left_out=left_out)
        for window, sample in enumerate(samples)
    ]


def _score(learned: Sequence[Affinity], blocks: Iterable[Block], n_users: int) -> NDArray[np.float64]:
    """Return the affinities of users, (n_users, 2)."""
    affinities = np.empty((n_users, len(learned)))
    for window, affinity in enumerate(learned):
        affinities[:, window] = affinity.offset
    for block in blocks:
        rows = block.user_ids.to_numpy()
        for window, affinity in enumerate(learned):
            affinities[rows, window] += block.counts[window] @ affinity.weights
    return affinities


def _damped_days(history: History, n_users: int, window: int) -> NDArray[np.float64]:
    days = np.zeros(n_users)
    days[history.rows] = history.columns["days_3" if window == 0 else "days_all"]
    return np.log1p(days)
