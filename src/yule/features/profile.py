"""Columns of a table with one row per user, taken as they are, as of a cut-off."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from yule.core.meanings import OF_PROFILE, Meaning
from yule.downloads.settings import Column, Method
from yule.features.as_of import check_any_before, days_until, events_before
from yule.features.columns import FeatureColumn, write_features
from yule.features.dates import date_columns, past_sql
from yule.features.settings import FeatureSpec, ProfileFeatures
from yule.sql.conditions import condition_sql
from yule.sql.connecting import connect
from yule.sql.quoting import quote_name, quote_table


def write_profile_features(
    spec: FeatureSpec, table: Sequence[Path], *, cutoff: datetime, folder: Path, n_threads: int
) -> None:
    """Write ``features.parquet``: the profile of every user.

    Text stays text; numbers, truths (0, 1) and dates (days from the date to the cut-off; missing unless the day is over
    by then) become float32.

    Parameters
    ----------
    spec
        A feature set of profiles. If its table has a time, a user's last row before the cut-off counts.
    table
        The files of its table.
    cutoff
        The cut-off.
    folder
        Where to write; it exists.
    n_threads
        Threads to use.
    """
    settings, method = spec.settings, spec.table.method
    assert isinstance(settings, ProfileFeatures)
    chosen = _choose(method, settings.columns)
    columns = [
        *(_take(settings, column, cutoff) for column in chosen),
        *date_columns(settings, method, chosen, cutoff),
    ]
    selected = "".join(f", {column.sql} AS {quote_name(column.name)}" for column in columns)
    with connect(n_threads=n_threads, scratch=folder.parent) as connection:
        rows = latest_rows(method, table, cutoff)
        query = f"SELECT {quote_name(method.user)} AS user_id{selected} FROM ({rows}) ORDER BY 1"
        write_features(connection, query, columns, folder)


def latest_rows(method: Method, table: Sequence[Path], cutoff: datetime, *, where: str | None = None) -> str:
    """Return a query for one row per user: of a table with a time the last before the cut-off.

    Raises
    ------
    DataError
        If the table has a time, and no row before the cut-off.
    """
    if method.time is None:
        return f"SELECT * FROM {quote_table(table)} WHERE {condition_sql(where, [method])}"
    check_any_before(method, table, cutoff)
    others = [column.name for column in method.columns if column.name not in (method.user, method.time)]
    latest = ", ".join(f"{quote_name(name)} DESC NULLS LAST" for name in (method.time, *others))
    return (
        f"SELECT * FROM ({events_before(method, table, cutoff, where=where)}) "
        f"QUALIFY row_number() OVER (PARTITION BY {quote_name(method.user)} ORDER BY {latest}) = 1"
    )


def _choose(method: Method, names: Sequence[str]) -> list[Column]:
    """Return the columns by name, in the order given; all but the keys when none is named."""
    if not names:
        return [column for column in method.columns if column.name not in (method.user, method.time)]
    by_name = {column.name: column for column in method.columns}
    return [by_name[name] for name in names]


def _take(settings: ProfileFeatures, column: Column, cutoff: datetime) -> FeatureColumn:
    """Return a column as it is."""
    is_date = column.type in ("date", "timestamp")
    return FeatureColumn(
        name=f"{settings.name}__{column.name}",
        sql=_value_sql(column, cutoff),
        empty="missing",
        meaning=Meaning(
            feature_set=settings.name,
            table=settings.download,
            aggregate=OF_PROFILE,
            column=column.name,
            unit="days" if is_date else "column",
        ),
    )


def _value_sql(column: Column, cutoff: datetime) -> str:
    name = quote_name(column.name)
    match column.type:
        case "string":
            return name
        case "timestamp" | "date":
            return f"CAST({days_until(cutoff, past_sql(column, cutoff))} AS FLOAT)"
        case _:
            return f"CAST({name} AS FLOAT)"
