"""When files were written, by the days that they hold."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from yule.downloads.settings import DAY


def find_written(files: Iterable[Path], time: str | None, days: Sequence[date]) -> dict[date, datetime]:
    """Return when the files that hold rows of days, or may hold some, were last written to.

    Parameters
    ----------
    files
        The files.
    time
        Column with the time; None when the files do not have it. Parquet tells its least and greatest value.
    days
        The days.
    """
    written: dict[date, datetime] = {}
    for file in files:
        at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        extent = _find_extent(file, time) if time is not None and file.suffix == ".parquet" else None
        for day in days:
            if extent is None or extent[0] <= day <= extent[1]:
                written[day] = max(at, written.get(day, at))
    return written


def _find_extent(file: Path, time: str) -> tuple[date, date] | None:
    """Return the first and the last day that a file may have rows of, in any time zone; None when it does not say."""
    try:
        metadata = pq.read_metadata(file)
    except pa.ArrowInvalid:  # reading it will say so
        return None
    if time not in metadata.schema.names:
        return None
    place = metadata.schema.names.index(time)
    found: list[date] = []
    for group in range(metadata.num_row_groups):
        statistics = metadata.row_group(group).column(place).statistics
        if statistics is None or not statistics.has_min_max or not isinstance(statistics.min, date):
            return None
        found += [value.date() if isinstance(value, datetime) else value for value in (statistics.min, statistics.max)]
    return (min(found) - DAY, max(found) + DAY) if found else None
