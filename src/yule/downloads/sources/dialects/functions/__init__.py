"""The functions of GoogleSQL that are translated, one file for each kind, and what is said of some that are not.

Belongs here: one writer for each function, exact for all arguments or failing.
Does not belong here: what has a grammar of its own, as CASE and CAST (yule.downloads.sources.dialects.writing).
"""

from yule.downloads.sources.dialects.functions.catalogue import FUNCTIONS, say_refused
from yule.downloads.sources.dialects.functions.numbers import SAY_NUMERIC, write_division
from yule.downloads.sources.dialects.functions.times import write_extract, write_shift

__all__ = ["FUNCTIONS", "SAY_NUMERIC", "say_refused", "write_division", "write_extract", "write_shift"]
