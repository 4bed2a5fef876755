"""What the clock said when an event happened, named as if it were a column."""

from collections.abc import Iterable

from yule.config.forms.checks import (
    Fault,
)
from yule.downloads.settings import Method
from yule.features.settings import is_clock


def is_clock_of(name: str, method: Method) -> bool:
    """Say whether a name stands for what the clock said, and not for a column of an event."""
    return is_clock(name, [column.name for column in method.columns])


def find_clock_faults(name: str, method: Method, *, at: tuple[str | int, ...]) -> Iterable[Fault]:
    """Find out whether the clock is asked for what it does not tell."""
    if name == "time_of_day" and method.tells_days:
        message = f"the time of {method.name} is a date, which tells no time of day; leave this out"
        yield Fault(at=at, message=message)
