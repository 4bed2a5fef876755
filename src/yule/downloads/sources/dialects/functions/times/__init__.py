"""Functions of dates and times, and EXTRACT.

A DATE is DuckDB's DATE, a DATETIME its TIMESTAMP, a TIMESTAMP its TIMESTAMPTZ. The session's time zone must be UTC.
"""

from yule.downloads.sources.dialects.functions.times.counting import COUNTS, write_extract
from yule.downloads.sources.dialects.functions.times.formats import FORMATS
from yule.downloads.sources.dialects.functions.times.intervals import INTERVALS, write_shift
from yule.downloads.sources.dialects.functions.times.moments import MOMENTS
from yule.downloads.sources.dialects.functions.times.truncating import TRUNCATIONS
from yule.downloads.sources.dialects.pieces import Function

__all__ = ["TIMES", "write_extract", "write_shift"]

TIMES: tuple[Function, ...] = (*MOMENTS, *INTERVALS, *COUNTS, *TRUNCATIONS, *FORMATS)
