"""What the numbers say, in plain words."""

from yule.messages.digits import SMALL, find_digits
from yule.report.head import ReportHead
from yule.report.quality import FRACTIONS

HEADLINE_FRACTION = 0.1
HEADLINE = FRACTIONS.index(HEADLINE_FRACTION)


def tell_test(head: ReportHead) -> str:
    """Say on whom the list was tested, at the begin of a sentence."""
    if head.is_later:
        return f"In a later period that the models never saw (from {head.validation_cutoffs[0]:%Y-%m-%d})"
    return "Among users that the models never saw"


def tell_measured(head: ReportHead) -> str:
    """Say on whom the figures were measured, for people who look at them one by one."""
    if head.is_later:
        return "Measured in a later period than the models learned from, on users they did not see"
    return "Measured on users the models did not see"


def tell_outcome(head: ReportHead) -> str:
    """Say that the outcome is known, at the begin of a sentence."""
    return f"What happened after {head.cutoff:%Y-%m-%d} is known by now"


def tell_horizon(head: ReportHead) -> str:
    """Say within which time, after a blank; nothing when that is not known."""
    return f" within {head.horizon.days} days" if head.horizon.days else ""


def count(number: float) -> str:
    """Write a count the way people do.

    >>> count(1234.4), count(3.14), count(0.0), count(1.2345e-7)
    ('1,234', '3.1', '0', '0.00000012')
    """
    if 0 < abs(number) < SMALL:
        return f"{number:.{find_digits(number)}f}"
    return f"{number:,.1f}".removesuffix(".0") if number < 10 else f"{number:,.0f}"


def share(fraction: float) -> str:
    """Write a share as a percentage.

    >>> share(0.5), share(0.123), share(0.0042), share(0.00001)
    ('50%', '12.3%', '0.42%', '<0.01%')
    """
    percent = 100 * fraction
    if 0 < percent < 0.005:
        return "<0.01%"
    text = f"{percent:.2f}" if 0 < percent < 0.995 else f"{percent:.1f}".removesuffix(".0")
    return f"{text}%"


def rate(fraction: float) -> str:
    """Write a share as a percentage with as many digits as its neighbours in a column have.

    >>> rate(0.5), rate(0.0042)
    ('50.0%', '0.42%')
    """
    return f"{100 * fraction:.2f}%" if 0 < fraction < 0.00995 else f"{100 * fraction:.1f}%"
