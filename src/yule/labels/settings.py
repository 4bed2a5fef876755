"""Settings of labels: what is predicted, for whom, as of when.

Wherever labels come from, their settings tell the same, so that nobody has to ask which they are:

``method``, ``columns``, ``where``
    The method whose table they are read from, the columns they name, and the condition on its rows, if any.
``label``
    The column of the table that holds the labels as they are, which no model may see; None where they are made of rows.
``cutoffs``, ``horizon``
    When users are labelled, and how long after it a label is known.
``is_rule``
    Whether labels are observed in a log: then they can be, in time, at any cut-off.
``target``, ``supervision``, ``loss``
    What is predicted, of whom it is known, and what models are fitted by: of classes, each against the rest.
``class_names``, ``negative``
    All classes in the order of their numbers, none where there are none; the label of users who have nothing of what is
    asked for.
``per_positive``
    Unlabelled users that each fit draws for each of its positives; None where every label is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, TypeAlias

from annotated_types import Ge, Le, MinLen

from yule.core.losses import Loss, LossWord, read_loss
from yule.downloads.specs import TableSpec

Target: TypeAlias = Literal["binary", "regression", "multiclass"]
"""What is predicted of a user: whether something is so, a number, or which of several classes they are of."""

Supervision: TypeAlias = Literal["full", "positive_unlabelled"]
"""Of whom it is known: ``full``, of all who are labelled; ``positive_unlabelled``, of some positives alone."""


@dataclass(frozen=True, kw_only=True)
class Population:
    """The users who are labelled by a rule and who get a score.

    Parameters
    ----------
    download
        Method whose users count. With a ``time``: users with a row before the cut-off.
    where
        Only rows that meet this condition on the columns, in SQL, count; None: any row.
    within
        Only rows this long before the cut-off count; None: any time before.
    at_least
        Users need so many rows that count.
    """

    download: str
    where: str | None = None
    within: timedelta | None = None
    at_least: Annotated[int, Ge(1)] = 1


@dataclass(frozen=True, kw_only=True)
class EventRule:
    """What happens within a horizon after the cut-off: whether an event happens, or how much such events add up to.

    Parameters
    ----------
    kind
        ``events``: who has such an event is positive; ``leaving``: who has none is; ``amount``: a user's label is the
        sum of ``of`` over such events, 0 for who has none.
    event
        Method that gives the events.
    of
        Column of the events whose numbers are added up; None unless ``kind`` is ``amount``.
    where
        Condition on the events' columns, in SQL; None: any event.
    within
        The horizon: events in [cut-off, cut-off + within) count.
    cutoffs
        Cut-offs at which users are labelled, sorted, UTC.
    """

    kind: Literal["events", "leaving", "amount"] = "events"
    event: str
    of: str | None = None
    where: str | None = None
    within: timedelta
    cutoffs: tuple[datetime, ...]

    label: ClassVar[None] = None
    is_rule: ClassVar[bool] = True
    supervision: ClassVar[Supervision] = "full"
    class_names: ClassVar[tuple[str, ...]] = ()
    negative: ClassVar[int] = 0
    per_positive: ClassVar[None] = None

    @property
    def method(self) -> str:
        """The method that gives the events."""
        return self.event

    @property
    def columns(self) -> tuple[str, ...]:
        """What is added up, if anything is."""
        return () if self.of is None else (self.of,)

    @property
    def horizon(self) -> timedelta:
        """How long after its cut-off a label is observed."""
        return self.within

    @property
    def target(self) -> Target:
        """What is predicted."""
        return "regression" if self.kind == "amount" else "binary"

    @property
    def loss(self) -> Loss:
        """What models of it are fitted by."""
        return "squared_error" if self.kind == "amount" else "log_loss"


@dataclass(frozen=True, kw_only=True)
class LabelTable:
    """Labels given in a table: one row per user (and cut-off).

    Parameters
    ----------
    download
        Method that gives the table. Its ``user`` column is the user; its ``time``, if any, is the row's cut-off.
    label
        Column with the label: 0 or 1, false or true, or an amount; empty = not observed.
    outcome
        What the labels are; spelt as it has always been in keys, and read by :attr:`loss` alone.
    cutoffs
        Cut-offs of the rows, sorted, UTC; just one when the method has no ``time``.
    """

    kind: Literal["table"] = "table"
    download: str
    label: str
    outcome: LossWord = "yes_no"
    cutoffs: tuple[datetime, ...]

    where: ClassVar[None] = None
    is_rule: ClassVar[bool] = False
    horizon: ClassVar[timedelta] = timedelta(0)
    supervision: ClassVar[Supervision] = "full"
    class_names: ClassVar[tuple[str, ...]] = ()
    negative: ClassVar[int] = 0
    per_positive: ClassVar[None] = None

    @property
    def method(self) -> str:
        """The method that gives the table."""
        return self.download

    @property
    def columns(self) -> tuple[str, ...]:
        """The column with the label."""
        return (self.label,)

    @property
    def target(self) -> Target:
        """What is predicted."""
        return "regression" if self.loss == "squared_error" else "binary"

    @property
    def loss(self) -> Loss:
        """What models of it are fitted by."""
        return read_loss(self.outcome)


@dataclass(frozen=True, kw_only=True)
class PositiveList:
    """Known positives and nothing else: all other users are unlabelled, neither positive nor negative.

    Parameters
    ----------
    download
        Method that gives the list. Its ``user`` column is the user; its ``time``, if any, is the row's cut-off.
    cutoffs
        Cut-offs of the rows, sorted, UTC; just one when the method has no ``time``.
    per_positive
        Unlabelled users that each fit draws for each of its positives; all when there are fewer.
    """

    kind: Literal["positives"] = "positives"
    download: str
    cutoffs: tuple[datetime, ...]
    per_positive: Annotated[int, Ge(1), Le(100)] = 5

    columns: ClassVar[tuple[str, ...]] = ()
    where: ClassVar[None] = None
    label: ClassVar[None] = None
    is_rule: ClassVar[bool] = False
    horizon: ClassVar[timedelta] = timedelta(0)
    target: ClassVar[Target] = "binary"
    supervision: ClassVar[Supervision] = "positive_unlabelled"
    loss: ClassVar[Loss] = "log_loss"
    class_names: ClassVar[tuple[str, ...]] = ()
    negative: ClassVar[int] = 0

    @property
    def method(self) -> str:
        """The method that gives the table."""
        return self.download


NONE = "none"
"""The class of users with no event of any class that is asked for."""


@dataclass(frozen=True, kw_only=True)
class ClassRule:
    """A user is of the class that most of the events within a horizon after the cut-off have; of `none` without any.

    Parameters
    ----------
    kind
        ``class``: one of several.
    event
        Method that gives the events.
    of
        Column of the events that holds the class.
    classes
        Values of the column that are asked for; events of other values do not count. Of equally many events, the
        class written first counts.
    where
        Condition on the events' columns, in SQL; None: any event.
    within
        The horizon: events in [cut-off, cut-off + within) count.
    cutoffs
        Cut-offs at which users are labelled, sorted, UTC.
    """

    kind: Literal["class"] = "class"
    event: str
    of: str
    classes: Annotated[tuple[str, ...], MinLen(1)]
    where: str | None = None
    within: timedelta
    cutoffs: tuple[datetime, ...]

    label: ClassVar[None] = None
    is_rule: ClassVar[bool] = True
    target: ClassVar[Target] = "multiclass"
    supervision: ClassVar[Supervision] = "full"
    loss: ClassVar[Loss] = "log_loss"
    per_positive: ClassVar[None] = None

    @property
    def method(self) -> str:
        """The method that gives the events."""
        return self.event

    @property
    def columns(self) -> tuple[str, ...]:
        """The column with the class."""
        return (self.of,)

    @property
    def horizon(self) -> timedelta:
        """How long after its cut-off a label is observed."""
        return self.within

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes, in the order of their numbers."""
        return (*self.classes, NONE)

    @property
    def negative(self) -> int:
        """The number of the class of those who are of none."""
        return len(self.classes)


@dataclass(frozen=True, kw_only=True)
class ClassTable:
    """Classes given in a table: one row per user (and cut-off).

    Parameters
    ----------
    kind
        ``class``: one of several.
    download
        Method that gives the table. Its ``user`` column is the user; its ``time``, if any, is the row's cut-off.
    label
        Column with the class; empty = not observed.
    classes
        All values that the column has.
    cutoffs
        Cut-offs of the rows, sorted, UTC; just one when the method has no ``time``.
    """

    kind: Literal["class"] = "class"
    download: str
    label: str
    classes: Annotated[tuple[str, ...], MinLen(2)]
    cutoffs: tuple[datetime, ...]

    where: ClassVar[None] = None
    is_rule: ClassVar[bool] = False
    horizon: ClassVar[timedelta] = timedelta(0)
    target: ClassVar[Target] = "multiclass"
    supervision: ClassVar[Supervision] = "full"
    loss: ClassVar[Loss] = "log_loss"
    per_positive: ClassVar[None] = None

    @property
    def method(self) -> str:
        """The method that gives the table."""
        return self.download

    @property
    def columns(self) -> tuple[str, ...]:
        """The column with the class."""
        return (self.label,)

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes, in the order of their numbers."""
        return self.classes

    @property
    def negative(self) -> int:
        """A number that no class has: whoever is labelled is of one that is asked for."""
        return len(self.classes)


Rule: TypeAlias = EventRule | ClassRule
Classes: TypeAlias = ClassRule | ClassTable
Labels: TypeAlias = EventRule | LabelTable | PositiveList | ClassRule | ClassTable

BINARY: Mapping[str, int] = MappingProxyType({"positive": 1, "negative": 0})
"""The kinds of users of whom something is so, or is not."""

_KINDS: Mapping[Target, Mapping[str, int]] = {"binary": BINARY, "regression": {"non-zero": 1}, "multiclass": {}}


def name_kinds(labels: Labels) -> Mapping[str, int]:
    """Return the kinds of users without whom nothing can be learned, by name (see :mod:`yule.training.strata`)."""
    return {name: number for number, name in enumerate(labels.class_names)} or _KINDS[labels.target]


@dataclass(frozen=True, kw_only=True)
class LabelSpec:
    """Labels with the tables behind them: all that decides who is labelled how.

    Parameters
    ----------
    settings
        The rule, the table, or the list of positives.
    table
        The table behind ``settings.event`` or ``settings.download``.
    population
        Who is labelled; for a label table, the users who count as known; for a list of positives, those whom
        unlabelled users are drawn from.
    population_table
        The table behind ``population.download``.
    """

    settings: Labels
    table: TableSpec
    population: Population
    population_table: TableSpec
