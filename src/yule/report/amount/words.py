"""What the numbers of a report on amounts say, in plain words."""

from collections.abc import Iterator

from yule.report.advice import Advice, judge_promise, tell_findings
from yule.report.amount.numbers import AmountNumbers
from yule.report.amount.quality import AmountQuality
from yule.report.quality import Z_90
from yule.report.words import HEADLINE, count, share

MAX_DRIFT = 0.3  # of the mean amount in the test: how far the population's expected mean may differ
SMALL_GAIN = 0.002  # of the error


def describe_amounts(numbers: AmountNumbers) -> tuple[str, ...]:
    """Say in a few sentences what was found and how far it can be trusted. No names of metrics."""
    row, total = numbers.forecast[HEADLINE], numbers.expected_total
    within = f" within {numbers.horizon.days} days" if numbers.horizon.days else ""
    part = f" ({share(row.expected / total)})" if total > 0 else ""
    where = (
        f"In a later period that the models never saw (from {numbers.validation_cutoffs[0]:%Y-%m-%d})"
        if numbers.is_later
        else "Among users that the models never saw"
    )
    sentences = [
        f"The first {count(row.n_users)} of the {count(numbers.n_users)} users on the list are expected to come to "
        f"about {count(row.expected)} of {count(total)} in all{within}{part}.",
        f"The same number drawn at random would come to about {count(row.at_random)}.",
        f"{where}, {_describe_quality(numbers.validation)}.",
    ]
    if numbers.outcome is not None:
        sentences.append(
            f"What happened after {numbers.cutoff:%Y-%m-%d} is known by now: {_describe_quality(numbers.outcome)}."
        )
    return tuple(sentences)


def find_amount_advice(numbers: AmountNumbers) -> tuple[Advice, ...]:
    """Look at the numbers the way a careful colleague would."""
    return (
        *tell_findings(numbers.findings),
        *_check_deciles(numbers),
        *_check_outcome(numbers),
        *_check_drift(numbers),
        *_check_ensemble(numbers),
        *(Advice(kind="warn", title=warning, text="") for warning in numbers.history.warnings),
    )


def _describe_quality(quality: AmountQuality) -> str:
    row, promised = quality.totals[HEADLINE], quality.promised[HEADLINE]
    return (
        f"the first {count(row.n_users)} of {count(quality.n_users)} users came to {count(row.amount)} of "
        f"{count(quality.total)}, {share(row.share)} of it and {row.lift:.1f} times as much as at random; "
        f"{count(promised)} were promised"
    )


def _check_deciles(numbers: AmountNumbers) -> Iterator[Advice]:
    """Say whether expectations can be taken at their word: most groups come to what they promise, chance set aside."""
    groups = numbers.validation.deciles
    n_off = sum(abs(group.expected - group.observed) > 2 * Z_90 * group.error for group in groups)
    text = f"In {len(groups) - n_off} of {len(groups)} groups of users the mean came to what was expected."
    if n_off <= 1:
        yield Advice(kind="ok", title="Expectations can be taken at face value", text=text)
    else:
        text = f"{text} The order can be trusted more than the size."
        yield Advice(kind="warn", title="Take the expectations with care", text=text)


def _check_outcome(numbers: AmountNumbers) -> Iterator[Advice]:
    quality = numbers.outcome
    if quality is not None:
        promised, row = quality.promised[HEADLINE], quality.totals[HEADLINE]
        found = (
            f"For the first {count(row.n_users)} users it promised {count(promised)}; it came to {count(row.amount)}."
        )
        yield judge_promise(promised, row.amount, quality.amount_ranges[HEADLINE], found)


def _check_drift(numbers: AmountNumbers) -> Iterator[Advice]:
    expected = numbers.expected_total / numbers.n_users
    validated = numbers.validation.total / numbers.validation.n_users
    if abs(expected - validated) > MAX_DRIFT * validated:
        yield Advice(
            kind="warn",
            title="The ranked users differ from those the list was tested on",
            text=f"{count(expected)} are expected of each on average; it was {count(validated)} in the test. "
            "Look whether the population or the data changed.",
        )


def _check_ensemble(numbers: AmountNumbers) -> Iterator[Advice]:
    if len(numbers.members) < 2:
        return
    best, error = numbers.members[0], numbers.ensemble.rmse
    if best.rmse - error < SMALL_GAIN * error:
        yield Advice(
            kind="tip",
            title="More members will add little",
            text=f"The blend is {'hardly' if error < best.rmse else 'not'} better than {best.name} alone. "
            "More labelled users, or features that say something new, are the likelier way forward.",
        )
    else:
        yield Advice(
            kind="ok",
            title="The blend pays",
            text=f"Its error (RMSE) is {count(error)}; the best member alone, {best.name}, has {count(best.rmse)}.",
        )
