"""What features mean, as data: nobody has to read it out of a name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal, TypeAlias

from yule.core.settings import ADDED

Unit: TypeAlias = Literal["", "column", "events", "days", "periods", "values", "share", "ratio", "nats"]
"""What a feature counts in; ``column``: what its column does; empty: nothing that has a name."""

OF_PROFILE = "column"
"""The aggregate of a column that is taken as it is."""

OF_ROLES = "role"
"""The aggregate of what a user's history says of a question, in columns that mean the same for every question."""


EMBEDDINGS = ("svd", "text")
"""The aggregates whose numbers are dimensions of what goes together: of items, and of terms."""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a feature, or a group of features, tells of a user.

    Parameters
    ----------
    feature_set
        The feature set; empty for columns that are made in a fold.
    table
        The download whose rows it is computed from.
    aggregate
        What is computed: the kind of an aggregate, ``share``, ``svd`` or ``text`` of embeddings, ``column`` of a column
        taken as it is. Made in a fold: ``target``, ``component``, or the sign of an arithmetic. Empty: not known.
    column
        The column it is computed of; of a feature of which nothing is known, its name.
    value
        The value of the column that a share is of.
    weight
        The column by which a share or an embedding weighs events.
    part
        Which of the numbers that one aggregate gives: ``longest`` of ``gaps``.
    number
        Which dimension of an embedding, or which component, from 1.
    windows
        The windows it looks back on, two of a trend; None: all history.
    every
        Length of the periods of ``streaks``.
    unit
        What it counts in.
    made_of
        The features that a column made in a fold is made of; none of a component, which is made of all.
    """

    feature_set: str = field(default="", metadata=ADDED)
    table: str = field(default="", metadata=ADDED)
    aggregate: str = field(default="", metadata=ADDED)
    column: str = field(default="", metadata=ADDED)
    value: str = field(default="", metadata=ADDED)
    weight: str = field(default="", metadata=ADDED)
    part: str = field(default="", metadata=ADDED)
    number: int | None = field(default=None, metadata=ADDED)
    windows: tuple[timedelta | None, ...] = field(default=(), metadata=ADDED)
    every: timedelta | None = field(default=None, metadata=ADDED)
    unit: Unit = field(default="", metadata=ADDED)
    made_of: "tuple[Meaning, ...]" = field(default=(), metadata=ADDED)


def find_meaning(meanings: Mapping[str, Meaning], name: str) -> Meaning:
    """Return the meaning of a feature; of one that has none, that it has this name.

    >>> find_meaning({}, "age")
    Meaning(feature_set='', table='', aggregate='', column='age', value='', weight='', part='', number=None, \
windows=(), every=None, unit='', made_of=())
    """
    return meanings.get(name) or Meaning(column=name)


def choose_meanings(meanings: Mapping[str, Meaning], names: Iterable[str]) -> dict[str, Meaning]:
    """Return the meanings of some features, in their order, of those that have one."""
    return {name: meanings[name] for name in names if name in meanings}


def find_group(meaning: Meaning) -> Meaning:
    """Return the meaning of the group a feature belongs to: its set and aggregate, and of shares the column too.

    A column that is taken as it is makes a group of its own, and so does a feature of which nothing is known.

    >>> group = find_group(Meaning(feature_set="shop", table="visits", aggregate="sum", column="spend", unit="column"))
    >>> group == Meaning(feature_set="shop", table="visits", aggregate="sum")
    True
    """
    if not meaning.aggregate or meaning.made_of:
        return meaning
    keeps_column = meaning.aggregate in (OF_PROFILE, "share")
    return replace(
        Meaning(feature_set=meaning.feature_set, table=meaning.table, aggregate=meaning.aggregate),
        column=meaning.column if keeps_column else "",
    )
