"""What is made of the dates of a profile, as of a cut-off: a date that is not over by then is not known."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations

from yule.core.meanings import OF_PROFILE, Meaning
from yule.downloads.settings import Column, Method
from yule.features.as_of import MICROSECONDS_PER_DAY
from yule.features.columns import FeatureColumn
from yule.features.settings import MAX_DATES, DatePart, ProfileFeatures
from yule.sql.expressions import local_time
from yule.sql.quoting import quote_instant, quote_name

_FUNCTIONS: dict[DatePart, str] = {"hour": "hour", "weekday": "isodow", "month": "month"}


def date_columns(
    settings: ProfileFeatures, method: Method, columns: Sequence[Column], cutoff: datetime
) -> Iterator[FeatureColumn]:
    """Yield what a feature set makes of its dates; a column of the table that has the same name comes first.

    Parameters
    ----------
    settings
        The feature set; ``dates`` says what is made.
    method
        The method of its table; a time has the hour that the clock showed in its ``time_zone``.
    columns
        The columns that the set takes.
    cutoff
        The cut-off.
    """
    made = _make_all(settings, method, columns, cutoff)
    taken = {f"{settings.name}__{column.name}" for column in columns}
    return (column for column in made if column.name not in taken)


def past_sql(column: Column, cutoff: datetime) -> str:
    """Return a date or a time as an instant, as SQL; NULL where it is not over at the cut-off."""
    return f"CASE WHEN {_is_past(column, cutoff)} THEN CAST({quote_name(column.name)} AS TIMESTAMPTZ) END"


def _make_all(
    settings: ProfileFeatures, method: Method, columns: Sequence[Column], cutoff: datetime
) -> Iterator[FeatureColumn]:
    dates = [column for column in columns if column.type in ("date", "timestamp")]
    for column in dates:
        for part, function in _FUNCTIONS.items():
            if part in settings.dates and (part != "hour" or column.type == "timestamp"):
                clock = local_time(column.name, method.time_zone if column.type == "timestamp" else None)
                sql = f"CASE WHEN {_is_past(column, cutoff)} THEN {function}({clock}) END"
                yield _make(settings, f"{column.name}__{part}", sql, column=column.name, part=part)
    if "differences" in settings.dates:
        for first, second in combinations(dates[:MAX_DATES], 2):
            start, end = (f"epoch_us({past_sql(column, cutoff)})" for column in (first, second))
            sql, name = f"({end} - {start}) / {MICROSECONDS_PER_DAY}.0", f"{first.name}__to__{second.name}"
            yield _make(settings, name, sql, column=first.name, part="difference", value=second.name)


def _is_past(column: Column, cutoff: datetime) -> str:
    """Return whether a timestamp is before the cut-off, and a date over by then, as SQL."""
    before = quote_instant(cutoff) if column.type == "timestamp" else f"DATE '{cutoff.astimezone(UTC):%Y-%m-%d}'"
    return f"{quote_name(column.name)} < {before}"


def _make(settings: ProfileFeatures, name: str, sql: str, *, column: str, part: str, value: str = "") -> FeatureColumn:
    meaning = Meaning(
        feature_set=settings.name,
        table=settings.download,
        aggregate=OF_PROFILE,
        column=column,
        part=part,
        value=value,
        unit="days" if part == "difference" else "",
    )
    return FeatureColumn(name=f"{settings.name}__{name}", sql=f"CAST({sql} AS FLOAT)", empty="missing", meaning=meaning)
