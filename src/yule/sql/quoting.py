"""The few names and literals that generated SQL needs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path


def quote_name(name: str) -> str:
    """Quote the name of a column.

    >>> quote_name("net sales")
    '"net sales"'
    """
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Quote a text.

    >>> quote_text("BEER'S")
    "'BEER''S'"
    """
    return "'" + text.replace("'", "''") + "'"


def quote_instant(instant: datetime) -> str:
    """Write an instant.

    >>> quote_instant(datetime(2017, 12, 3, tzinfo=UTC))
    "TIMESTAMPTZ '2017-12-03 00:00:00.000000+00'"
    """
    return f"TIMESTAMPTZ '{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"


def quote_table(files: Sequence[Path]) -> str:
    """Write Parquet files as one table to select from."""
    return f"read_parquet([{', '.join(quote_text(str(file)) for file in files)}])"
