"""What the numbers of a report on amounts say, in plain words."""

from yule.messages.finding import Finding
from yule.messages.values import Count, Total
from yule.report.head import ReportHead
from yule.report.judging import MAX_DRIFT, judge_blend, judge_promise
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


def judge_regression(head: ReportHead, body: RegressionBody) -> tuple[Finding, ...]:
    """Look at the numbers the way a careful colleague would."""
    board = head.parts[0].board
    found = (
        _judge_deciles(body),
        _judge_outcome(body),
        _judge_drift(head, body),
        judge_blend(board, RMSE, least=SMALL_GAIN * board.ensemble.scores[RMSE.name]),
    )
    return tuple(finding for finding in found if finding is not None)


def _describe_quality(quality: AmountQuality) -> str:
    row, promised = quality.totals[HEADLINE], quality.promised[HEADLINE]
    return (
        f"the first {count(row.n_users)} of {count(quality.n_users)} users came to {count(row.amount)} of "
        f"{count(quality.total)}, {share(row.share)} of it and {row.lift:.1f} times as much as at random; "
        f"{count(promised)} were promised"
    )


def _judge_deciles(body: RegressionBody) -> Finding:
    """Say whether expectations can be taken at their word: most groups come to what they promise, chance set aside."""
    groups = body.validation.deciles
    n_off = sum(abs(group.expected - group.observed) > 2 * Z_90 * group.error for group in groups)
    return Finding(
        check="calibration",
        code="expectations-right" if n_off <= 1 else "expectations-off",
        severity="ok" if n_off <= 1 else "warn",
        values={"n_right": Count(len(groups) - n_off), "n_groups": Count(len(groups))},
    )


def _judge_outcome(body: RegressionBody) -> Finding | None:
    quality = body.outcome
    if quality is None:
        return None
    row, limits = quality.totals[HEADLINE], quality.amount_ranges[HEADLINE]
    return judge_promise(quality.promised[HEADLINE], row.amount, limits, n_users=row.n_users, of="amount")


def _judge_drift(head: ReportHead, body: RegressionBody) -> Finding | None:
    expected = body.expected_total / head.n_users
    validated = body.validation.total / body.validation.n_users
    if abs(expected - validated) <= MAX_DRIFT * validated:
        return None
    return Finding(
        check="expectations",
        code="expected-mean-differs",
        severity="warn",
        values={"expected": Total(expected), "tested": Total(validated)},
    )
