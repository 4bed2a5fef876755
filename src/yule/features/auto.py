"""Feature sets proposed from nothing but the columns of the tables and the rule of the labels."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from yule.downloads.settings import Column, Method
from yule.features.settings import Aggregate, EventFeatures, FeatureSet, ProfileFeatures, Share

DAY = timedelta(days=1)
WINDOWS = (*(days * DAY for days in (7, 14, 28, 56, 91, 182)), None)
LONG_WINDOWS = (91 * DAY, None)
TOP = 40
MIN_USERS = 20

_IDENTIFIER = re.compile(r"(^|_)(id|code|key|no|nr|number|upc|ean|sku|isbn|zip)$", re.IGNORECASE)


def propose_sets(method: Method) -> Iterator[FeatureSet]:
    """Propose feature sets for one table."""
    if method.time is None:
        yield ProfileFeatures(name=f"auto-{method.name}", download=method.name)
        return
    amounts = [column.name for column in _others(method) if is_amount(column)]
    categories = [column.name for column in _others(method) if is_category(column)]
    yield EventFeatures(
        name=f"auto-{method.name}",
        download=method.name,
        windows=WINDOWS,
        aggregates=(
            *(Aggregate(kind=kind) for kind in ("count", "days", "recency", "tenure", "gaps", "trend", "decayed")),
            Aggregate(kind="streaks", every=7 * DAY),
            *(Aggregate(kind=kind, of=name) for name in amounts for kind in ("sum", "mean", "max", "decayed", "trend")),
            *(Aggregate(kind="distinct", of=name) for name in categories),
        ),
    )
    yield EventFeatures(
        name=f"auto-{method.name}-mix",
        download=method.name,
        windows=LONG_WINDOWS,
        aggregates=(
            *(Aggregate(kind=kind, of=name) for name in amounts for kind in ("deviation", "first", "last")),
            *(Aggregate(kind="entropy", of=name) for name in categories),
        ),
        shares=(
            Share(of="weekday"),
            Share(of="time_of_day"),
            *(Share(of=name, top=TOP, min_users=MIN_USERS) for name in categories),
        ),
    )


def propose_history(method: Method, where: str | None, horizon: timedelta) -> EventFeatures:
    """Propose the user's own history of what the labels ask for."""
    amounts = [column.name for column in _others(method) if is_amount(column)]
    return EventFeatures(
        name="auto-outcome",
        download=method.name,
        where=where,
        windows=(horizon, 2 * horizon, 4 * horizon, 8 * horizon, None),
        aggregates=(
            *(Aggregate(kind=kind) for kind in ("count", "days", "recency", "tenure", "gaps", "trend", "decayed")),
            Aggregate(kind="streaks", every=horizon),
            *(Aggregate(kind=kind, of=name) for name in amounts for kind in ("sum", "mean")),
        ),
    )


def is_amount(column: Column) -> bool:
    """Say whether the values of a column can be added up.

    >>> is_amount(Column(name="price", type="number")), is_amount(Column(name="store_id", type="integer"))
    (True, False)
    """
    return column.type == "number" or (column.type == "integer" and not _IDENTIFIER.search(column.name))


def is_category(column: Column) -> bool:
    """Say whether the values of a column are names of things."""
    return column.type == "string" or (column.type == "integer" and not is_amount(column))


def _others(method: Method) -> Sequence[Column]:
    return [column for column in method.columns if column.name not in (method.user, method.time)]
