"""Columns and tables, as far as SQL over them has to know them."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

ColumnType: TypeAlias = Literal["string", "integer", "number", "boolean", "timestamp", "date"]

SQL_TYPES: dict[ColumnType, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "date": "DATE",
}


class TypedColumn(Protocol):
    """A column: its name, and what its values are."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def type(self) -> ColumnType:
        """What its values are."""


class Table(Protocol):
    """A table: its columns, and where a clock showed its times."""

    @property
    def columns(self) -> Sequence[TypedColumn]:
        """Its columns."""

    @property
    def time_zone(self) -> str:
        """The zone in which people read its times."""
