"""Shares of values: what may be shared out."""

from collections.abc import Iterable

from yule.config.forms.checks import (
    NUMBERS,
    Fault,
    find_column_faults,
    find_repeated,
)
from yule.config.forms.features.clock import find_clock_faults, is_clock_of
from yule.downloads.settings import Method
from yule.features.settings import Share
from yule.sql.columns import ColumnType


def find_repeated_shares(shares: tuple[Share, ...]) -> Iterable[Fault]:
    """Find columns that are shared out twice: their features would have the same names."""
    return find_repeated([share.of for share in shares], ("of",))


def find_share_faults(shares: tuple[Share, ...], method: Method) -> Iterable[Fault]:
    """Find shares of columns that are not there or whose values are no names, and weights that are no numbers."""
    for index, share in enumerate(shares):
        if is_clock_of(share.of, method):
            yield from find_clock_faults(share.of, method, at=(index, "of"))
            if share.bands is not None:
                yield Fault(at=(index, "bands"), message=f"{share.of} is no number and has no bands; leave this out")
        else:
            types: tuple[ColumnType, ...] = ("string", "integer", "boolean") if share.bands is None else NUMBERS
            yield from find_column_faults(share.of, method, types, at=(index, "of"))
        if share.weight is not None:
            yield from find_column_faults(share.weight, method, NUMBERS, at=(index, "weight"))
