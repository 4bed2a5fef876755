"""Feature sets proposed from nothing but the columns of the tables and the rule of the labels."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from yule.downloads.settings import DAY, Column, Method
from yule.features.settings import (
    CLOCK,
    DATE_PARTS,
    Aggregate,
    AggregateKind,
    EventFeatures,
    FeatureSet,
    ItemFeatures,
    Join,
    ProfileFeatures,
    RoleFeatures,
    Share,
)
from yule.features.wording import name_values

PREFIX = "auto-"
"""What the names of proposed sets begin with, for people: what tells them from others is ``proposed``."""

WINDOWS = (*(days * DAY for days in (7, 14, 28, 56, 91, 182)), None)
LONG_WINDOWS = (91 * DAY, None)

TOP = 40
"""How many values of a column get shares."""

MIN_USERS = 20
"""A value that fewer users have gets none, and is no item: an id of a receipt, say."""

OF_EVENTS: tuple[AggregateKind, ...] = ("count", "days", "recency", "tenure", "gaps", "trend", "decayed")
OF_AMOUNTS: tuple[AggregateKind, ...] = ("sum", "mean", "max", "decayed", "trend")
OF_AMOUNTS_ONCE: tuple[AggregateKind, ...] = ("deviation", "first", "last")

_IDENTIFIER = re.compile(r"(^|[^A-Za-z0-9])(id|code|key|no|nr|number|upc|ean|sku|isbn|zip)$", re.IGNORECASE)


def propose_sets(method: Method, items: Sequence[Method]) -> Iterator[FeatureSet]:
    """Propose feature sets for one table.

    Parameters
    ----------
    method
        A table about users: events where it has a time, else profiles.
    items
        Tables of items. Their columns are put beside the events that name their items.

    Yields
    ------
    FeatureSet
        Of events what adds up, in many windows, and what they are made of, in two: shares of the most frequent values,
        and embeddings of all values of a category, each of which may be an item.
    """
    name = f"{PREFIX}{method.name}"
    if method.time is None:
        has_dates = any(column.type in ("date", "timestamp") for column in method.columns)
        dates = DATE_PARTS if has_dates else ()
        yield ProfileFeatures(name=name, download=method.name, dates=dates, proposed=True)
        return
    joins = tuple(_find_joins(method, items))
    columns = [*_others(method), *_joined_columns(joins, items)]
    amounts = [column.name for column in columns if is_amount(column)]
    categories = [column.name for column in columns if is_category(column)]
    yield EventFeatures(
        name=name,
        download=method.name,
        joins=joins,
        windows=WINDOWS,
        aggregates=tuple(_what_adds_up(amounts, categories)),
        proposed=True,
    )
    yield EventFeatures(
        name=f"{name}-mix",
        download=method.name,
        joins=joins,
        windows=LONG_WINDOWS,
        aggregates=tuple(_what_is_told_once(amounts, categories)),
        shares=tuple(_shares(("weekday",) if method.tells_days else tuple(CLOCK), categories)),
        proposed=True,
    )
    named = [column.name for column in _others(method) if is_category(column)]
    for item, told in zip(named, name_values([re.sub("[^A-Za-z0-9]+", "_", name) for name in named]), strict=True):
        yield ItemFeatures(
            name=name_set(f"{method.name}-items-{told}"),
            download=method.name,
            item=item,
            windows=LONG_WINDOWS,
            min_users=MIN_USERS,
            proposed=True,
        )


def propose_history(method: Method, *, where: str | None, horizon: timedelta, of: str = "outcome") -> EventFeatures:
    """Propose the user's own history of what the labels ask for: whether, how often and how recently it happened.

    Parameters
    ----------
    method
        The events of the labels' rule.
    where
        Its condition.
    horizon
        How far it looks ahead: windows are multiples of it.
    of
        What the events are, in a word or two.
    """
    amounts = [column.name for column in _others(method) if is_amount(column)]
    return EventFeatures(
        name=name_set(of),
        download=method.name,
        where=where,
        windows=(horizon, 2 * horizon, 4 * horizon, 8 * horizon, None),
        aggregates=(
            *(Aggregate(kind=kind) for kind in OF_EVENTS),
            Aggregate(kind="streaks", every=horizon),
            *(Aggregate(kind=kind, of=name) for name in amounts for kind in ("sum", "mean")),
        ),
        proposed=True,
    )


def propose_roles(
    method: Method,
    items: Sequence[Method],
    *,
    where: str | None,
    of: str | None,
    horizon: timedelta,
    name: str = "roles",
) -> RoleFeatures:
    """Propose what a user's history says of what the labels ask for, in columns that mean the same for any question.

    Parameters
    ----------
    method
        The events of the labels' rule.
    items
        Tables of items. Their columns are put beside the events that name their items.
    where
        The rule's condition.
    of
        The column that it adds up, if any.
    horizon
        How far it looks ahead.
    name
        What the set is called.
    """
    joins = tuple(_find_joins(method, items))
    columns = [*_others(method), *_joined_columns(joins, items)]
    categories = tuple(column.name for column in columns if is_category(column))
    return RoleFeatures(
        name=name_set(name),
        download=method.name,
        joins=joins,
        where=where,
        of=of,
        within=horizon,
        items=categories,
        proposed=True,
    )


def name_set(of: str) -> str:
    """Return the name of a proposed set, which is also that of its file.

    >>> name_set("visits-page/id")
    'auto-visits-page-id'
    """
    return PREFIX + re.sub("[^A-Za-z0-9_]+|__+|_$", "-", of)


def is_amount(column: Column) -> bool:
    """Say whether the values of a column can be added up.

    >>> is_amount(Column(name="price", type="number")), is_amount(Column(name="store_id", type="integer"))
    (True, False)
    """
    return column.type == "number" or (column.type == "integer" and not _IDENTIFIER.search(column.name))


def is_category(column: Column) -> bool:
    """Say whether the values of a column are names of things."""
    return column.type == "string" or (column.type == "integer" and not is_amount(column))


def _what_adds_up(amounts: Sequence[str], categories: Sequence[str]) -> Iterator[Aggregate]:
    yield from (Aggregate(kind=kind) for kind in OF_EVENTS)
    yield Aggregate(kind="streaks", every=7 * DAY)
    yield from (Aggregate(kind=kind, of=of) for of in amounts for kind in OF_AMOUNTS)
    yield from (Aggregate(kind="distinct", of=of) for of in categories)


def _what_is_told_once(amounts: Sequence[str], categories: Sequence[str]) -> Iterator[Aggregate]:
    yield from (Aggregate(kind=kind, of=of) for of in amounts for kind in OF_AMOUNTS_ONCE)
    yield from (Aggregate(kind="entropy", of=of) for of in categories)


def _shares(clock: Sequence[str], categories: Sequence[str]) -> Iterator[Share]:
    yield from (Share(of=of) for of in clock)
    yield from (Share(of=of, top=TOP, min_users=MIN_USERS) for of in categories)


def _find_joins(method: Method, items: Sequence[Method]) -> Iterator[Join]:
    taken = {column.name for column in method.columns}
    for other in items:
        columns = tuple(column.name for column in _others(other) if column.name not in taken)
        if other.user in taken and columns:
            yield Join(download=other.name, by=other.user, columns=columns)
            taken.update(columns)


def _joined_columns(joins: Sequence[Join], items: Sequence[Method]) -> Iterator[Column]:
    by_name = {method.name: method for method in items}
    for join in joins:
        yield from (column for column in by_name[join.download].columns if column.name in join.columns)


def _others(method: Method) -> Sequence[Column]:
    """Return the columns that say neither who nor when; those with personal data are for who names them."""
    keys = (method.user, method.time)
    return [column for column in method.columns if column.name not in keys and column.pii == "no"]
