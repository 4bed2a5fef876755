"""Start a method: its file, with the columns that the source has."""

import re
from collections.abc import Mapping
from pathlib import Path

from yule.config.projects import Project
from yule.core.errors import DataError
from yule.core.files import write_whole
from yule.downloads.settings import Method
from yule.downloads.sources.engines import open_source
from yule.sql.columns import ColumnType

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
    columns = open_source(project.sources[source], cache_folder=None).describe(method).columns
    types = {column: guess_type(kind) for column, kind in columns.items()}
    for wanted in (user, time):
        if wanted is not None and wanted not in types:
            raise DataError(f"{table} has no column {wanted!r}; it has {', '.join(types)}.")
    text = _write(source, table, types, user or _guess_user(table, types), time or _guess_time(types))
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


def _write(source: str, table: str, types: Mapping[str, ColumnType], user: str, time: str | None) -> str:
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
    lines += ["columns:", *(f"  {quote(column)}: {{type: {kind}, meaning: ''}}" for column, kind in types.items())]
    return "\n".join(lines) + "\n"
