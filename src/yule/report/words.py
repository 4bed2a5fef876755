"""What the numbers say, in plain words."""

from datetime import timedelta

from yule.report.numbers import FRACTIONS, Quality, ReportNumbers

HEADLINE_FRACTION = 0.1


def describe_answer(numbers: ReportNumbers) -> tuple[str, ...]:
    """Say in a few sentences what was found and how far it can be trusted. No names of metrics."""
    row = next(row for row in numbers.forecast if row.fraction == HEADLINE_FRACTION)
    sentences = [
        f"All {count(numbers.n_users)} users are ranked by their chance{_within(numbers.horizon)}, "
        f"as of {numbers.cutoff:%Y-%m-%d}.",
        f"Contact the first {count(row.n_users)} and expect about {count(row.expected)} of them to be a yes; "
        f"the same number at random would hold about {count(row.at_random)}.",
    ]
    where = (
        f"On a later period the models never saw (from {numbers.validation_cutoffs[0]:%Y-%m-%d})"
        if numbers.is_later
        else "On users the models never saw"
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

    >>> share(0.5), share(0.123), share(0.0042)
    ('50 %', '12.3 %', '0.42 %')
    """
    percent = 100 * fraction
    return f"{percent:.2f} %" if 0 < percent < 1 else f"{percent:.1f} %".replace(".0 %", " %")


def _describe_quality(quality: Quality) -> str:
    row = quality.gains[FRACTIONS.index(HEADLINE_FRACTION)]
    return (
        f"the first {count(row.n_users)} of {count(quality.n_users)} users held {count(row.hits)} of the "
        f"{count(quality.n_positives)} that were a yes: {row.lift:.1f} times as many as at random"
    )


def _within(horizon: timedelta) -> str:
    return f" of a yes within {horizon.days} days" if horizon else " of a yes"
