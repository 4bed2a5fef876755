"""What to know of the columns of a table: which are left out, and which are read in another way than one may think."""

from collections.abc import Iterator, Sequence

from yule.config.scaffold.columns import TableColumn
from yule.features.settings import MAX_DATES, Terms

_KINDS: dict[Terms, str] = {"values": "a list", "words": "a text", "characters": "a text without spaces"}


def list_notes(columns: Sequence[TableColumn]) -> Iterator[str]:
    """Yield a line for each column that is left out, has a format, or looks like more than a category."""
    dates = [column for column in columns if column.type in ("date", "timestamp") and not column.left_out]
    if len(dates) > MAX_DATES:
        yield (
            f"{dates[MAX_DATES].name} and later dates have no differences: only the first {MAX_DATES} of "
            f"{len(dates)} have. Put others first in features/profile.yaml if they matter more"
        )
    for column in columns:
        cause = f". {column.remark}" if column.remark else ""
        if column.terms is not None:
            yield f"{column.name} is read as {_KINDS[column.terms]}: what its rows have in common is a feature"
        elif column.left_out:
            yield f"{column.name} is left out: {column.left_out}{cause}"
        elif column.reading.format or column.reading.missing or column.instead:
            yield f"{column.name} is read as {column.declaration}{cause}"
        elif column.remark:
            yield f"{column.name} is read as a category. {column.remark}"
