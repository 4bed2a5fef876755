"""Values of findings: each says what it is in, so that a language can write it by its own rules."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from yule.core.meanings import Meaning


@dataclass(frozen=True)
class Count:
    """How many there are of something."""

    value: int
    unit: Literal["count"] = "count"


@dataclass(frozen=True)
class Share:
    """A part of a whole, 0 to 1."""

    value: float
    unit: Literal["share"] = "share"


@dataclass(frozen=True)
class Figure:
    """A number without a unit: an AUC, a ratio."""

    value: float
    unit: Literal["figure"] = "figure"


@dataclass(frozen=True)
class Amount:
    """A number in the unit of a case's labels."""

    value: float
    unit: Literal["amount"] = "amount"


@dataclass(frozen=True)
class Total:
    """Users or amounts that were counted, summed or are expected; told with as many digits as people would."""

    value: float
    unit: Literal["total"] = "total"


@dataclass(frozen=True)
class Days:
    """A duration in days."""

    value: float
    unit: Literal["days"] = "days"


@dataclass(frozen=True)
class Instants:
    """Instants in UTC, ascending; told by their days."""

    value: tuple[datetime, ...]
    unit: Literal["instants"] = "instants"


@dataclass(frozen=True)
class Names:
    """Names of users, downloads, classes or feature sets.

    Parameters
    ----------
    value
        Those that may be told.
    n
        How many there are in all, at least as many.
    """

    value: tuple[str, ...]
    n: int
    unit: Literal["names"] = "names"


@dataclass(frozen=True)
class Texts:
    """Texts as they stand in data; every blank of them matters."""

    value: tuple[str, ...]
    unit: Literal["texts"] = "texts"


@dataclass(frozen=True)
class FeatureList:
    """What features mean, each with a figure or none.

    Parameters
    ----------
    value
        Their meanings.
    figures
        One for each, or none at all; None where it is not known.
    measure
        What figures are; empty if there are none.
    """

    value: tuple[Meaning, ...]
    figures: tuple[float | None, ...] = ()
    measure: Literal["", "auc", "psi", "days"] = ""
    unit: Literal["features"] = "features"


@dataclass(frozen=True)
class Said:
    """What another program says, or an error, in its own words and its own language."""

    value: str
    unit: Literal["said"] = "said"


@dataclass(frozen=True)
class Codes:
    """Messages that need no values, by their codes."""

    value: tuple[str, ...]
    unit: Literal["codes"] = "codes"


@dataclass(frozen=True)
class Choice:
    """One of a few words of ours, for which a language has its own."""

    value: str
    unit: Literal["choice"] = "choice"


Value: TypeAlias = (
    Count | Share | Figure | Amount | Total | Days | Instants | Names | Texts | FeatureList | Choice | Said | Codes
)


def name_one(name: str) -> Names:
    """Return a single name."""
    return Names((name,), 1)


def name_some(names: list[str], *, most: int = 20) -> Names:
    """Return a few of several names, and how many there are.

    >>> name_some(["a", "b", "c"], most=2)
    Names(value=('a', 'b'), n=3, unit='names')
    """
    return Names(tuple(names[:most]), len(names))


def tell_feature(meaning: Meaning) -> FeatureList:
    """Return a single feature, without a figure."""
    return FeatureList((meaning,))
