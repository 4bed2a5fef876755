"""What the numbers say, in plain words."""

from datetime import timedelta

from yule.report.numbers import ReportNumbers
from yule.report.quality import FRACTIONS, Quality

HEADLINE_FRACTION = 0.1
HEADLINE = FRACTIONS.index(HEADLINE_FRACTION)


def describe_answer(numbers: ReportNumbers) -> tuple[str, ...]:
    """Say in a few sentences what was found and how far it can be trusted. No names of metrics."""
    row = numbers.forecast[HEADLINE]
    sentences = [
        f"Contact the first {count(row.n_users)} of the {count(numbers.n_users)} users on the list and expect about "
        f"{count(row.expected)} of them to be a yes{_within(numbers.horizon)}.",
        f"The same number drawn at random would hold about {count(row.at_random)}.",
    ]
    where = (
        f"In a later period that the models never saw (from {numbers.validation_cutoffs[0]:%Y-%m-%d})"
        if numbers.is_later
        else "Among users that the models never saw"
    )
    sentences.append(f"{where}, {_describe_quality(numbers.validation)}.")
    if numbers.outcome is not None:
        sentences.append(
            f"What happened after {numbers.cutoff:%Y-%m-%d} is known by now: {_describe_quality(numbers.outcome)}."
        )
    return tuple(sentences)


def count(number: float) -> str:
    """Write a count the way people do.

    >>> count(1234.4), count(3.14), count(0.0)
    ('1,234', '3.1', '0')
    """
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


def _describe_quality(quality: Quality) -> str:
    row = quality.gains[HEADLINE]
    return (
        f"the first {count(row.n_users)} of {count(quality.n_users)} users held {count(row.hits)} of the "
        f"{count(quality.n_positives)} that were a yes: {row.lift:.1f} times as many as at random"
    )


def _within(horizon: timedelta) -> str:
    return f" within {horizon.days} days" if horizon.days else ""
