"""Settings of feature sets: named groups of columns per user, as of a cut-off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeAlias

from annotated_types import Ge, Le

from yule.downloads.settings import TableSpec

AggregateKind: TypeAlias = Literal["count", "sum", "mean", "min", "max", "distinct", "recency", "tenure"]


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """One number per user and window.

    Parameters
    ----------
    kind
        ``count`` of events; ``sum``, ``mean``, ``min``, ``max`` of a number column; ``distinct`` values of a
        column; ``recency`` and ``tenure``: days from the last and the first event to the cut-off (over all
        history, whatever the windows).
    of
        The column; None for ``count``, ``recency`` and ``tenure``.
    """

    kind: AggregateKind
    of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """How a user's events divide over the values of a column, per window.

    Parameters
    ----------
    of
        A string column.
    top
        How many values get a column: the most frequent ones before the first cut-off of the case.
    weight
        A number column to sum; None counts events.
    """

    of: str
    top: Annotated[int, Ge(1), Le(500)] = 20
    weight: str | None = None


@dataclass(frozen=True, kw_only=True)
class EventFeatures:
    """Windowed aggregates over a table of events.

    Parameters
    ----------
    name
        Name of the feature set: the name of its file.
    download
        Method that gives the events; it must have a ``time``.
    where
        Condition on the events' columns, in SQL; None keeps all.
    windows
        Lengths of the windows that end at the cut-off; None stands for all history (``all``).
    aggregates, shares
        What is computed.
    """

    kind: Literal["events"] = "events"
    name: str
    download: str
    where: str | None = None
    windows: tuple[timedelta | None, ...] = (timedelta(days=28), timedelta(days=91), None)
    aggregates: tuple[Aggregate, ...] = (Aggregate(kind="count"), Aggregate(kind="recency"))
    shares: tuple[Share, ...] = ()


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
    """

    kind: Literal["profile"] = "profile"
    name: str
    download: str
    columns: tuple[str, ...] = ()


FeatureSet: TypeAlias = EventFeatures | ProfileFeatures


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """A feature set, its table, and the instant its vocabulary is learnt at: all that decides its values at a cut-off.

    Parameters
    ----------
    settings
        The feature set.
    table
        The table behind ``settings.download``.
    learn_before
        Values of shares are learnt from events before this instant; None when there is nothing to learn.
    """

    settings: EventFeatures | ProfileFeatures
    table: TableSpec
    learn_before: datetime | None = None
