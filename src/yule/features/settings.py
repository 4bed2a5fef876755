"""Settings of feature sets: named groups of columns per user, as of a cut-off."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias, get_args

from annotated_types import Ge, Le, MinLen

from yule.core.settings import ADDED
from yule.downloads.settings import Method
from yule.downloads.specs import TableSpec

ROLES = "auto-roles"
"""Name of the proposed set of roles, the same in every case: models that see it learn from many."""

AggregateKind: TypeAlias = Literal[
    "count",
    "days",
    "recency",
    "tenure",
    "gaps",
    "median_gap",
    "streaks",
    "trend",
    "decayed",
    "sum",
    "mean",
    "min",
    "max",
    "deviation",
    "distinct",
    "entropy",
    "first",
    "last",
]

Taken: TypeAlias = Literal["events", "period", "numbers", "values", "anything"]
"""What an aggregate takes: no column; the length of a period; a column of numbers; one that is no instant; any."""

AGGREGATES: Mapping[AggregateKind, tuple[Taken, ...]] = {
    "count": ("events",),
    "days": ("events",),
    "recency": ("events",),
    "tenure": ("events",),
    "gaps": ("events",),
    "median_gap": ("events",),
    "streaks": ("period",),
    "trend": ("events", "numbers"),
    "decayed": ("events", "numbers"),
    "sum": ("numbers",),
    "mean": ("numbers",),
    "min": ("numbers",),
    "max": ("numbers",),
    "deviation": ("numbers",),
    "distinct": ("anything",),
    "entropy": ("anything",),
    "first": ("values",),
    "last": ("values",),
}
"""All aggregates, and what each may take."""

CLOCK = {
    "weekday": ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    "time_of_day": ("night", "morning", "afternoon", "evening"),
}
"""Columns that every table of events has, and their values: taken from its time, in the time zone of its download."""


Terms: TypeAlias = Literal["words", "characters", "values"]

DatePart: TypeAlias = Literal["hour", "weekday", "month", "differences"]
DATE_PARTS: tuple[DatePart, ...] = get_args(DatePart)
"""What can be made of the dates of a profile: of each, and of every two of them."""

MAX_DATES = 10
"""Every two of so many columns have a difference: of ten that is 45."""


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """One number per user and window, or a few.

    Parameters
    ----------
    kind
        What is computed; see docs/features.md.
    of
        The column; None for those that count events.
    every
        Length of the periods of ``streaks``; None for the others.
    """

    kind: AggregateKind
    of: str | None = None
    every: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """How a user's events divide over the values of a column, per window.

    Parameters
    ----------
    of
        A column of text or whole numbers; of a number column with ``bands``; or ``weekday`` or ``time_of_day``.
    top
        How many values get a column: the most frequent ones before the first cut-off of the case.
    weight
        A number column to sum; None counts events.
    bands
        Divide a number column into so many bands that hold as many events each before the first cut-off.
    min_users
        A value that fewer users have before the first cut-off gets no column.
    """

    of: str
    top: Annotated[int, Ge(1), Le(500)] = 20
    weight: str | None = None
    bands: Annotated[int, Ge(2), Le(20)] | None = None
    min_users: Annotated[int, Ge(1)] = 1


@dataclass(frozen=True, kw_only=True)
class Join:
    """Columns of a table of items, put beside each event.

    Parameters
    ----------
    download
        Method that gives the items, one row each; it has no ``time``.
    by
        Column of the events that holds the item.
    columns
        Columns of the items to take.
    """

    download: str
    by: str
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EventFeatures:
    """Windowed aggregates over a table of events.

    Parameters
    ----------
    name
        Name of the feature set: the name of its file.
    download
        Method that gives the events; it must have a ``time``.
    joins
        Tables of items whose columns are put beside the events.
    where
        Condition on the events' columns, in SQL; None keeps all.
    windows
        Lengths of the windows that end at the cut-off; None stands for all history (``all``).
    aggregates, shares
        What is computed.
    proposed
        Yule proposed the set itself: that its table has no rows before a cut-off is no fault then.
    """

    kind: Literal["events"] = "events"
    name: str
    download: str
    joins: tuple[Join, ...] = ()
    where: str | None = None
    windows: tuple[timedelta | None, ...] = (timedelta(days=28), timedelta(days=91), None)
    aggregates: tuple[Aggregate, ...] = (Aggregate(kind="count"), Aggregate(kind="recency"))
    shares: tuple[Share, ...] = ()
    proposed: bool = field(default=False, metadata=ADDED)


@dataclass(frozen=True, kw_only=True)
class ProfileFeatures:
    """Columns of a table with one row per user, taken as they are.

    Parameters
    ----------
    name
        Name of the feature set: the name of its file.
    download
        Method that gives the profiles. With a ``time``, the last row before the cut-off counts.
    columns
        Columns to take; empty takes all but the user and the time.
    dates
        What is also made of the columns that are dates or times: their ``hour``, ``weekday`` (1 is Monday) and
        ``month``, and of every two of the first ten the ``differences`` in days.
    proposed
        Yule proposed the set itself.
    """

    kind: Literal["profile"] = "profile"
    name: str
    download: str
    columns: tuple[str, ...] = ()
    dates: tuple[DatePart, ...] = field(default=(), metadata=ADDED)
    proposed: bool = field(default=False, metadata=ADDED)


@dataclass(frozen=True, kw_only=True)
class ItemFeatures:
    """Embeddings of the items a user touched: what users who touched the same items have in common.

    Parameters
    ----------
    name
        Name of the feature set: the name of its file.
    download
        Method that gives the events; it must have a ``time``.
    where
        Condition on the events' columns, in SQL; None keeps all.
    item
        Column of text or whole numbers that holds the item.
    weight
        A number column that is summed by item; None counts events. Items whose sum is not above 0 are not touched.
    windows
        Lengths of the windows that end at the cut-off; None stands for all history (``all``).
    dimensions
        Numbers per user and window; fewer where the items have no more in common.
    top
        How many items are known: those that most users touched before the first cut-off of the case.
    min_users
        An item that fewer users touched by then is not known.
    proposed
        Yule proposed the set itself: that no item is known is no fault then.
    """

    kind: Literal["items"] = "items"
    name: str
    download: str
    where: str | None = None
    item: str
    weight: str | None = None
    windows: tuple[timedelta | None, ...] = (timedelta(days=91), None)
    dimensions: Annotated[int, Ge(1), Le(256)] = 16
    top: Annotated[int, Ge(2), Le(100_000)] = 5000
    min_users: Annotated[int, Ge(1)] = 10
    proposed: bool = field(default=False, metadata=ADDED)


@dataclass(frozen=True, kw_only=True)
class TextFeatures:
    """What texts are about: the terms of a user's texts, weighted by how rare they are, in a few numbers.

    Parameters
    ----------
    name
        Name of the feature set: the name of its file.
    download
        Method that gives the texts.
    where
        Condition on the rows' columns, in SQL; None keeps all.
    columns
        Columns of text; each is embedded on its own.
    windows
        Of events: lengths of the windows that end at the cut-off, the texts in which are taken together; None stands
        for all history (``all``). Empty takes a user's last row before the cut-off, as a profile does.
    terms
        ``words``; ``characters``: runs of one to three characters, for languages without spaces between words; or
        ``values``: what a list such as `A;B;C` or `["A", "B"]` holds, between ``;``, ``|``, ``,`` or ``、``.
    dimensions
        Numbers per user, column and window; fewer where the texts have no more in common.
    top
        How many terms are known: those that most users used before the first cut-off of the case.
    min_users
        A term that fewer users used by then is not known.
    """

    kind: Literal["text"] = "text"
    name: str
    download: str
    where: str | None = None
    columns: Annotated[tuple[str, ...], MinLen(1)]
    windows: tuple[timedelta | None, ...] = ()
    terms: Terms = "words"
    dimensions: Annotated[int, Ge(1), Le(256)] = 16
    top: Annotated[int, Ge(2), Le(100_000)] = 20_000
    min_users: Annotated[int, Ge(1)] = 5


@dataclass(frozen=True, kw_only=True)
class RoleFeatures:
    """What a user's history says of a question, in columns that mean the same for every question.

    Parameters
    ----------
    name
        Name of the feature set: the name of its file.
    download
        Method that gives the events; it must have a ``time``.
    joins
        Tables of items whose columns are put beside the events.
    where
        Which of the events the question asks for, in SQL; None: any event.
    of
        Column of the events whose numbers the question adds up; None where it asks whether there is such an event.
    within
        The question's horizon: windows are multiples of it.
    items
        Columns of text or whole numbers, of the events or beside them, that say what other events are of. The one with
        the most values that many users have in common is taken; none: what else users do is not looked at.
    min_users
        A value that fewer users have had says nothing.
    proposed
        Yule proposed the set itself: that its table has no rows before a cut-off is no fault then.
    """

    kind: Literal["roles"] = "roles"
    name: str
    download: str
    joins: tuple[Join, ...] = ()
    where: str | None = None
    within: timedelta
    items: tuple[str, ...] = ()
    min_users: Annotated[int, Ge(1)] = 20
    of: str | None = field(default=None, metadata=ADDED)
    proposed: bool = field(default=False, metadata=ADDED)

    def of_any_question(self) -> "RoleFeatures":
        """Return what is the same for all questions: the set without its condition, called as a proposed one."""
        return replace(self, name=ROLES, where=None, proposed=True)


FeatureSet: TypeAlias = EventFeatures | ProfileFeatures | ItemFeatures | TextFeatures | RoleFeatures


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """A feature set, its table, and the instant its vocabulary is learned at: all that decides its values at a cut-off.

    Parameters
    ----------
    settings
        The feature set.
    table
        The table behind ``settings.download``.
    joined
        The tables behind ``settings.joins``.
    learn_before
        Values of shares, items and terms are learned from rows before this instant; None if there is nothing to learn.
    learn_from
        The tables that they are learned from, in the order of ``table`` and ``joined``, even where newer or other users
        are scored: a model's numbers keep their meaning. Empty when there is nothing to learn.
    """

    settings: EventFeatures | ProfileFeatures | ItemFeatures | TextFeatures | RoleFeatures
    table: TableSpec
    joined: tuple[TableSpec, ...] = ()
    learn_before: datetime | None = None
    learn_from: tuple[TableSpec, ...] = ()

    @property
    def methods(self) -> tuple[Method, ...]:
        """The methods whose columns its condition may use."""
        return (self.table.method, *(table.method for table in self.joined))

    @property
    def event_columns(self) -> frozenset[str]:
        """Names of the columns of the table, and of those that are put beside them."""
        return frozenset(column.name for column in self.table.method.columns).union(
            *(join.columns for join in find_joins(self.settings))
        )

    @property
    def learned(self) -> "FeatureSpec":
        """What decides what is learned: the same set over the tables that it is learned from."""
        own, *joined = self.learn_from
        settings = self.settings.of_any_question() if isinstance(self.settings, RoleFeatures) else self.settings
        return replace(self, settings=settings, table=own, joined=tuple(joined), learn_from=())


def find_joins(settings: FeatureSet) -> tuple[Join, ...]:
    """Return the tables of items that a feature set puts beside its events."""
    return settings.joins if isinstance(settings, EventFeatures | RoleFeatures) else ()


def has_to_learn(settings: FeatureSet) -> bool:
    """Say whether a feature set has something to learn before it can be computed: values, bands, items or terms."""
    if isinstance(settings, EventFeatures):
        return bool(settings.shares)
    return bool(settings.items) if isinstance(settings, RoleFeatures) else not isinstance(settings, ProfileFeatures)


def is_proposed(settings: FeatureSet) -> bool:
    """Say whether Yule proposed a feature set, even if it has become a file since."""
    return not isinstance(settings, TextFeatures) and settings.proposed


def is_clock(name: str, columns: Collection[str]) -> bool:
    """Say whether a name stands for what the clock said at an event, and not for one of its columns."""
    return name in CLOCK and name not in columns
