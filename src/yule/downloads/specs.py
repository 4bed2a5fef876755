"""What is asked of a source for a run: which rows of which table, for whom, and what it may cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from yule.core.settings import ADDED
from yule.downloads.keeping.rows.expectations import Checks
from yule.downloads.settings import DAY, Days, Method, ParameterValue, SourceSettings, start_of_day, write_value

FIRST_INSTANT = datetime(1, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 31, tzinfo=UTC)
"""What ``@since`` and ``@until`` are where a query has no such bound."""


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

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """The wanted columns, and those by which rows are told apart."""
        bounded = [self.method.time] if self.method.time and (self.since or self.until) else []
        chosen = [self.method.user] if self.users is not None else []
        return tuple(dict.fromkeys((*self.columns, *bounded, *chosen)))

    def values(self) -> dict[str, ParameterValue]:
        """Return the values of all parameters that its SQL may use, ``since`` and ``until`` first."""
        parameters = {name: parameter.parse() for name, parameter in self.method.parameters.items()}
        return {"since": self.since or FIRST_INSTANT, "until": self.until or LAST_INSTANT, **parameters}

    def texts(self) -> dict[str, str]:
        """Return the values as texts that databases cast."""
        return {name: write_value(value) for name, value in self.values().items()}


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


def find_edition(editions: Sequence[Edition], day: date) -> str:
    """Return the content of a day's edition, the last of those by number; empty when the day has none."""
    return next((found.content for found in reversed(editions) if found.since <= day < found.until), "")


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """A method and the version of the data behind it: all that decides what a download holds.

    Parameters
    ----------
    method
        The method, with the columns that are fetched and without what does not change the data.
    data_version
        Fingerprint of the source's data (see :meth:`.Source.data_version`). Of a table that
        grows by the day: ``final`` once no more rows can come, else the date on which it was looked at, or on which its
        source was last written to if that is earlier.
    since, until
        Of a table that grows by the day: the period, from midnight to midnight in UTC, that its rows are in.
    origin
        Of a table that grows by the day: what tells its source apart from others.
    pii_key
        What tells the key of digests apart from others (see :func:`yule.downloads.keeping.rows.pii.name_key`).
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
        end = start_of_day(day) + DAY
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
        return find_edition(self.editions, day)


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
    midnight = start_of_day(instant.date())
    return midnight if midnight == instant else midnight + DAY
