"""Vocabularies: which values of a column get features of their own."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from yule.downloads.sql import connect, quote_name
from yule.features.as_of import events_before
from yule.features.settings import EventFeatures, FeatureSet, FeatureSpec

VOCABULARY = "vocabulary.json"


def learn_vocabulary_date(settings: FeatureSet, first_cutoff: datetime) -> datetime | None:
    """Return the instant a feature set's vocabulary is learnt at; None when it has none.

    It is the first cut-off of the case, so that no vocabulary knows what any of its cut-offs does not.
    """
    return first_cutoff if isinstance(settings, EventFeatures) and settings.shares else None


def write_vocabulary(spec: FeatureSpec, table: Sequence[Path], *, folder: Path, n_threads: int) -> None:
    """Write ``vocabulary.json``: the most frequent values of each share's column before ``spec.learn_before``.

    Parameters
    ----------
    spec
        A feature set with shares.
    table
        The files of its table.
    folder
        Where to write; it exists.
    n_threads
        Threads to use.
    """
    assert isinstance(spec.settings, EventFeatures)
    assert spec.learn_before is not None
    events = events_before(spec.table.method, table, spec.learn_before, where=spec.settings.where)
    vocabulary = {}
    with connect(n_threads=n_threads, scratch=folder.parent) as connection:
        for share in spec.settings.shares:
            of = quote_name(share.of)
            rows = connection.execute(
                f"SELECT {of} FROM ({events}) WHERE {of} IS NOT NULL "
                f"GROUP BY {of} ORDER BY count(*) DESC, {of} LIMIT {share.top}"
            ).fetchall()
            vocabulary[share.of] = [row[0] for row in rows]
    (folder / VOCABULARY).write_text(json.dumps(vocabulary, sort_keys=True, ensure_ascii=False), encoding="utf-8")


def read_vocabulary(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the values by column, the most frequent first."""
    vocabulary = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
    return {column: tuple(values) for column, values in vocabulary.items()}
