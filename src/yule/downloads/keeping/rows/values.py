"""What a downloaded value may be, as SQL of DuckDB: the same for every kind of source.

A value is read from the type that its file or table gives it (its kind, a type of DuckDB) into the type that is
declared. What has no place there is a misfit: nothing is rounded, cut or guessed. ``docs/downloads/index.md`` has the
table of what is read from what.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from yule.downloads.formats import missing_sql, written_sql
from yule.downloads.settings import Column, Method
from yule.downloads.specs import Query
from yule.sql.columns import SQL_TYPES, ColumnType
from yule.sql.quoting import quote_instant, quote_name

LARGEST = "1e24"
"""The largest number a column may hold: sums of millionths must fit into 128 bits, features into 32-bit floats."""

EXACT = 2**53
"""Whole numbers up to this have a floating-point number of their own."""

_BITS = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64}
"""Bits of whole numbers by their type, with a sign or without: HUGEINT and others have more than 64."""

NULL = '"NULL"'
"""The kind of a column in which every value is missing, as DuckDB calls it."""

Kinds: TypeAlias = Mapping[str, str]
"""The kind of each column by its name."""

Family: TypeAlias = Literal[
    "text", "integer", "decimal", "float", "boolean", "date", "timestamp", "time", "null", "other"
]


def _pairs(kind: ColumnType, *families: Family) -> list[tuple[ColumnType, Family]]:
    return [(kind, family) for family in families]


_FAMILIES: tuple[tuple[str, Family], ...] = (
    (r"VARCHAR|JSON|ENUM\(.*\)|UUID", "text"),
    (r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER", "integer"),
    (r"DECIMAL\(.*\)", "decimal"),
    ("FLOAT|DOUBLE", "float"),
    ("BOOLEAN", "boolean"),
    ("DATE", "date"),
    ("TIMESTAMP.*", "timestamp"),
    ("TIME.*", "time"),
    (NULL, "null"),
)

_READ_FROM: dict[ColumnType, tuple[Family, ...]] = {
    "string": ("text", "integer", "decimal", "float", "boolean", "date", "time", "null"),
    "integer": ("text", "integer", "decimal", "float", "boolean", "null"),
    "number": ("text", "integer", "decimal", "float", "boolean", "null"),
    "boolean": ("text", "integer", "decimal", "float", "boolean", "null"),
    "timestamp": ("text", "date", "timestamp", "null"),
    "date": ("text", "date", "timestamp", "null"),
}

_NUMBER = "CASE WHEN NOT isnan({double}) THEN {double} + 0.0 END"
"""NaN is missing, and -0.0 becomes 0.0: they sort as equal, and the order of equal rows would show in the bytes."""

_TYPED: dict[tuple[ColumnType, Family], str] = {
    **dict.fromkeys(_pairs("string", "float", "decimal"), "CAST(TRY_CAST({name} AS HUGEINT) AS VARCHAR)"),
    **dict.fromkeys(_pairs("number", "text", "float"), _NUMBER),
    **dict.fromkeys(
        _pairs("boolean", "integer", "decimal", "float"), "CASE {name} WHEN 1 THEN true WHEN 0 THEN false END"
    ),
    ("boolean", "text"): (
        "CASE WHEN lower(trim({name})) IN ('true', 't', 'yes', 'y', '1', '1.0') THEN true "
        "WHEN lower(trim({name})) IN ('false', 'f', 'no', 'n', '0', '0.0') THEN false END"
    ),
}
"""Values in their declared type, where a cast alone is not it."""

_IS_FRACTION = "{name} <> floor({name})"
_IS_DAY = r"\s*[0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}([T ]0?0:00(:00([.]0+)?)?)?\s*"

_WRONG: dict[tuple[ColumnType, Family], str] = {
    **dict.fromkeys(_pairs("string", "float"), f"{_IS_FRACTION} OR abs({{name}}) > {EXACT}"),
    **dict.fromkeys(_pairs("integer", "float"), f"{_IS_FRACTION} OR abs({{name}}) > {EXACT}"),
    ("string", "decimal"): _IS_FRACTION,
    ("integer", "decimal"): _IS_FRACTION,
    ("integer", "text"): (
        "CASE WHEN CAST({typed} AS VARCHAR) <> {name} THEN NOT isnan({double}) AND {typed} <> {double} "
        "OR {double} IS NULL OR contains({name}, '_') "
        "OR contains({name}, '.') AND NOT regexp_full_match({name}, '[^.]*[.]0*\\s*') ELSE false END"
    ),
    ("number", "text"): "contains({name}, '_')",
    # DuckDB takes other things for times, too, such as "epoch" and "2024 01 02"; BST is the time of Dhaka to it.
    ("timestamp", "text"): (
        "substr(ltrim({name}), 5, 1) NOT IN ('-', '/') OR regexp_matches({name}, '[A-Za-z]\\s*$') AND NOT "
        "regexp_matches({name}, '([0-9]\\s*[Zz]|[0-9 ](?i:UTC|GMT)|[A-Za-z]/[A-Za-z_/]+)\\s*$')"
    ),
    ("date", "text"): f"NOT regexp_full_match({{name}}, '{_IS_DAY}')",
    ("date", "timestamp"): "CAST({typed} AS TIMESTAMP) <> CAST({name} AS TIMESTAMP)",
}
"""Which values that can be cast have no exact counterpart in the declared type all the same."""

_ROUNDED: dict[Family, str] = {
    "integer": "true",
    "decimal": "{name} = floor({name})",
    "text": r"regexp_full_match({name}, '\s*[+-]?[0-9]+\s*')",
}
"""Which values are whole numbers, that a floating-point number may not equal."""


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """A way in which values may not be what is declared.

    Parameters
    ----------
    column
        Name of the column.
    condition
        True for rows at fault, as SQL.
    text
        How to say it behind a number of rows.
    """

    column: str
    condition: str
    text: str


def find_family(kind: str) -> Family:
    """Return what sort of values a type of DuckDB has.

    >>> find_family("DECIMAL(18,3)"), find_family("TIMESTAMP_NS"), find_family("INTEGER[]")
    ('decimal', 'timestamp', 'other')
    """
    if kind.endswith("]"):
        return "other"
    return next((family for pattern, family in _FAMILIES if re.fullmatch(pattern, kind)), "other")


def typed_sql(column: Column, kind: str) -> str:
    """Return a column in its declared type as SQL; NULL where a value has none, which is a misfit."""
    family, sql_type = find_family(kind), SQL_TYPES[column.type]
    if is_written(column, family):
        value = _name_sql(column, kind)
        if family in ("decimal", "float") and "%" in column.format:
            value = f"CASE WHEN {value} = floor({value}) THEN TRY_CAST({value} AS HUGEINT) END"
        return written_sql(column.type, column.format, value)
    if family not in _READ_FROM[column.type]:
        return f"CAST(NULL AS {sql_type})"
    template = _TYPED.get((column.type, family), "TRY_CAST({name} AS {type})")
    return template.format(name=_name_sql(column, kind), type=sql_type, double=_double_sql(column, kind))


def is_written(column: Column, family: Family) -> bool:
    """Say whether the format of a column decides what its values are: of text, and of dates that are numbers.

    >>> day = Column(name="day", type="date", format="%Y%m%d")
    >>> is_written(day, "text"), is_written(day, "integer"), is_written(day, "date")
    (True, True, False)
    """
    is_number = family in ("integer", "decimal", "float") and column.type in ("date", "timestamp")
    return bool(column.format) and (family == "text" or is_number)


def cut_sql(value: str, kind: str) -> str:
    """Return a time of nanoseconds cut to microseconds, as SQL; any other value as it is.

    A cast would round: the last nanosecond of a day would be on the next one.

    >>> cut_sql("at", "TIMESTAMP")
    'at'
    """
    if kind not in ("TIMESTAMP_NS", "TIMESTAMPTZ_NS"):
        return value
    cut = f"make_timestamp((epoch_ns({value}) - (epoch_ns({value}) % 1000 + 1000) % 1000) // 1000)"
    return f"({cut} AT TIME ZONE 'UTC')" if kind == "TIMESTAMPTZ_NS" else cut


def text_sql(name: str) -> str:
    """Return a column as text, as SQL."""
    return f"CAST({quote_name(name)} AS VARCHAR)"


def value_sql(method: Method, column: Column, kind: str) -> str:
    """Return the value that is downloaded as SQL; ``$pii_key`` is the key of digests.

    A digest is that of HMAC's nested form: nobody without the key can find a value by trying all.
    """
    value = typed_sql(column, kind)
    if column.name == method.user:
        value = f"CAST({value} AS VARCHAR)"
    if column.pii == "hash":
        value = f"sha256($pii_key || sha256($pii_key || {value}))"
    return value


def find_misfits(method: Method, column: Column, kind: str) -> Iterator[Misfit]:
    """Yield what can be wrong with the values of a column."""
    family, typed, name = find_family(kind), typed_sql(column, kind), _name_sql(column, kind)
    if family not in _READ_FROM[column.type] and not is_written(column, family):
        text = f"are of type {kind.lower()} in {column.name}, which is read as no {column.type}"
        yield Misfit(column=column.name, condition=f"{name} IS NOT NULL", text=text)
        return
    words = {"name": name, "typed": typed, "double": _double_sql(column, kind)}
    # NaN is how pandas writes missing numbers.
    is_nan = "false"
    if family == "float":
        is_nan = f"isnan({name})"
    elif family == "text" and column.type in ("integer", "number"):
        is_nan = f"coalesce(isnan({words['double']}), false)"
    wrong, how = _WRONG.get((column.type, family), "false").format(**words), ""
    if is_written(column, family):
        wrong, how = "false", f", written as {column.format}"
    if (column.type, family) != ("number", "integer"):  # each has a number that is near
        condition = f"({name} IS NOT NULL AND {typed} IS NULL OR {wrong}) AND NOT {is_nan}"
        yield Misfit(column=column.name, condition=condition, text=f"have no {column.type} in {column.name}{how}")
    if column.type in ("timestamp", "date"):
        yield from _find_far(column, typed)
    n_bits = _BITS.get(kind.removeprefix("U"), 128)
    if column.type == "number" and n_bits > 64:
        text = f"are beyond {LARGEST} in {column.name}"
        yield Misfit(column=column.name, condition=f"abs({typed}) > {LARGEST}", text=text)
    if column.type == "number" and family in _ROUNDED and n_bits > 32 and not is_written(column, family):
        is_large = f"abs({typed}) BETWEEN {EXACT} AND {LARGEST}"
        if n_bits == 64:
            is_large = f"{name} NOT BETWEEN {1 - EXACT} AND {EXACT - 1}"
        yield _find_rounded(column, is_large, _ROUNDED[family].format(**words), name=name, typed=typed)
    if column.name in (method.user, method.time):
        what = method.about.removesuffix("s") if column.name == method.user else "time"
        missing = f"{name} IS NULL OR {is_nan}" + (f" OR {name} = ''" if family == "text" else "")
        yield Misfit(column=column.name, condition=missing, text=f"have no {what} in {column.name}")


def _find_far(column: Column, typed: str) -> Iterator[Misfit]:
    """Yield what is wrong with times that no calendar of ours holds."""
    first, last = "0001-01-01", "9999-12-31"
    if column.type == "timestamp":
        first, last = f"{first} 00:00:00+00", f"{last} 23:59:59.999999+00"
    sql_type = SQL_TYPES[column.type]
    beyond = f"{typed} NOT BETWEEN {sql_type} '{first}' AND {sql_type} '{last}' AND NOT isinf({typed})"
    yield Misfit(column=column.name, condition=f"isinf({typed})", text=f"are infinite in {column.name}")
    yield Misfit(
        column=column.name, condition=beyond, text=f"are before the year 1 or after the year 9999 in {column.name}"
    )


def _find_rounded(column: Column, is_large: str, is_whole: str, *, name: str, typed: str) -> Misfit:
    """Return what is wrong with whole numbers that no floating-point number equals."""
    differs = f"{is_whole} AND TRY_CAST({name} AS HUGEINT) <> TRY_CAST({typed} AS HUGEINT)"
    return Misfit(
        column=column.name,
        condition=f"CASE WHEN {is_large} THEN {differs} ELSE false END",
        text=f"would be rounded in {column.name}, which is a number (declare it as an integer or a string)",
    )


def _name_sql(column: Column, kind: str) -> str:
    """Return the value in the source as SQL; NULL where it is a word for what is missing.

    What has a type of its own but is text to us is text.
    """
    family = find_family(kind)
    value = text_sql(column.name) if family == "text" and kind != "VARCHAR" else cut_sql(quote_name(column.name), kind)
    if column.missing and family in ("text", "integer", "decimal", "float"):
        return missing_sql(column.missing, value, is_text=family == "text")
    return value


def _double_sql(column: Column, kind: str) -> str:
    return f"TRY_CAST({_name_sql(column, kind)} AS DOUBLE)"


def period_sql(query: Query, kinds: Kinds) -> str:
    """Return the condition for rows of the asked-for period and users as SQL; ``$users`` is the list of users."""
    method = query.method
    conditions = ["true"]
    if method.time is not None:
        time = f"CAST({typed_sql(method.column(method.time), kinds[method.time])} AS TIMESTAMPTZ)"
        conditions += [f"{time} >= {quote_instant(query.since)}"] if query.since else []
        conditions += [f"{time} < {quote_instant(query.until)}"] if query.until else []
    if query.users is not None:
        user = typed_sql(method.column(method.user), kinds[method.user])
        conditions.append(f"CAST({user} AS VARCHAR) IN (SELECT unnest($users))")
    return " AND ".join(conditions)
