"""Settings of the download library: what a method gives, and where its source is."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

ColumnType: TypeAlias = Literal["string", "integer", "number", "boolean", "timestamp", "date"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a method.

    Parameters
    ----------
    name
        Name of the column, in the source and in what is downloaded.
    type
        What its values are; values of another type are an error that names them.
    meaning
        One line for the reader. Does not change the data.
    """

    name: str
    type: ColumnType
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Method:
    """One shared, named way to fetch a table: the content of ``downloads/NAME.yaml``.

    Parameters
    ----------
    name
        Name of the method: the name of its file.
    source
        Name of a source in ``project.yaml``.
    table
        Table in the source; for files a path or glob below the source's path.
    user
        Column that holds the user id.
    time
        Column that holds the time of the event, UTC; None for a table with one row per user and no time.
    columns
        The columns downloaded. ``user`` and ``time`` are among them.
    description, owner
        For the reader. They do not change the data.
    """

    name: str
    source: str
    table: str
    user: str
    time: str | None = None
    columns: tuple[Column, ...]
    description: str = ""
    owner: str = ""


@dataclass(frozen=True, kw_only=True)
class FilesSource:
    """Parquet and CSV files in a folder, read by DuckDB.

    Parameters
    ----------
    path
        Absolute path of the folder.
    """

    kind: Literal["files"] = "files"
    path: str


SourceSettings: TypeAlias = FilesSource


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """A method and the version of the data behind it: all that decides what a download holds.

    Parameters
    ----------
    method
        The method.
    data_version
        Fingerprint of the source's data (see :meth:`yule.downloads.protocol.Source.data_version`).
    """

    method: Method
    data_version: str
