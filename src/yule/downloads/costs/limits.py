"""What is refused before anything is read: too much, and what is not there."""

from collections.abc import Sequence

from yule.core.errors import DataError
from yule.core.spelling import suggest
from yule.downloads.specs import Query

UNITS = ("B", "kB", "MB", "GB", "TB")


def format_bytes(n_bytes: int) -> str:
    """Write a size in decimal units, as bills do.

    >>> format_bytes(999), format_bytes(1_500_000), format_bytes(20_000_000_000)
    ('999 B', '1.5 MB', '20 GB')
    """
    size = float(n_bytes)
    unit = 0
    while size >= 999.5 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {UNITS[unit]}"


def add_sizes(sizes: Sequence[int | None]) -> int | None:
    """Add sizes; None when one of them is not known.

    >>> add_sizes([1, 2]), add_sizes([1, None])
    (3, None)
    """
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def check_size(query: Query, n_bytes: int | None, max_bytes: int | None) -> None:
    """Raise a DataError if a source would have to read more than it may."""
    if max_bytes is None or n_bytes is None or n_bytes <= max_bytes:
        return
    raise DataError(
        f"downloads/{query.method.name}.yaml: the source would have to read {format_bytes(n_bytes)} for "
        f"{len(query.columns)} columns{_period(query)}, but only {format_bytes(max_bytes)} are allowed. "
        f"{advise(query)}"
    )


def advise(query: Query) -> str:
    """Say what would make a fetch smaller."""
    days = query.method.days
    hints = ["fewer columns", *(["a shorter period"] if query.method.time else [])]
    if query.method.time and (days is None or days.column is None):
        hints.append("`days: {column: ...}` if the source is partitioned by another column than the time")
    return (
        f"To read less, ask for {', '.join(hints[:-1])} or {hints[-1]}; or allow more."
        if len(hints) > 1
        else (f"To read less, ask for {hints[0]}; or allow more.")
    )


def check_columns(query: Query, names: Sequence[str]) -> None:
    """Raise a DataError if the source does not have all of the wanted columns."""
    if missing := find_missing(query, names):
        raise DataError(
            f"downloads/{query.method.name}.yaml: {query.method.table or 'the SQL'} does not fit its columns: "
            f"{'; '.join(missing)}. Correct what is declared of them."
        )


def find_missing(query: Query, names: Sequence[str]) -> list[str]:
    """Say which of the wanted columns the source does not have."""
    missing = [name for name in query.columns if name not in names]
    if not missing:
        return []
    hints = ", ".join(f"{name!r}{suggest(name, names)}" for name in missing)
    return [f"there is no column {hints}, only {', '.join(names)}"]


def _period(query: Query) -> str:
    since = f" since {query.since:%Y-%m-%d}" if query.since else ""
    until = f" until {query.until:%Y-%m-%d}" if query.until else ""
    return since + until
