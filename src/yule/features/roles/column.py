"""Which column says what events are of, and can be asked for: learned once, from the rows before the first cut-off."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yule.core.settings import read_json, to_json
from yule.features.as_of import MEMORY, all_before
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant, quote_name

COMMON = 0.05
"""A value that this share of all users have is common."""

MOST = 500
"""Beyond so many common values a column is no better."""

SHARE, FEWEST, ENOUGH = 0.1, 10, 50
"""A value that a smaller share of the users who were there had within a horizon cannot be asked for; but where those
are many this number is enough, and where they are few it takes so many (docs/experiments.md)."""

WIDEST = 0.9
"""Nor can one that a larger share of them had."""

_FILE = "column.json"


@dataclass(frozen=True, kw_only=True)
class Column:
    """The content of ``column.json``.

    Parameters
    ----------
    name
        The column; None where no two values are common.
    n_users
        Users it was learned from.
    n_common
        Common values of each column there was to choose from.
    """

    name: str | None
    n_users: int
    n_common: dict[str, int]


def learn_column(
    spec: FeatureSpec, tables: Sequence[Sequence[Path]], *, folder: Path, scratch: Path, n_threads: int
) -> None:
    """Find the column with the most common values, of equally many the one written first; write ``column.json``.

    One of whose values no two can be asked for is taken only where that is so of all: its values are common in the
    long run, and nobody can say of enough users who had them within a horizon.

    Parameters
    ----------
    spec
        A feature set of roles.
    tables
        The files of its events before ``spec.learn_before``, then those of each table that is joined.
    folder
        Where to write; it exists.
    scratch
        Folder for what does not fit into memory.
    n_threads
        Threads to use; they change no byte.
    """
    settings, user = spec.settings, quote_name(spec.table.method.user)
    assert isinstance(settings, RoleFeatures)
    assert spec.learn_before is not None
    with connect(n_threads=n_threads, scratch=scratch, memory=MEMORY) as connection:
        events = all_before(spec, tables, spec.learn_before)
        ((n_users,),) = connection.execute(f"SELECT count(DISTINCT {user}) FROM ({events})").fetchall()
        enough = max(settings.min_users, COMMON * n_users)
        within = (
            f"WHERE {quote_name(spec.table.method.time or '')} >= {quote_instant(spec.learn_before - settings.within)}"
        )
        recent = f"SELECT * FROM ({events}) {within}"
        ((n_recent,),) = connection.execute(f"SELECT count(DISTINCT {user}) FROM ({recent})").fetchall()
        n_common, n_asked = {}, {}
        for name in settings.items:
            common, asked = (
                f"SELECT least(count(*), {MOST}) FROM (SELECT count(DISTINCT {user}) AS n FROM ({rows}) "
                f"WHERE {quote_name(name)} IS NOT NULL GROUP BY {quote_name(name)}) WHERE n BETWEEN {least} AND {most}"
                for rows, least, most in ((events, enough, n_users), (recent, *find_bounds(n_recent)))
            )
            ((n_common[name],),) = connection.execute(common).fetchall()
            ((n_asked[name],),) = connection.execute(asked).fetchall()
    best = max(settings.items, key=lambda name: (min(n_common[name], n_asked[name]) > 1, n_common[name]))
    column = Column(name=best if n_common[best] > 1 else None, n_users=n_users, n_common=n_common)
    (folder / _FILE).write_text(to_json(column), encoding="utf-8")


def find_bounds(n_users: int) -> tuple[float, float]:
    """Return how many users, at least and at most, had a value that can be asked for, of those who were there.

    >>> find_bounds(2_000), find_bounds(200), find_bounds(40)
    ((50, 1800.0), (20.0, 180.0), (10, 36.0))
    """
    return min(ENOUGH, max(FEWEST, SHARE * n_users)), WIDEST * n_users


def read_column(folder: Path) -> str | None:
    """Read what :func:`learn_column` wrote."""
    return read_json(Column, folder / _FILE).name
