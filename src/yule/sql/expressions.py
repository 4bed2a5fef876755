"""Expressions over a column."""

from yule.sql.quoting import quote_name, quote_text

MILLIONTHS = "1e6"
"""Numbers are added as whole millionths: sums of floating-point numbers depend on the order of the rows."""


def millionths(column: str) -> str:
    """Return a column in whole millionths as SQL.

    >>> millionths("price")
    'CAST(round(price * 1e6) AS HUGEINT)'
    """
    return f"CAST(round({column} * {MILLIONTHS}) AS HUGEINT)"


def local_time(column: str, time_zone: str | None) -> str:
    r"""Return what the clock said where and when something happened, as SQL.

    Parameters
    ----------
    column
        Name of a column of timestamps, or of dates.
    time_zone
        Where the clock hung; None for dates, which are their midnights.

    >>> local_time("at", "Asia/Tokyo"), local_time("day", None)
    ('("at" AT TIME ZONE \'Asia/Tokyo\')', 'CAST("day" AS TIMESTAMP)')
    """
    time = quote_name(column)
    return f"CAST({time} AS TIMESTAMP)" if time_zone is None else f"({time} AT TIME ZONE {quote_text(time_zone)})"
