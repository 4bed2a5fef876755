"""When files were written, by the days that they hold, and whether they were while somebody read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from yule.downloads.settings import DAY
from yule.downloads.sources.files.suffixes import name_form


@dataclass(frozen=True, kw_only=True)
class FileState:
    """What tells a file apart from what is written into it, or put in its place, later."""

    inode: int
    n_bytes: int
    written_at: int


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
        extent = _find_extent(file, time) if time is not None and name_form(file) == "parquet" else None
        for day in days:
            if extent is None or extent[0] <= day <= extent[1]:
                written[day] = max(at, written.get(day, at))
    return written


def note_states(files: Iterable[Path]) -> dict[Path, FileState]:
    """Return what files are now, before they are read."""
    return {file: _find_state(file) for file in files}


def find_disturbed(before: Mapping[Path, FileState], time: str | None, days: Sequence[date] | None) -> list[Path]:
    """Return the files that are not what they were before they were read: what was read may be a bit of both.

    Of days that are over, nothing is disturbed by lines that are added to a text, nor by Parquet of other days.

    Parameters
    ----------
    before
        What the files were.
    time
        See :func:`find_written`.
    days
        The days that are read; None for all rows.
    """
    return [file for file, state in before.items() if _is_disturbed(file, state, time, days)]


def _is_disturbed(file: Path, before: FileState, time: str | None, days: Sequence[date] | None) -> bool:
    try:
        now = _find_state(file)
        if now == before or days is None:
            return now != before
        if name_form(file) != "parquet":
            return now.inode != before.inode or now.n_bytes < before.n_bytes
        return bool(find_written([file], time, days))
    except FileNotFoundError:
        return True


def _find_state(file: Path) -> FileState:
    status = file.stat()
    return FileState(inode=status.st_ino, n_bytes=status.st_size, written_at=status.st_mtime_ns)


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
