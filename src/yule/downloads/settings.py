"""Settings of the download library: what a method gives, and where its source is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias

from yule.core.settings import ADDED
from yule.downloads.expectations import Checks

ColumnType: TypeAlias = Literal["string", "integer", "number", "boolean", "timestamp", "date"]
Pii: TypeAlias = Literal["no", "deny", "hash"]
Engine: TypeAlias = Literal["bigquery", "duckdb", "postgres", "snowflake"]
ParameterValue: TypeAlias = str | int | float | bool | date | datetime

DAY = timedelta(days=1)


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
    """

    name: str
    type: ColumnType
    meaning: str = ""
    pii: Pii = "no"
    since: datetime | None = field(default=None, metadata=ADDED)
    until: datetime | None = field(default=None, metadata=ADDED)

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
            The columns that are wanted; empty for all that say nothing of who a person is.
        """
        keys = (self.user, self.time)
        return replace(
            self,
            columns=tuple(
                column
                for column in self.columns
                if column.name in keys or (column.name in names if names else column.pii == "no")
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

    Parameters
    ----------
    path
        Absolute path of the folder.
    """

    kind: Literal["files"] = "files"
    path: str


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
        Schema of tables that are named without one; None for ``PUBLIC``.
    warehouse
        Warehouse that queries run on, and that is billed; None for that of the user.
    role
        Role to take; None for that of the user.
    """

    kind: Literal["snowflake"] = "snowflake"
    account: str
    database: str
    schema: str | None = None
    warehouse: str | None = None
    role: str | None = None


SourceSettings: TypeAlias = FilesSource | DuckDBSource | PostgresSource | BigQuerySource | SnowflakeSource


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked of a source.

    Parameters
    ----------
    method
        The method.
    columns
        Names of the columns that are wanted, in the order in which they are wanted.
    since, until
        Rows whose time is in the half-open period; None for no bound.
    users
        Only rows of these users; None for all.
    """

    method: Method
    columns: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None
    users: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Edition:
    """Days that were fetched anew after they had been kept, and are others now.

    Parameters
    ----------
    number
        Of two editions of a day the one with the higher number counts.
    since, until
        The half-open period.
    content
        What tells their content apart from that of other editions.
    """

    number: int
    since: date
    until: date
    content: str


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """A method and the version of the data behind it: all that decides what a download holds.

    Parameters
    ----------
    method
        The method, with the columns that are fetched and without what does not change the data.
    data_version
        Fingerprint of the source's data (see :meth:`yule.downloads.protocol.Source.data_version`). Of a table that
        grows by the day: ``final`` once no more rows can come, else the date on which it was looked at, or on which its
        source was last written to if that is earlier.
    since, until
        Of a table that grows by the day: the period, from midnight to midnight in UTC, that its rows are in.
    origin
        Of a table that grows by the day: what tells its source apart from others.
    pii_key
        What tells the key of digests apart from others (see :func:`yule.downloads.pii.name_key`).
    users
        Only rows of these users; None for all. Such a table is not shared with those who need other users.
    editions
        Of a table that grows by the day: the editions of days in its period, by number.
    """

    method: Method
    data_version: str
    since: datetime | None = None
    until: datetime | None = None
    origin: str = ""
    pii_key: str = ""
    users: tuple[str, ...] | None = None
    editions: tuple[Edition, ...] = field(default=(), metadata=ADDED)

    @property
    def is_by_day(self) -> bool:
        """Whether it is put together from days that all share."""
        return self.method.days is not None and self.users is None

    @property
    def query(self) -> Query:
        """What the source is asked for."""
        columns = tuple(column.name for column in self.method.columns)
        return Query(method=self.method, columns=columns, since=self.since, until=self.until, users=self.users)

    def is_final_on(self, day: date) -> bool:
        """Say whether no more rows can come to a day of a table that grows by the day."""
        assert self.method.days is not None
        end = datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY
        return self.data_version == FINAL or is_final_by(self.method.days, end, self.data_version)

    def before(self, instant: datetime) -> "TableSpec":
        """Return the part of a table that grows by the day which holds all rows before an instant.

        Any other table is returned as it is: its rows after the instant are for the reader to leave out.
        """
        if self.method.days is None or self.until is None:
            return self
        until = min(end_of_day(instant), self.until)
        is_final = self.data_version == FINAL or is_final_by(self.method.days, until, self.data_version)
        editions = tuple(edition for edition in self.editions if edition.since < until.date())
        return replace(self, until=until, data_version=FINAL if is_final else self.data_version, editions=editions)

    def since_day_of(self, instant: datetime) -> "TableSpec":
        """Return the part of a table that grows by the day from the day of an instant on."""
        day = end_of_day(instant) if instant == end_of_day(instant) else end_of_day(instant) - DAY
        return replace(self, since=day, editions=tuple(found for found in self.editions if found.until > day.date()))

    def find_edition(self, day: date) -> str:
        """Return what tells the content of a day's edition apart; empty when the day was never fetched anew."""
        return next((found.content for found in reversed(self.editions) if found.since <= day < found.until), "")


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How many bytes sources may read. None sets no limit.

    Parameters
    ----------
    download
        For one query.
    run
        For one run of a case in a calendar month, however often it is started.
    month
        For all that is fetched into the workspace in a calendar month.
    methods
        For one query of a method, by its name.
    """

    download: int | None = None
    run: int | None = None
    month: int | None = None
    methods: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_shared(self) -> bool:
        """Whether several queries share a limit."""
        return self.run is not None or self.month is not None


@dataclass(frozen=True, kw_only=True)
class Payer:
    """A run that something is fetched for; several share its bill in equal parts.

    Parameters
    ----------
    run
        Its id: of data that are looked at before a run, that of the run to come. Empty outside a run.
    case
        Its case; empty when there is none.
    """

    run: str = ""
    case: str = ""


@dataclass(frozen=True, kw_only=True)
class Fetching:
    """What a process that downloads is told, and no task is keyed by.

    Parameters
    ----------
    sources
        The project's sources, by name.
    budget
        The project's budget.
    payers
        For whom it is fetched, by method.
    labels
        What else is written on the bill.
    ledger
        Workspace whose ledger and budget it is on; empty for the one that it is fetched into.
    wanted
        Of tables that grow by the day all that the run is going to need, by method: it is fetched at once.
    checks
        What is expected of the data, by method.
    """

    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    budget: Budget = Budget()
    payers: Mapping[str, tuple[Payer, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    ledger: str = ""
    wanted: Mapping[str, TableSpec] = field(default_factory=dict)
    checks: Mapping[str, Checks] = field(default_factory=dict)


FINAL = "final"


def is_final_by(days: Days, until: datetime, as_of: str) -> bool:
    """Say whether, on a date, no more rows could come to the days before an instant."""
    return until.date() + days.late_days * DAY <= date.fromisoformat(as_of)


def end_of_day(instant: datetime) -> datetime:
    """Return the first midnight in UTC that is not before an instant."""
    instant = instant.astimezone(UTC)
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == instant else midnight + DAY
