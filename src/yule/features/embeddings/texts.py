"""What a user's texts are about, as of a cut-off: terms weighted by how rare they are, in a few numbers.

Terms are to texts what items are to users: the factors of :mod:`yule.features.embeddings.factors` hold which go
together. Texts are compared in lower case, and by what their characters mean (Unicode's NFKC): half- and full-width
forms are the same.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from yule.core.errors import DataError
from yule.core.meanings import Meaning
from yule.features.as_of import MEMORY, check_any_before, events_before
from yule.features.columns import name_window, write_numbers
from yule.features.embeddings.factors import LEARN_USERS, Factors, learn_factors, name_dimensions, weigh_rarity
from yule.features.profile import latest_rows
from yule.features.settings import FeatureSpec, Terms, TextFeatures
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant, quote_name

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import CountVectorizer

_BATCH_USERS = 8192

_BETWEEN = re.compile("[;|,、\n]")
_AROUND = " \t\r[](){}'\""
"""What parts the values of a list, and what may stand around each."""


def learn_terms(spec: FeatureSpec, table: Sequence[Path], *, scratch: Path, n_threads: int) -> dict[str, Factors]:
    """Learn the factors of the terms of each column from the texts before ``spec.learn_before``.

    Parameters
    ----------
    spec
        A feature set of texts. If its table has no time, it is learned from all rows: they are taken as known at any
        time.
    table
        The files of its table.
    scratch
        Folder for what does not fit into memory.
    n_threads
        Threads to use; they change no byte.

    Returns
    -------
    dict
        Factors by column.

    Raises
    ------
    DataError
        If a column has no term that enough users use.
    """
    settings = spec.settings
    assert isinstance(settings, TextFeatures)
    assert spec.learn_before is not None
    windows = (None,) if settings.windows else ()
    query = _texts_sql(spec, table, cutoff=spec.learn_before, windows=windows)
    some = f"SELECT * FROM ({query}) ORDER BY md5(user_id), user_id LIMIT {LEARN_USERS}"
    with connect(n_threads=n_threads, scratch=scratch, memory=MEMORY) as connection:
        connection.execute(f"CREATE TEMP TABLE texts AS SELECT * FROM ({some}) ORDER BY user_id")
        return {
            column: _learn_column(connection, settings, number, before=spec.learn_before)
            for number, column in enumerate(settings.columns)
        }


def write_text_features(
    spec: FeatureSpec,
    table: Sequence[Path],
    *,
    factors: dict[str, Factors],
    cutoff: datetime,
    folder: Path,
    n_threads: int,
) -> None:
    """Write ``features.parquet``: the vectors of every user's texts, by column and window.

    Parameters
    ----------
    spec
        A feature set of texts.
    table
        The files of its table.
    factors
        Those of the terms by column, see :func:`learn_terms`.
    cutoff
        Only rows strictly before it count; a window of length w is [cutoff - w, cutoff).
    folder
        Where to write; it exists.
    n_threads
        Threads to use; they change no byte.

    Raises
    ------
    DataError
        If the table has no row before the cut-off.
    """
    settings, method = spec.settings, spec.table.method
    assert isinstance(settings, TextFeatures)
    if method.time is not None:
        check_any_before(method, table, cutoff)
    sources = [factors[column] for column in settings.columns for _ in settings.windows or (None,)]
    columns = _name_columns(settings, factors)
    counters = [new_counter(settings.terms, source.names) for source in sources]
    query = _texts_sql(spec, table, cutoff=cutoff, windows=settings.windows)
    with connect(n_threads=n_threads, scratch=folder.parent, memory=MEMORY) as connection:
        reader = connection.sql(f"SELECT * FROM ({query}) ORDER BY user_id").to_arrow_reader(_BATCH_USERS)
        blocks = (
            (
                batch["user_id"],
                np.hstack(
                    [
                        source.embed(_count_terms(counter, texts))
                        for source, counter, texts in zip(sources, counters, batch.columns[1:], strict=True)
                    ]
                ),
            )
            for batch in reader
        )
        write_numbers(blocks, columns, folder)


def _name_columns(settings: TextFeatures, factors: Mapping[str, Factors]) -> dict[str, Meaning]:
    """Return what the columns mean, by name: those of each column of text, window by window."""
    names: dict[str, Meaning] = {}
    for column in settings.columns:
        meaning = Meaning(feature_set=settings.name, table=settings.download, aggregate="text", column=column)
        prefix, n_dimensions = f"{settings.name}__text__{column}", factors[column].n_dimensions
        if not settings.windows:
            names |= name_dimensions(prefix, n_dimensions, "", meaning=meaning)
        for window in settings.windows:
            suffix, looking_back = f"__{name_window(window)}", replace(meaning, windows=(window,))
            names |= name_dimensions(prefix, n_dimensions, suffix, meaning=looking_back)
    return names


def _learn_column(
    connection: duckdb.DuckDBPyConnection, settings: TextFeatures, number: int, *, before: datetime
) -> Factors:
    from scipy.sparse import vstack

    analyse = new_counter(settings.terms, None).build_analyzer()
    n_users, n_using = 0, Counter[str]()
    for texts in _read_column(connection, number):
        n_users += len(texts)
        for text in texts.to_pylist():
            n_using.update(set(analyse(text)))
    frequent = [(term, users) for term, users in n_using.items() if users >= settings.min_users]
    frequent = sorted(frequent, key=lambda pair: (-pair[1], pair[0]))[: settings.top]
    if not frequent:
        raise DataError(
            f"features/{settings.name}.yaml: no term of {settings.columns[number]} is used by {settings.min_users} "
            f"users or more before {before:%Y-%m-%d}, the first cut-off. Write a smaller min_users, or choose a later "
            "cut-off."
        )
    names = [term for term, _ in frequent]
    counter = new_counter(settings.terms, names)
    counts = vstack([_count_terms(counter, texts) for texts in _read_column(connection, number)], format="csr")
    weights = weigh_rarity(n_users, np.array([users for _, users in frequent]))
    return learn_factors(counts, names, weights, dimensions=settings.dimensions)


def _read_column(connection: duckdb.DuckDBPyConnection, number: int) -> Iterator[pa.Array]:
    """Yield the texts of a column, of those users who have any."""
    query = f"SELECT text_{number}_0 FROM texts WHERE text_{number}_0 IS NOT NULL ORDER BY user_id"
    for batch in connection.sql(query).to_arrow_reader(_BATCH_USERS):
        yield batch.column(0)


def _texts_sql(
    spec: FeatureSpec, table: Sequence[Path], *, cutoff: datetime, windows: Sequence[timedelta | None]
) -> str:
    """Return a query for user_id and the texts of each column, and of each window if there are windows."""
    settings, method = spec.settings, spec.table.method
    assert isinstance(settings, TextFeatures)
    user, time = quote_name(method.user), quote_name(method.time or "")
    columns = [(number, quote_name(column)) for number, column in enumerate(settings.columns)]
    if not windows:
        selected = "".join(f", {column} AS text_{number}_0" for number, column in columns)
        rows = latest_rows(method, table, cutoff, where=settings.where)
        return f"SELECT {user} AS user_id{selected} FROM ({rows})"
    starts = [None if window is None else quote_instant(cutoff - window) for window in windows]
    holds = ["true" if start is None else f"{time} >= {start}" for start in starts]
    selected = "".join(
        f", string_agg({column}, chr(10) ORDER BY {time}, {column}) FILTER (WHERE {hold}) AS text_{number}_{place}"
        for number, column in columns
        for place, hold in enumerate(holds)
    )
    events = events_before(method, table, cutoff, where=settings.where)
    return f"SELECT {user} AS user_id{selected} FROM ({events}) WHERE {' OR '.join(holds)} GROUP BY 1"


def new_counter(terms: Terms, known: Sequence[str] | None) -> "CountVectorizer":
    """Return what counts the terms of texts: those that are known, or all."""
    from sklearn.feature_extraction.text import CountVectorizer

    if terms == "values":
        return CountVectorizer(analyzer=split_values, vocabulary=known, dtype=np.float64)
    analyzer, runs = ("word", (1, 1)) if terms == "words" else ("char_wb", (1, 3))
    return CountVectorizer(analyzer=analyzer, ngram_range=runs, preprocessor=_plain, vocabulary=known, dtype=np.float64)


def split_values(text: str) -> list[str]:
    """Return what a list holds that is written as a text.

    >>> split_values("A;B; A"), split_values('["new york", "Rome"]'), split_values("東京、大阪")
    (['a', 'b', 'a'], ['new york', 'rome'], ['東京', '大阪'])
    """
    values = (value.strip(_AROUND) for value in _BETWEEN.split(_plain(text)))
    return [value for value in values if value]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _count_terms(counter: "CountVectorizer", texts: pa.Array) -> "csr_array":
    """Return how often each text uses each known term, damped; float64 (n_users, n_terms)."""
    from scipy.sparse import csr_array

    counts = csr_array(counter.transform(texts.fill_null("").to_pylist()))
    counts.data = np.sqrt(counts.data)
    return counts
