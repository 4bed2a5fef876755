"""One door to all formats: whether one can be read, and what a value written in it is."""

from collections.abc import Sequence

from yule.downloads.formats.dates import date_sql, find_date_problem
from yule.downloads.formats.numbers import find_number_problem, number_sql
from yule.downloads.formats.words import find_words_problem, words_sql
from yule.sql.columns import ColumnType
from yule.sql.quoting import quote_text


def find_format_problem(kind: ColumnType, written: str) -> str:
    """Say why values of a type cannot be written in a format; empty when they can.

    >>> find_format_problem("date", "%d.%m.%Y"), find_format_problem("number", "1.234,5 €")
    ('', '')
    >>> find_format_problem("string", "%d.%m.%Y")
    'a string is read as it is written; drop this'
    """
    match kind:
        case "date" | "timestamp":
            return find_date_problem(written)
        case "number" | "integer":
            return find_number_problem(written)
        case "boolean":
            return find_words_problem(written)
        case _:
            return f"a {kind} is read as it is written; drop this"


def written_sql(kind: ColumnType, written: str, value: str) -> str:
    """Return a value that is written in a format as SQL; NULL where it is not.

    Parameters
    ----------
    kind
        The declared type.
    written
        A sound format of that type.
    value
        The text, as SQL; of dates also a number.
    """
    match kind:
        case "date" | "timestamp":
            return date_sql(kind, written, value)
        case "boolean":
            return words_sql(written, value)
        case _:
            return number_sql(kind, written, value)


def missing_sql(words: Sequence[str], value: str, *, is_text: bool) -> str:
    """Return a value as SQL; NULL where it is one of the words for what is missing.

    Parameters
    ----------
    words
        The words; of numbers those count that are numbers themselves.
    value
        The value, as SQL.
    is_text
        Whether it is text, and not a number.

    >>> missing_sql(("-", "n/a"), "x", is_text=True)
    "CASE WHEN trim(x) NOT IN ('-', 'n/a') THEN x END"
    >>> missing_sql(("-", "-999"), "x", is_text=False)
    'CASE WHEN x NOT IN (-999.0) THEN x END'
    """
    listed = [quote_text(word) for word in words] if is_text else [number for word in words for number in _number(word)]
    if not listed:
        return value
    asked = f"trim({value})" if is_text else value
    return f"CASE WHEN {asked} NOT IN ({', '.join(listed)}) THEN {value} END"


def _number(word: str) -> list[str]:
    try:
        return [repr(float(word))]
    except ValueError:
        return []
