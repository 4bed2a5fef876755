"""What the numbers of a report on amounts say, in plain words."""

from collections.abc import Iterator

from yule.report.advice import MAX_DRIFT, Advice, judge_promise
from yule.report.head import ReportHead
from yule.report.quality import Z_90
from yule.report.regression.numbers import RMSE, RegressionBody
from yule.report.regression.quality import AmountQuality
from yule.report.words import HEADLINE, count, share, tell_horizon, tell_outcome, tell_test

SMALL_GAIN = 0.002  # of the error


def describe_regression(head: ReportHead, body: RegressionBody) -> tuple[str, ...]:
    """Say in a few sentences what was found and how far it can be trusted. No names of metrics."""
    row, total = body.forecast[HEADLINE], body.expected_total
    part = f" ({share(row.expected / total)})" if total > 0 else ""
    sentences = [
        f"The first {count(row.n_users)} of the {count(head.n_users)} users on the list are expected to come to "
        f"about {count(row.expected)} of {count(total)} in all{tell_horizon(head)}{part}.",
        f"The same number drawn at random would come to about {count(row.at_random)}.",
        f"{tell_test(head)}, {_describe_quality(body.validation)}.",
    ]
    if body.outcome is not None:
        sentences.append(f"{tell_outcome(head)}: {_describe_quality(body.outcome)}.")
    return tuple(sentences)


def advise_regression(head: ReportHead, body: RegressionBody) -> tuple[Advice, ...]:
    """Look at the numbers the way a careful colleague would."""
    return (
        *_check_deciles(body),
        *_check_outcome(body),
        *_check_drift(head, body),
        *_check_ensemble(head),
    )


def _describe_quality(quality: AmountQuality) -> str:
    row, promised = quality.totals[HEADLINE], quality.promised[HEADLINE]
    return (
        f"the first {count(row.n_users)} of {count(quality.n_users)} users came to {count(row.amount)} of "
        f"{count(quality.total)}, {share(row.share)} of it and {row.lift:.1f} times as much as at random; "
        f"{count(promised)} were promised"
    )


def _check_deciles(body: RegressionBody) -> Iterator[Advice]:
    """Say whether expectations can be taken at their word: most groups come to what they promise, chance set aside."""
    groups = body.validation.deciles
    n_off = sum(abs(group.expected - group.observed) > 2 * Z_90 * group.error for group in groups)
    text = f"In {len(groups) - n_off} of {len(groups)} groups of users the mean came to what was expected."
    if n_off <= 1:
        yield Advice(kind="ok", title="Expectations can be taken at face value", text=text)
    else:
        text = f"{text} The order can be trusted more than the size."
        yield Advice(kind="warn", title="Take the expectations with care", text=text)


def _check_outcome(body: RegressionBody) -> Iterator[Advice]:
    quality = body.outcome
    if quality is not None:
        promised, row = quality.promised[HEADLINE], quality.totals[HEADLINE]
        found = (
            f"For the first {count(row.n_users)} users it promised {count(promised)}; it came to {count(row.amount)}."
        )
        yield judge_promise(promised, row.amount, quality.amount_ranges[HEADLINE], found)


def _check_drift(head: ReportHead, body: RegressionBody) -> Iterator[Advice]:
    expected = body.expected_total / head.n_users
    validated = body.validation.total / body.validation.n_users
    if abs(expected - validated) > MAX_DRIFT * validated:
        yield Advice(
            kind="warn",
            title="The ranked users differ from those the list was tested on",
            text=f"{count(expected)} are expected of each on average; it was {count(validated)} in the test. "
            "Look whether the population or the data changed.",
        )


def _check_ensemble(head: ReportHead) -> Iterator[Advice]:
    board = head.parts[0].board
    if len(board.members) < 2:
        return
    best, error = board.members[0], board.ensemble.scores[RMSE.name]
    alone = best.scores[RMSE.name]
    if alone - error < SMALL_GAIN * error:
        yield Advice(
            kind="tip",
            title="More members will add little",
            text=f"The blend is {'hardly' if error < alone else 'not'} better than {best.name} alone. "
            "More labelled users, or features that say something new, are the likelier way forward.",
        )
    else:
        yield Advice(
            kind="ok",
            title="The blend pays",
            text=f"Its error (RMSE) is {count(error)}; the best member alone, {best.name}, has {count(alone)}.",
        )
