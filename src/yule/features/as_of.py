"""The one way features see a table: as it was before an instant."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from yule.core.errors import DataError
from yule.downloads.settings import Method
from yule.features.settings import EventFeatures, FeatureSpec, find_joins
from yule.sql.conditions import condition_sql
from yule.sql.connecting import connect
from yule.sql.quoting import quote_instant, quote_name, quote_table

MICROSECONDS_PER_DAY = 86_400_000_000

MEMORY = "3GB"
"""What the database may take before it goes through the disk."""


def events_before(method: Method, table: Sequence[Path], instant: datetime, *, where: str | None = None) -> str:
    """Return a query for the rows before an instant, strictly; those at the instant itself are not among them."""
    before = f"{quote_name(method.time or '')} < {quote_instant(instant)}"
    return f"SELECT * FROM {quote_table(table)} WHERE {before} AND {condition_sql(where, [method])}"


def joined_before(spec: FeatureSpec, tables: Sequence[Sequence[Path]], instant: datetime) -> str:
    """Return a query for the events of a feature set before an instant, with the columns of its items beside them.

    Parameters
    ----------
    spec
        A feature set over events.
    tables
        The files of its events, then those of each table that is joined.
    instant
        Events at it or later are left out.
    """
    settings = spec.settings
    assert isinstance(settings, EventFeatures)
    return f"SELECT * FROM ({all_before(spec, tables, instant)}) WHERE {condition_sql(settings.where, spec.methods)}"


def all_before(spec: FeatureSpec, tables: Sequence[Sequence[Path]], instant: datetime) -> str:
    """Return the same for all events, whatever the condition of the set says of them."""
    events, joins = events_before(spec.table.method, tables[0], instant), find_joins(spec.settings)
    selected, joined = "event.*", ""
    for number, (join, items, files) in enumerate(zip(joins, spec.joined, tables[1:], strict=True)):
        selected += "".join(f", item{number}.{quote_name(column)}" for column in join.columns)
        by, key = quote_name(join.by), quote_name(items.method.user)
        joined += f" LEFT JOIN {quote_table(files)} AS item{number} ON CAST(event.{by} AS VARCHAR) = item{number}.{key}"
    return f"SELECT {selected} FROM ({events}) AS event{joined}"


def days_until(instant: datetime, value: str) -> str:
    """Return the days from a timestamp to an instant as SQL, exact to the microsecond."""
    return f"(epoch_us({quote_instant(instant)}) - epoch_us({value})) / {MICROSECONDS_PER_DAY}.0"


def check_any_before(method: Method, table: Sequence[Path], instant: datetime) -> None:
    """Raise a DataError if a table has no row before an instant."""
    time = quote_name(method.time or "")
    with connect(n_threads=1) as connection:
        ((first, is_before),) = connection.execute(
            f"SELECT CAST(min({time}) AS VARCHAR), min({time}) < {quote_instant(instant)} FROM {quote_table(table)}"
        ).fetchall()
    if not is_before:
        raise DataError(
            f"{method.name} has no row before the cut-off {instant:%Y-%m-%d}: its first is at {first}. "
            "Choose a later cut-off."
        )
