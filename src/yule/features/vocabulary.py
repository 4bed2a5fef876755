"""Vocabularies: which values of a column get features of their own, and where its bands end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from yule.core.settings import read_json, to_json
from yule.features.as_of import MEMORY, joined_before
from yule.features.settings import CLOCK, EventFeatures, FeatureSpec, Share, is_clock
from yule.sql.connecting import connect
from yule.sql.quoting import quote_name

VOCABULARY = "vocabulary.json"


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What is learned for the shares of a feature set.

    Parameters
    ----------
    values
        By column the values that get features, the most frequent first.
    edges
        By column that is divided into bands, the greatest value of each band but the last, ascending.
    """

    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    edges: dict[str, tuple[float, ...]] = field(default_factory=dict)


def write_vocabulary(spec: FeatureSpec, tables: Sequence[Sequence[Path]], *, folder: Path, n_threads: int) -> None:
    """Write ``vocabulary.json``: what the shares of a set need to know, from events before ``spec.learn_before``.

    Parameters
    ----------
    spec
        A feature set with shares.
    tables
        The files of its events, then those of each table that is joined.
    folder
        Where to write; it exists.
    n_threads
        Threads to use.
    """
    assert isinstance(spec.settings, EventFeatures)
    assert spec.learn_before is not None
    events = joined_before(spec, tables, spec.learn_before)
    vocabulary = Vocabulary()
    with connect(n_threads=n_threads, scratch=folder.parent, memory=MEMORY) as connection:
        for share in spec.settings.shares:
            if share.bands is not None:
                edges = _find_edges(connection, events, share.of, share.bands)
                vocabulary.edges[share.of] = edges
                vocabulary.values[share.of] = tuple(f"band_{number}" for number in range(1, len(edges) + 2))
            elif is_clock(share.of, spec.event_columns):
                vocabulary.values[share.of] = CLOCK[share.of]
            else:
                vocabulary.values[share.of] = _find_values(connection, events, share, user=spec.table.method.user)
    (folder / VOCABULARY).write_text(to_json(vocabulary), encoding="utf-8")


def read_vocabulary(folder: Path) -> Vocabulary:
    """Read what :func:`write_vocabulary` wrote."""
    return read_json(Vocabulary, folder / VOCABULARY)


def _find_values(connection: duckdb.DuckDBPyConnection, events: str, share: Share, *, user: str) -> tuple[str, ...]:
    # Counted by user first, even where it need not be: distinct counts are held in memory, groups may go to the disk.
    of = quote_name(share.of)
    by_user = (
        f"SELECT {of} AS value, {quote_name(user)} AS user_id, count(*) AS n FROM ({events}) "
        f"WHERE {of} IS NOT NULL GROUP BY ALL"
    )
    rows = connection.execute(
        f"SELECT CAST(value AS VARCHAR) AS text FROM ({by_user}) GROUP BY value "
        f"HAVING count(*) >= {share.min_users} ORDER BY sum(n) DESC, text LIMIT {share.top}"
    ).fetchall()
    return tuple(row[0] for row in rows)


def _find_edges(connection: duckdb.DuckDBPyConnection, events: str, of: str, n_bands: int) -> tuple[float, ...]:
    places = ", ".join(str(band / n_bands) for band in range(1, n_bands))
    number = f"CAST({quote_name(of)} AS DOUBLE)"
    ((edges, greatest),) = connection.execute(
        f"SELECT quantile_disc({number}, [{places}]), max({number}) FROM ({events})"
    ).fetchall()
    return tuple(sorted({edge for edge in edges or () if edge < greatest}))
