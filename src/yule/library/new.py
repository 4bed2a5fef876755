"""Start a method: its file, with the columns that the source has."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from yule.config.projects import Project
from yule.core.errors import DataError
from yule.core.files import write_whole
from yule.downloads.formats.finding import find_readings
from yule.downloads.formats.proposing import Reading
from yule.downloads.keeping.rows.streams import stream_into
from yule.downloads.settings import Column, Method
from yule.downloads.sources.engines import open_source
from yule.downloads.sources.protocol import Source
from yule.downloads.specs import Query
from yule.sql.columns import ColumnType
from yule.sql.connecting import connect

N_ROWS = 100_000
"""Rows that tell how text is written."""

_USERS = ("user", "customer", "member", "household", "client", "visitor", "account")


def write_method(project: Project, name: str, *, source: str, table: str, user: str | None, time: str | None) -> Path:
    """Write ``downloads/NAME.yaml`` for a table that is there; return the file.

    Parameters
    ----------
    project
        The project.
    name
        Name of the method.
    source, table
        Where the table is.
    user, time
        Its columns with the user and the time; None to guess.

    Raises
    ------
    DataError
        If there is a method of that name, no such source or table, or no column that may be the user.
    """
    file = project.root / "downloads" / f"{name}.yaml"
    if name in project.downloads or file.exists():
        raise DataError(f"There is a method {name} already.")
    if source not in project.sources:
        raise DataError(f"project.yaml has no source {source!r}; it has {', '.join(sorted(project.sources))}.")
    method = Method(name=name, source=source, table=table, user=user or "", columns=())
    opened = open_source(project.sources[source], cache_folder=None)
    types = {column: guess_type(kind) for column, kind in opened.describe(method).columns.items()}
    readings = _find_formats(opened, method, [column for column, kind in types.items() if kind == "string"])
    types |= {column: ways[0].type for column, ways in readings.items() if len(ways) == 1}
    for wanted in (user, time):
        if wanted is not None and wanted not in types:
            raise DataError(f"{table} has no column {wanted!r}; it has {', '.join(types)}.")
    key = user or _guess_user(table, types)
    readings.pop(key, None)
    text = _write(source, table, types, key, time or _guess_time(types), readings)
    write_whole(file, text)
    return file


def guess_type(kind: str) -> ColumnType:
    """Return the type to declare for a type of a source.

    >>> [guess_type(kind) for kind in ("bigint", "int4", "NUMERIC(10, 2)", "timestamptz", "DATE", "varchar")]
    ['integer', 'integer', 'number', 'timestamp', 'date', 'string']
    """
    kind = kind.lower()
    if "timestamp" in kind or "datetime" in kind:
        return "timestamp"
    if kind.startswith("date"):
        return "date"
    if "bool" in kind:
        return "boolean"
    if re.search(r"double|float|numeric|decimal|real", kind):
        return "number"
    return "integer" if re.match(r"(u|big|small|tiny|huge)?int(eger)?(2|4|8|16|32|64)?$", kind) else "string"


def _find_formats(source: Source, method: Method, names: Sequence[str]) -> dict[str, tuple[Reading, ...]]:
    """Return how columns of text can be read, as the first rows tell; several ways where they do not tell.

    What a later row is not is refused when it is read. Nobody is billed for a format.
    """
    if not names or not source.is_free:
        return {}
    columns = tuple(Column(name=name, type="string") for name in names)
    query = Query(method=replace(method, columns=columns), columns=tuple(names))
    with connect(n_threads=1) as connection:
        with stream_into(connection, "given", source.read(query, n_threads=1)):
            connection.execute(f"CREATE TABLE rows AS SELECT * FROM given LIMIT {N_ROWS}")
        found = {name: find_readings(connection, "rows", name).readings for name in names}
    return {name: readings for name, readings in found.items() if readings}


def _guess_user(table: str, types: Mapping[str, ColumnType]) -> str:
    for word in _USERS:
        for column, kind in types.items():
            if word in column.lower() and kind in ("string", "integer"):
                return column
    raise DataError(f"Which column of {table} is the user? Say it with --user; there are {', '.join(types)}.")


def _guess_time(types: Mapping[str, ColumnType]) -> str | None:
    return next((column for column, kind in types.items() if kind == "timestamp"), None) or next(
        (column for column, kind in types.items() if kind == "date"), None
    )


def _write(
    source: str,
    table: str,
    types: Mapping[str, ColumnType],
    user: str,
    time: str | None,
    readings: Mapping[str, tuple[Reading, ...]],
) -> str:
    def quote(text: str) -> str:
        return text if re.fullmatch(r"[A-Za-z_][\w./-]*", text) else f'"{text}"'

    lines = [
        "version: 1",
        "description: What a row is, in one line.",
        "owner: Whom to ask.",
        f"source: {source}",
        f"table: {quote(table)}",
        f"user: {quote(user)}",
    ]
    if time is not None:
        lines += [
            f"time: {quote(time)}",
            "# Does it grow by the day? Then each day is fetched once:",
            "# days: {since: 2024-01-01, late_days: 2}",
        ]
    lines += ["# Say of each column what it means, and of those that say who a person is `pii: deny` or `pii: hash`."]
    lines += ["columns:"]
    for column, kind in types.items():
        first, *others = readings.get(column, (Reading(type=kind),))
        told = "".join(f", {part}" for part in _write_format(first)) if not others else ""
        lines += [f"  {quote(column)}: {{type: {kind}{told}, meaning: ''}}"]
        ways = " or ".join(f"{{type: {way.type}, {', '.join(_write_format(way))}}}" for way in (first, *others))
        lines += [f"  # Days and months of {quote(column)} can be mistaken. Is it {ways}?"] if others else []
    return "\n".join(lines) + "\n"


def _write_format(reading: Reading) -> list[str]:
    """Return the keys that say how values are written; JSON is YAML."""
    parts = [f"format: {json.dumps(reading.format, ensure_ascii=False)}"] if reading.format else []
    return parts + ([f"missing: {json.dumps(reading.missing, ensure_ascii=False)}"] if reading.missing else [])
