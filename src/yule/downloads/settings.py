"""Settings of the download library: what a method gives, and where its source is."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Literal, TypeAlias

from yule.core.settings import ADDED
from yule.downloads.keeping.rows.expectations import Checks
from yule.sql.columns import ColumnType

Pii: TypeAlias = Literal["no", "deny", "hash"]
Engine: TypeAlias = Literal["bigquery", "duckdb", "postgres", "snowflake"]
ParameterValue: TypeAlias = str | int | float | bool | date | datetime

DAY = timedelta(days=1)


def start_of_day(day: date) -> datetime:
    """Return the midnight, in UTC, at which a day begins.

    >>> start_of_day(date(2024, 2, 29)).isoformat()
    '2024-02-29T00:00:00+00:00'
    """
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


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
    pii
        Whether it says who a person is. ``deny``: it is fetched only when it is asked for by name. ``hash``: so is
        it, and what is fetched is a digest of each value.
    since, until
        The half-open period in which every row has it. A file may lack it if its rows are of other times; there it is
        missing. None for no bound.
    format
        How its values are written where the type alone does not tell: of dates such as ``%d.%m.%Y``, ``excel``,
        ``unix``, ``unix_ms`` or ``japanese``; of numbers as 1234.5 is, ``1.234,5 €``; of truths the words, ``ja/nein``.
        Empty: as the type is read. Values that have a type of their own need none.
    missing
        Words, or numbers, that stand for a value that is not known.
    """

    name: str
    type: ColumnType
    meaning: str = ""
    pii: Pii = "no"
    since: datetime | None = field(default=None, metadata=ADDED)
    until: datetime | None = field(default=None, metadata=ADDED)
    format: str = field(default="", metadata=ADDED)
    missing: tuple[str, ...] = field(default=(), metadata=ADDED)

    @property
    def is_dated(self) -> bool:
        """Whether it came or went over the time."""
        return self.since is not None or self.until is not None


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A value that the SQL of a method takes as ``@name``.

    Parameters
    ----------
    type
        What it is.
    value
        The value unless the caller gives another, as text; dates and timestamps in ISO 8601.
    meaning
        One line for the reader.
    """

    type: ColumnType
    value: str
    meaning: str = ""

    def parse(self) -> ParameterValue:
        """Return the value in its type.

        Raises
        ------
        ValueError
            If the text is none of its type.
        """
        match self.type:
            case "integer":
                return int(self.value)
            case "number":
                return float(self.value)
            case "boolean" if self.value in ("true", "false"):
                return self.value == "true"
            case "boolean":
                raise ValueError(f"{self.value!r} is neither true nor false")
            case "date":
                return date.fromisoformat(self.value)
            case "timestamp":
                instant = datetime.fromisoformat(self.value)
                return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
            case _:
                return self.value


def write_value(value: object) -> str:
    """Write a value as the text that :meth:`Parameter.parse` reads.

    >>> write_value(True), write_value(1.5), write_value(date(2024, 1, 1))
    ('true', '1.5', '2024-01-01')
    """
    if isinstance(value, date):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, kw_only=True)
class Days:
    """That a table grows by the day, and is fetched and kept by the day.

    Parameters
    ----------
    since
        The first day.
    late_days
        For how many days after its end rows may still come to a day. So long it is fetched again.
    column
        Column of dates by which the source is partitioned, if it is not the time itself: the source reads only
        the days it needs. Rows of an instant are looked for from the day before it until ``late_days`` after it.
    rewritten
        What happens when the source wrote to days after they were final. ``warn``: it is told. ``refresh``: they are
        fetched anew before a run. Does not change the data.
    """

    since: date
    late_days: int = 0
    column: str | None = None
    rewritten: Literal["warn", "refresh"] = field(default="warn", metadata=ADDED)


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
        Table in the source; of files their name without suffix, or a path or glob below the source's path. Empty
        when there is ``sql``.
    sql
        SQL by the engine it is written for, of ``NAME.sql`` (``bigquery``) and ``NAME.ENGINE.sql``.
    parameters
        What the SQL takes.
    user
        Column that holds the user id; of a table of items, the item's.
    about
        What a row tells of: ``users``, or ``items`` that are put beside the events that name them.
    time
        Column that holds the time of the event; None for a table with one row per user and no time.
    time_zone
        Time zone of times that do not say theirs. Downloaded times are in UTC.
    encoding
        Of CSV files without a mark that says theirs; empty for UTF-8.
    days
        How it grows; None for a table that is fetched whole.
    columns
        The columns there are. ``user`` and ``time`` are among them.
    max_bytes
        The most that the source may read for one fetch; None for no limit of its own. Does not change the data.
    description, owner
        For the reader. They do not change the data.
    checks
        What is expected of the data before they are let in; None for nothing. Does not change the data.
    warn_after
        How long its source may not be written to before it is called stale; None for no limit. Does not change the
        data.
    """

    name: str
    source: str
    table: str = ""
    sql: dict[Engine, str] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    user: str
    about: Literal["users", "items"] = "users"
    time: str | None = None
    time_zone: str = "UTC"
    encoding: str = field(default="", metadata=ADDED)
    days: Days | None = None
    columns: tuple[Column, ...]
    max_bytes: int | None = None
    description: str = ""
    owner: str = ""
    checks: Checks | None = field(default=None, metadata=ADDED)
    warn_after: timedelta | None = field(default=None, metadata=ADDED)

    @property
    def personal(self) -> frozenset[str]:
        """The names of the columns that say who a person is: no message gives a value of theirs as an example."""
        return frozenset(column.name for column in self.columns if column.pii != "no")

    @property
    def parameter_types(self) -> dict[str, ColumnType]:
        """The types of all parameters that its SQL may use, ``since`` and ``until`` first."""
        given: dict[str, ColumnType] = {"since": "timestamp", "until": "timestamp"}
        return given | {name: parameter.type for name, parameter in self.parameters.items()}

    @property
    def tells_days(self) -> bool:
        """Whether its time is a date: what happened at which hour is not known."""
        return any(column.name == self.time and column.type == "date" for column in self.columns)

    def column(self, name: str) -> Column:
        """Return a column by its name; it must be there."""
        return next(column for column in self.columns if column.name == name)

    def with_columns(self, names: Collection[str] = ()) -> "Method":
        """Return the method with just the columns to fetch; those of user and time always come along.

        Parameters
        ----------
        names
            The columns that are wanted, in capitals or small letters, as SQL reads them; empty for all that say
            nothing of who a person is.
        """
        keys, wanted = (self.user, self.time), {name.casefold() for name in names}
        return replace(
            self,
            columns=tuple(
                column
                for column in self.columns
                if column.name in keys or (column.name.casefold() in wanted if names else column.pii == "no")
            ),
        )

    def without_notes(self) -> "Method":
        """Return the method without what is for the reader and does not change the data."""
        return replace(
            self,
            columns=tuple(replace(column, meaning="") for column in self.columns),
            parameters={name: replace(parameter, meaning="") for name, parameter in self.parameters.items()},
            max_bytes=None,
            description="",
            owner="",
            days=replace(self.days, rewritten="warn") if self.days else None,
            checks=None,
            warn_after=None,
        )


@dataclass(frozen=True, kw_only=True)
class FilesSource:
    """Parquet and CSV files in a folder, read by DuckDB.

    Of every kind of source the settings tell whether it ``is_of_this_machine``: made of files, which no other machine
    can read; and its ``origin``.

    Parameters
    ----------
    path
        Absolute path of the folder.
    """

    kind: Literal["files"] = "files"
    path: str

    is_of_this_machine: ClassVar[bool] = True

    @property
    def origin(self) -> str:
        """What tells the place of its tables apart from others."""
        return self.path


@dataclass(frozen=True, kw_only=True)
class DuckDBSource:
    """Tables and views of a DuckDB database in one file.

    Parameters
    ----------
    path
        Absolute path of the file.
    """

    kind: Literal["duckdb"] = "duckdb"
    path: str

    is_of_this_machine: ClassVar[bool] = True

    @property
    def origin(self) -> str:
        """What tells the place of its tables apart from others."""
        return self.path


@dataclass(frozen=True, kw_only=True)
class PostgresSource:
    """A PostgreSQL database.

    Parameters
    ----------
    address
        ``postgresql://HOST:PORT/DATABASE``, without name and password: they come from ``PGUSER``, ``PGPASSWORD`` or
        ``~/.pgpass``, as for every client.
    """

    kind: Literal["postgres"] = "postgres"
    address: str

    is_of_this_machine: ClassVar[bool] = False

    @property
    def origin(self) -> str:
        """What tells the place of its tables apart from others."""
        return self.address


@dataclass(frozen=True, kw_only=True)
class BigQuerySource:
    """Tables of BigQuery. The login is that of Google's clients (application default credentials).

    Parameters
    ----------
    project
        The Google Cloud project that is billed.
    location
        Where its data are, e.g. ``EU``; None to let BigQuery find out.
    dataset
        Data set of tables that are named without one; None when all are named with theirs.
    export
        ``gs://bucket/prefix`` that large results are exported to and read from; None to read them all directly.
    """

    kind: Literal["bigquery"] = "bigquery"
    project: str
    location: str | None = None
    dataset: str | None = None
    export: str | None = None

    is_of_this_machine: ClassVar[bool] = False

    @property
    def origin(self) -> str:
        """What tells the place of its tables apart from others, whoever is billed."""
        place = self.dataset or self.project
        return place if "." in place else f"{self.project}.{place}"


@dataclass(frozen=True, kw_only=True)
class SnowflakeSource:
    """A database of Snowflake.

    The login comes from ``SNOWFLAKE_USER`` with ``SNOWFLAKE_PRIVATE_KEY_FILE`` or ``SNOWFLAKE_PASSWORD``.

    Parameters
    ----------
    account
        The account's identifier, e.g. ``acme-eu1``.
    database
        The database.
    schema
        Schema of tables that are named without one.
    warehouse
        Warehouse that queries run on, and that is billed; None for that of the user.
    role
        Role to take; None for that of the user.
    """

    kind: Literal["snowflake"] = "snowflake"
    account: str
    database: str
    schema: str = "PUBLIC"
    warehouse: str | None = None
    role: str | None = None

    is_of_this_machine: ClassVar[bool] = False

    @property
    def origin(self) -> str:
        """What tells the place of its tables apart from others, whoever is billed."""
        return f"{self.account} {self.database}.{self.schema}"


SourceSettings: TypeAlias = FilesSource | DuckDBSource | PostgresSource | BigQuerySource | SnowflakeSource
