"""What a column of text is made of, if it is no category: a list of values, words, or characters without spaces."""

from collections import Counter
from typing import TYPE_CHECKING

from yule.features.settings import Terms

if TYPE_CHECKING:
    import duckdb

N_TEXTS = 20_000
"""Rows that are looked at."""

MIN_ROWS = 5
"""A term in fewer rows says nothing, as by default of a set of texts."""

MIN_TERMS = 10
"""So many terms that several rows share make a text of words; of a list two are enough."""

MIN_WORDS = 3
"""Words that a text has on average: names of people and places have fewer."""


def find_terms(connection: "duckdb.DuckDBPyConnection", value: str) -> Terms | None:
    """Say what the texts of a column are made of; None if there is nothing that several of them share.

    Parameters
    ----------
    connection
        The database with the table ``source``.
    value
        The column, as SQL.
    """
    ((n_rows,),) = connection.execute("SELECT count(*) FROM source").fetchall()
    sql = f"SELECT {value} FROM source WHERE {value} IS NOT NULL AND rowid % {max(1, n_rows // N_TEXTS)} = 0"
    texts = [str(text) for (text,) in connection.execute(sql).fetchall()]
    if _is_list(texts):
        return "values"
    n_spaces = sum(len(text.split()) for text in texts)
    if n_spaces >= MIN_WORDS * len(texts) and _count_shared(texts, "words") >= MIN_TERMS:
        return "words"
    has_no_spaces = n_spaces < 2 * len(texts) and sum(map(_is_east_asian, texts)) > len(texts) / 2
    is_long = sum(map(len, texts)) >= 8 * len(texts)
    if has_no_spaces and is_long and _count_shared(texts, "characters") >= MIN_TERMS:
        return "characters"
    return None


def _is_list(texts: list[str]) -> bool:
    """Say whether most texts hold a separator, and rows share what stands between: short values, not sentences."""
    from yule.features.embeddings.texts import split_values

    values = [split_values(text) for text in texts]
    n_values = sum(map(len, values))
    if sum(len(of_row) > 1 for of_row in values) < len(texts) / 3:
        return False
    n_words = sum(len(value.split()) for of_row in values for value in of_row)
    distinct = {value for of_row in values for value in of_row}
    return n_words < 2 * n_values and len(distinct) < n_values / 3 and _count_shared(texts, "values") >= 2


def _count_shared(texts: list[str], terms: Terms) -> int:
    """Return how many terms several texts share."""
    from yule.features.embeddings.texts import new_counter

    analyse = new_counter(terms, None).build_analyzer()
    counts = Counter(term for text in texts for term in set(analyse(text)))
    return sum(n_rows >= MIN_ROWS for n_rows in counts.values())


def _is_east_asian(text: str) -> bool:
    return any("\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" for sign in text)
