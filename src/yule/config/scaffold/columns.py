"""What the columns of a table are: their types and formats, and which of them say something about a user."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from yule.config.scaffold.contents import find_terms
from yule.downloads.settings import DAY
from yule.features.settings import Terms
from yule.sql.columns import ColumnType

if TYPE_CHECKING:
    import duckdb

    from yule.downloads.formats.finding import Found
    from yule.downloads.formats.proposing import Reading

MANY_VALUES = 20
"""Text with more values than this, most of them in one row only, is an id or a free text: no feature."""

LAST_DATE = date(2200, 1, 1)
"""Later dates stand for "never" and the like."""


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """A column of a person's table.

    Parameters
    ----------
    name
        Its name.
    reading
        What its values are, and how they are written.
    choices
        How else they may be read, where day and month can be mistaken; the column is left out until somebody says.
    instead
        How else numbers may be read, where their values do not tell thousands from decimals; None if they do.
    remark
        What to know of it, in a sentence; empty when there is nothing.
    left_out
        Why it is no feature; empty when it is one.
    terms
        What its texts are made of; None of all that is taken as it is.
    """

    name: str
    reading: "Reading"
    choices: "tuple[Reading, ...]" = ()
    instead: "Reading | None" = None
    remark: str = ""
    left_out: str = ""
    terms: Terms | None = None

    @property
    def type(self) -> ColumnType:
        """What its values are."""
        return self.reading.type

    @property
    def is_as_written(self) -> bool:
        """Whether the project's copy has the text as it is written, so that its format can be corrected."""
        return bool(self.reading.format or self.reading.missing or self.choices or self.instead)

    @property
    def value(self) -> str:
        """Its value in its type, as SQL."""
        from yule.downloads.formats.finding import reading_sql

        return reading_sql(self.reading, quote(self.name))

    @property
    def declaration(self) -> str:
        """How it is declared in a download, as YAML."""
        return declare(self.reading)


def declare(reading: "Reading") -> str:
    """Write how values are read as the YAML of a download.

    >>> from yule.downloads.formats.proposing import Reading
    >>> declare(Reading(type="number")), declare(Reading(type="date", format="%d.%m.%Y", missing=("-",)))
    ('number', '{type: date, format: "%d.%m.%Y", missing: ["-"]}')
    """
    from yule.config.scaffold.yaml_texts import write_text

    parts = [f"type: {reading.type}"]
    parts += [f"format: {write_text(reading.format)}"] if reading.format else []
    parts += [f"missing: [{', '.join(map(write_text, reading.missing))}]"] if reading.missing else []
    return f"{{{', '.join(parts)}}}" if len(parts) > 1 else reading.type


def find_columns(connection: "duckdb.DuckDBPyConnection", skipped: Sequence[str | None]) -> tuple[TableColumn, ...]:
    """Look at the columns of the table ``source``, but for some.

    Numbers are of type ``number`` even where they are whole: a later table may have others.
    """
    described = connection.execute("DESCRIBE source").fetchall()
    columns = [_look_at(connection, row[0], declared=row[1]) for row in described if row[0] not in skipped]
    orders = {_order(column.reading) for column in columns if not column.choices} - {""}
    return tuple(_judge(connection, _choose(column, orders)) for column in columns)


def find_infinite(connection: "duckdb.DuckDBPyConnection", columns: Iterable[TableColumn]) -> Iterator[str]:
    """Find columns with infinite numbers: no model can take them."""
    for column in columns:
        if column.type == "number" and not column.reading.format and not column.left_out:
            sql = f"SELECT count(*) FROM source WHERE isinf({column.value})"
            ((n_infinite,),) = connection.execute(sql).fetchall()
            if n_infinite:
                yield f"{n_infinite} rows are infinite in {column.name}: leave them empty, or write a large number."


def find_cutoff(connection: "duckdb.DuckDBPyConnection", columns: Iterable[TableColumn]) -> date:
    """Return a date after all dates of the table ``source``; the first day of 2000 when it has none."""
    latest = []
    for column in columns:
        if column.type in ("date", "timestamp") and not column.left_out:
            value = f"CAST({column.value} AS DATE)"
            sql = f"SELECT CAST(max({value}) AS VARCHAR) FROM source WHERE {value} < DATE '{LAST_DATE}'"
            ((found,),) = connection.execute(sql).fetchall()
            latest += [date.fromisoformat(found)] if found else []
    return max(latest) + DAY if latest else date(2000, 1, 1)


def _look_at(connection: "duckdb.DuckDBPyConnection", name: str, *, declared: str) -> TableColumn:
    """Say what the values of a column are."""
    from yule.downloads.formats.finding import find_counted, find_readings
    from yule.downloads.formats.proposing import Reading

    if declared == "VARCHAR":
        found = find_readings(connection, "source", name)
        if found.readings:
            first, *others = found.readings
            return TableColumn(
                name=name, reading=first, choices=tuple(others), instead=found.instead, remark=_tell_instead(found)
            )
        return TableColumn(name=name, reading=Reading(type="string"), remark=_tell_nearly(found))
    kind = _find_type(declared)
    if kind is None:
        reason = f"a {declared.lower()} is no feature; write it as text, or its parts as columns of their own"
        return TableColumn(name=name, reading=Reading(type="string"), left_out=reason)
    reading = Reading(type=kind)
    if kind == "number":
        reading = find_counted(connection, "source", name, reading)
    return TableColumn(name=name, reading=reading)


def _tell_instead(found: "Found") -> str:
    if found.instead is None:
        return ""
    return f"Its values do not tell thousands from decimals; if it is otherwise, write {declare(found.instead)}"


def _tell_nearly(found: "Found") -> str:
    if found.nearly is None:
        return ""
    nearly = found.nearly
    how = f" written as {nearly.format}" if nearly.format else ""
    return (
        f"{found.n_odd} of its values are no {nearly.type}{how}, the first is {found.odd!r} in row {found.odd_row}; "
        f"correct them or leave them empty to have a {nearly.type}"
    )


def _order(reading: "Reading") -> str:
    """Return the order in which a date written with numbers has its parts; empty of all else.

    >>> from yule.downloads.formats.proposing import Reading
    >>> _order(Reading(type="date", format="%d/%m/%y until 2020")), _order(Reading(type="date", format="%d %b %Y"))
    ('dmy', '')
    """
    parts = "".join(re.findall("%([dmyY])", reading.format)).lower()
    return parts if len(parts) == 3 else ""


def _choose(column: TableColumn, orders: set[str]) -> TableColumn:
    """Return a column with the order of day and month that the other columns of the table have, if they agree."""
    if not column.choices:
        return column
    ways = (column.reading, *column.choices)
    told = [way for way in ways if _order(way) in orders]
    if len(told) == 1:
        remark = f"Its days and months can be mistaken; it is read as {told[0].format}, like other dates of the table"
        return replace(column, reading=told[0], choices=(), remark=remark)
    listed = " or ".join(f"{column.name}: {declare(way)}" for way in ways)
    reason = (
        "its days and months can be mistaken, for none is above 12. Write into the download, under `columns`, "
        f"{listed}, and its name into features/profile.yaml"
    )
    return replace(column, left_out=reason)


def _judge(connection: "duckdb.DuckDBPyConnection", column: TableColumn) -> TableColumn:
    """Say why a column is no feature, if it is none."""
    if column.left_out:
        return column
    name, value = column.name, quote(column.name)
    ((n_rows, n_filled, n_values),) = connection.execute(
        f"SELECT count(*), count({value}), count(DISTINCT {value}) FROM source"
    ).fetchall()
    is_plain = column.type == "number" and not column.reading.format
    reason = ""
    if not n_filled:
        reason = "it is empty in every row"
    elif n_values + (n_filled < n_rows) == 1:
        reason = "it is the same in every row"
    elif column.type == "string" and n_values > MANY_VALUES:
        terms = find_terms(connection, value)
        if terms is not None and (terms == "values" or n_values > n_filled / 2):
            return replace(column, terms=terms, remark="")
        if n_values > n_filled / 2:
            reason = "most rows have a value of their own. To use it, make a column of few values, or numbers, of it"
    elif is_plain and n_values == n_rows > MANY_VALUES and _is_id(connection, column, n_rows):
        reason = "it numbers the rows"
    elif is_plain and (example := _find_rounded(connection, name)):
        reason = f"a number keeps some 15 digits, and {example} would be rounded. If it is an id, leave it out"
    return replace(column, left_out=reason)


def _find_type(declared: str) -> ColumnType | None:
    if re.fullmatch(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)", declared):
        return "number"
    if declared.startswith("TIMESTAMP"):
        return "timestamp"
    if declared.startswith("ENUM") or declared == "UUID":
        return "string"
    kinds: dict[str, ColumnType] = {"BOOLEAN": "boolean", "DATE": "date"}
    return kinds.get(declared)


def _is_id(connection: "duckdb.DuckDBPyConnection", column: TableColumn, n_rows: int) -> bool:
    """Say whether whole numbers, each once, count the rows or are called an id."""
    value = column.value
    ((are_whole, spread),) = connection.execute(
        f"SELECT bool_and({value} = floor({value})), max({value}) - min({value}) FROM source"
    ).fetchall()
    return bool(are_whole) and (spread == n_rows - 1 or column.name.lower().endswith("id"))


def _find_rounded(connection: "duckdb.DuckDBPyConnection", name: str) -> str:
    """Return a whole number that no 64-bit float equals; empty when there is none."""
    text = f"CAST({quote(name)} AS VARCHAR)"
    whole = f"TRY_CAST({text} AS HUGEINT)"
    is_rounded = f"regexp_full_match({text}, '[+-]?[0-9]+') AND {whole} <> TRY_CAST(CAST({whole} AS DOUBLE) AS HUGEINT)"
    ((example,),) = connection.execute(f"SELECT min({whole}) FILTER (WHERE {is_rounded}) FROM source").fetchall()
    return "" if example is None else str(example)


def quote(name: str) -> str:
    """Quote the name of a column for SQL."""
    from yule.sql.quoting import quote_name

    return quote_name(name)
