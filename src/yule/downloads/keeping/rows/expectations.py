"""What a method's declaration expects of its data, beyond their types: which of them are let in. It keys nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class ColumnChecks:
    """What is expected of the values of a column. Missing values are looked at by ``not_null`` alone.

    Parameters
    ----------
    not_null
        Whether every row must have a value.
    unique
        Whether no value may occur twice: on one day of a table with `days`, else in the whole table.
    accepted_values
        The values there may be, as text; empty for any.
    min, max
        The least and the greatest value there may be, as text: a number, a date or a timestamp.
    """

    not_null: bool = False
    unique: bool = False
    accepted_values: tuple[str, ...] = ()
    min: str | None = None
    max: str | None = None


@dataclass(frozen=True, kw_only=True)
class Band:
    """How many rows a day has.

    Parameters
    ----------
    min
        The fewest; looked at once the day is final.
    max
        The most; null for any number.
    """

    min: int = 0
    max: int | None = None


@dataclass(frozen=True, kw_only=True)
class Checks:
    """What is expected of a table.

    Parameters
    ----------
    columns
        Of its columns, by name.
    unique
        Columns whose values together occur once: on one day of a table with `days`, else in the whole table.
    rows_per_day
        How many rows each day has; None for any number.
    """

    columns: Mapping[str, ColumnChecks] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    rows_per_day: Band | None = None
