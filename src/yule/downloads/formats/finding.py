"""Which format all values of a column are written in: proposed by a few of them, told by every one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from yule.downloads.formats.numbers import NumberForm, parse_number_form
from yule.downloads.formats.proposing import Reading, propose_readings
from yule.downloads.formats.reading import missing_sql, written_sql
from yule.downloads.formats.words import PAIRS, UNKNOWN
from yule.sql.columns import SQL_TYPES, ColumnType
from yule.sql.quoting import quote_name, quote_text

MAX_ODD = 0.25
"""A column is told to be nearly of a type if no greater share of its values is written in another way."""

N_SAMPLE = 1000
"""Rows that are asked first: what many of them are not, the column is not."""

_PLAIN: dict[ColumnType, tuple[str, str]] = {
    "number": (r"[+-]?(0|[1-9][0-9]*)?([.][0-9]*)?([eE][+-]?[0-9]+)?", "DOUBLE"),
    "boolean": ("(?i)true|false", "BOOLEAN"),
    "date": ("[0-9]{4}-[0-9]{2}-[0-9]{2}", "DATE"),
    "timestamp": ("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9:]+)?", "TIMESTAMPTZ"),
}
"""How values look that need no format, and what they convert to. ``007`` is no number: its zeros mean something."""

_READ_AS_BOOLEAN = {("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f")}
"""Pairs of words that a boolean is read from without a format."""

_OF_TIME = re.compile(r"date|time(?!s)|_at$|_on$|_ts$|datum|fecha|日|created|updated|birth|\bdob\b", re.IGNORECASE)
"""Names of columns whose numbers may count days or seconds."""

_COUNTED = (("excel", 20_000, 80_000), ("unix", 8e8, 2.2e9), ("unix_ms", 8e11, 2.2e12))
"""Formats of dates as numbers, and the least and greatest number that is one: 1954 to 2119, 1995 to 2039."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """How the values of a column can be read.

    Parameters
    ----------
    readings
        All ways that fit every value; several where day and month can be mistaken. Empty: it is text.
    instead
        Another way to read all numbers, with what parts thousands as the decimal mark or the other way round; None if
        the values tell.
    nearly
        A way that fits most values; None when there is none.
    n_odd, odd, odd_row
        How many values do not fit it, the first of them, and its row.
    """

    readings: tuple[Reading, ...] = ()
    instead: Reading | None = None
    nearly: Reading | None = None
    n_odd: int = 0
    odd: str = ""
    odd_row: int = 0


def find_readings(connection: duckdb.DuckDBPyConnection, table: str, name: str) -> Found:
    """Find out how all values of a column of text can be read.

    Parameters
    ----------
    connection
        The database.
    table
        Name of its table, whose rows are numbered by ``rowid``.
    name
        Name of the column; its values are text.
    """
    pair = _find_pair(connection, table, name)
    if pair is not None:
        return Found(readings=(pair,))
    missing = _find_missing(connection, table, name)
    text = missing_sql(missing, quote_name(name), is_text=True) if missing else quote_name(name)
    tests = _list_tests(connection, table, text, missing)
    if not tests:
        return Found()
    n_filled, counts = _count(connection, table, text, list(tests.values()))
    fitting = [reading for reading, n_odd in zip(tests, counts, strict=True) if not n_odd]
    if fitting:
        readings = _settle(connection, table, name, text, fitting)
        return Found(readings=readings, instead=_find_instead(readings[0], fitting))
    n_odd, nearly = min(zip(counts, tests, strict=True), key=lambda pair: pair[0])
    if n_odd > MAX_ODD * n_filled:
        return Found()
    sql = f"SELECT {text}, rowid + 1 FROM {table} WHERE {tests[nearly]} ORDER BY rowid LIMIT 1"
    ((odd, row),) = connection.execute(sql).fetchall()
    return Found(nearly=nearly, n_odd=n_odd, odd=odd, odd_row=row)


def find_counted(connection: duckdb.DuckDBPyConnection, table: str, name: str, reading: Reading) -> Reading:
    """Return how numbers can be read: as dates if all of them are, else as they were.

    Parameters
    ----------
    connection, table, name
        See :func:`find_readings`; the values may also be numbers.
    reading
        How they can be read as numbers.
    """
    number = f"CAST({reading_sql(reading, quote_name(name))} AS DOUBLE)"
    ((least, greatest, are_whole),) = connection.execute(
        f"SELECT min({number}), max({number}), bool_and({number} = floor({number})) FROM {table}"
    ).fetchall()
    if least is None or least == greatest:
        return reading
    if are_whole and least >= 19_000_101 and greatest <= 21_001_231:
        day = Reading(type="date", format="%Y%m%d", missing=reading.missing)
        whole = f"CAST({number} AS BIGINT)"
        _, (n_odd,) = _count(connection, table, number, [_is_odd(day, whole)])
        return day if not n_odd else reading
    for written, first, last in _COUNTED:
        if _OF_TIME.search(name) and first <= least and greatest <= last:
            kind: ColumnType = "date" if written == "excel" and are_whole else "timestamp"
            return Reading(type=kind, format=written, missing=reading.missing)
    return reading


def reading_sql(reading: Reading, value: str) -> str:
    """Return a value, of text or of a type of its own, in the way it can be read, as SQL."""
    text = missing_sql(reading.missing, value, is_text=True) if reading.missing else value
    if reading.format:
        return written_sql(reading.type, reading.format, text)
    return f"CAST({text} AS {SQL_TYPES[reading.type]})"


def _find_pair(connection: duckdb.DuckDBPyConnection, table: str, name: str) -> Reading | None:
    """Return how a column of two words for yes and no, and maybe one for what is missing, is read."""
    value = quote_name(name)
    sql = f"SELECT DISTINCT {value} FROM {table} WHERE {value} IS NOT NULL LIMIT 4"
    words = {str(word).strip().lower(): str(word).strip() for (word,) in connection.execute(sql).fetchall()}
    for yes, no in PAIRS if 2 <= len(words) <= 3 else ():
        others = [word for plain, word in words.items() if plain not in (yes, no)]
        if yes in words and no in words and all(word.lower() in UNKNOWN for word in others):
            written = "" if (yes, no) in _READ_AS_BOOLEAN else f"{words[yes]}/{words[no]}"
            return Reading(type="boolean", format=written, missing=tuple(others))
    return None


def _find_missing(connection: duckdb.DuckDBPyConnection, table: str, name: str) -> tuple[str, ...]:
    """Return the words of a column that say that a value is not known, as they are written."""
    value, words = f"trim({quote_name(name)})", ", ".join(quote_text(word) for word in UNKNOWN)
    longest = max(map(len, UNKNOWN))
    sql = f"SELECT DISTINCT {value} FROM {table} WHERE length({value}) <= {longest} AND lower({value}) IN ({words})"
    return tuple(sorted(str(word) for (word,) in connection.execute(sql).fetchall()))


def _list_tests(
    connection: duckdb.DuckDBPyConnection, table: str, text: str, missing: tuple[str, ...]
) -> dict[Reading, str]:
    """Return the readings that most values of a sample fit, each with its condition for values that do not."""
    proposed = _propose(connection, table, text)
    # 20240131 is a number, too.
    compact = [reading for reading in proposed if reading.format.startswith("%Y%m%d")]
    others = [reading for reading in proposed if reading not in compact]
    readings = [*compact, *(Reading(type=kind) for kind in _PLAIN), *others]
    tests = {replace(reading, missing=missing): _is_odd(reading, text) for reading in readings}
    ((n_rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    sample = f"(SELECT * FROM {table} WHERE rowid % {max(1, n_rows // N_SAMPLE)} = 0)"
    n_filled, counts = _count(connection, sample, text, list(tests.values()))
    kept = zip(tests.items(), counts, strict=True)
    return {reading: test for (reading, test), n_odd in kept if n_filled and n_odd <= (MAX_ODD + 0.05) * n_filled}


def _propose(connection: duckdb.DuckDBPyConnection, table: str, text: str) -> list[Reading]:
    """Return what the longest, the shortest, the first and the last value by the alphabet may be written in."""
    asked = f"arg_max({text}, length({text})), arg_min({text}, length({text})), min({text}), max({text})"
    (values,) = connection.execute(f"SELECT {asked} FROM {table}").fetchall()
    proposed = (reading for value in values if value is not None for reading in propose_readings(value))
    return list(dict.fromkeys(proposed))


def _is_odd(reading: Reading, text: str) -> str:
    """Return the condition that a value is there and cannot be read so, as SQL."""
    if reading.format:
        return f"{text} IS NOT NULL AND {written_sql(reading.type, reading.format, text)} IS NULL"
    pattern, sql_type = _PLAIN[reading.type]
    is_one = f"regexp_full_match({text}, '{pattern}') AND TRY_CAST({text} AS {sql_type}) IS NOT NULL"
    return f"{text} IS NOT NULL AND NOT ({is_one})"


def _count(
    connection: duckdb.DuckDBPyConnection, table: str, text: str, conditions: Sequence[str]
) -> tuple[int, list[int]]:
    """Return how many values there are, and for how many each condition is true."""
    counts = "".join(f", count(*) FILTER (WHERE {condition})" for condition in conditions)
    ((n_filled, *found),) = connection.execute(f"SELECT count({text}){counts} FROM {table}").fetchall()
    return int(n_filled), [int(count) for count in found]


def _settle(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, text: str, fitting: Sequence[Reading]
) -> tuple[Reading, ...]:
    """Return of several ways to read all values the likeliest, or all where day and month can be mistaken."""
    first = fitting[0]
    if first.type == "number" and not first.format:
        return (find_counted(connection, table, name, first),)
    if first.type not in ("date", "timestamp") or not first.format or first.format.startswith("%Y"):
        return (first,)
    dates = [reading for reading in fitting if reading.type == first.type and reading.format]
    told = [replace(one, format=one.format + _find_century(connection, table, text, one)) for one in dates]
    # Names in full and cut short are the same in May.
    return tuple({reading.format.replace("%B", "%b"): reading for reading in reversed(told)}.values())[::-1]


def _find_instead(chosen: Reading, fitting: Sequence[Reading]) -> Reading | None:
    """Return how else numbers can be read: 1.234 is a thousand to some, and one and a bit to others."""
    if chosen.type != "number":
        return None
    form = parse_number_form(chosen.format or NumberForm().written)
    for reading in fitting:
        other = parse_number_form(reading.format) if reading.type == "number" and reading.format else None
        if form and other and (other.decimal == form.thousands or other.thousands == form.decimal):
            return reading
    return None


def _find_century(connection: duckdb.DuckDBPyConnection, table: str, text: str, reading: Reading) -> str:
    """Return of which hundred years the years of two digits are, as part of a format; empty where %y alone says so.

    On the circle of a hundred years the widest gap lies between the last year and the first; what is to come goes into
    its first half. The last year is the latest before 2040.
    """
    if "%y" not in reading.format:
        return ""
    year = f"year({written_sql(reading.type, reading.format, text)}) % 100"
    rows = connection.execute(f"SELECT DISTINCT {year} FROM {table} WHERE {text} IS NOT NULL").fetchall()
    found = sorted(row[0] for row in rows)
    gap, last = max(
        (later - earlier, earlier) for earlier, later in zip(found, [*found[1:], found[0] + 100], strict=True)
    )
    until = (2000 if last < 40 else 1900) + last + gap // 2
    is_told = all(until - (until - year) % 100 == (2000 if year < 69 else 1900) + year for year in found)
    return "" if is_told else f" until {until}"
