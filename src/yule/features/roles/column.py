"""Which column says what events are of: learned once, from the rows before the first cut-off."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yule.core.settings import read_json, to_json
from yule.features.as_of import MEMORY, all_before
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.sql.connecting import connect
from yule.sql.quoting import quote_name

COMMON = 0.05
"""A value that this share of all users have is common."""

MOST = 500
"""Beyond so many common values a column is no better."""

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
        n_common = {}
        for name in settings.items:
            values = f"FROM ({events}) WHERE {quote_name(name)} IS NOT NULL GROUP BY {quote_name(name)}"
            counted = f"SELECT count(DISTINCT {user}) AS n {values}"
            common = f"SELECT least(count(*), {MOST}) FROM ({counted}) WHERE n >= {enough}"
            ((n_common[name],),) = connection.execute(common).fetchall()
    best = max(settings.items, key=n_common.__getitem__)
    column = Column(name=best if n_common[best] > 1 else None, n_users=n_users, n_common=n_common)
    (folder / _FILE).write_text(to_json(column), encoding="utf-8")


def read_column(folder: Path) -> str | None:
    """Read what :func:`learn_column` wrote."""
    return read_json(Column, folder / _FILE).name
