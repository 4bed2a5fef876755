"""The cards of a report on amounts."""

from yule.report.cards.board import members_card
from yule.report.cards.charts import draw_gains
from yule.report.cards.contact import ContactList, Figure, contact_card
from yule.report.cards.parts import drivers_cards, history_card, list_tested
from yule.report.cards.tables import draw_table
from yule.report.head import ReportHead
from yule.report.regression.charts import draw_deciles, draw_means
from yule.report.regression.numbers import METRICS, RegressionBody
from yule.report.regression.quality import AmountQuality
from yule.report.words import count, share, tell_measured


def draw_regression(head: ReportHead, body: RegressionBody) -> tuple[str, ...]:
    """Draw the cards of a report on amounts."""
    return (
        *_contact_cards(head, body),
        _forecast_card(head, body),
        _gains_card(head, body),
        *(() if body.outcome is None else (_outcome_card(head, body.outcome),)),
        _trust_card(body),
        *drivers_cards(head),
        _history_card(head),
        _members_card(head, body),
    )


def _contact_cards(head: ReportHead, body: RegressionBody) -> tuple[str, ...]:
    """Let the reader choose how many users to contact. There is no rate: an amount has no hits, but a mean."""
    if not body.expected_curve:
        return ()
    total = body.expected_total
    contacts = ContactList(
        curve=body.expected_curve,
        ranges=body.expected_ranges,
        figures=(
            Figure(shows="expected", text="expected of them in all<br>likely {likely}"),
            Figure(shows="mean", text=f"of each, on average<br>of all users {count(total / head.n_users)}"),
            Figure(shows="lift", text="as much as at random,<br>which comes to {random}"),
            Figure(shows="reach", text=f"of all that is expected,<br>about {count(total)}"),
        ),
        earns="1 of the amount",
        gain=1,
    )
    return (contact_card(contacts, note="“Likely” is a range that holds 90 times of 100."),)


def _forecast_card(head: ReportHead, body: RegressionBody) -> str:
    total = body.expected_total
    rows = [
        (
            f"Top {share(row.fraction)}",
            count(row.n_users),
            f"<b>{count(row.expected)}</b>",
            count(row.expected / row.n_users),
            count(row.at_random),
            share(row.expected / total) if total > 0 else "–",
        )
        for row in body.forecast
    ]
    headings = ("contact", "users", "expected", "of each, on average", "at random", "of all that is expected")
    return (
        "<section><h2>What is to be expected?</h2>"
        f"<p>{count(total)} are expected of all {count(head.n_users)} users, {count(total / head.n_users)} of "
        "each on average. The first users of the list hold the larger part of it.</p>"
        f"{draw_table(headings, rows, kind='gains')}"
        '<p class="note">The ranked list is <code>users.csv</code> beside this file: take its first rows. '
        "The score of a user is the amount that is expected of them.</p></section>"
    )


def _gains_card(head: ReportHead, body: RegressionBody) -> str:
    return (
        "<section><h2>How far down the list should you go?</h2>"
        "<p>Steep at first, then flat: the head of the list carries most of the total. "
        f"{tell_measured(head)}; 90 of 100 repeats fall in the shaded band.</p>"
        f"{_draw_quality(body.validation, title='Share of the total reached', marks='')}</section>"
    )


def _outcome_card(head: ReportHead, outcome: AmountQuality) -> str:
    return (
        "<section><h2>Checked against what happened</h2>"
        f"<p>The data go on beyond {head.cutoff:%d %B %Y}, so this very list can be judged by what came next. "
        "Nothing of it was known to the models.</p>"
        f"{_draw_quality(outcome, title='Share of the total reached, as it happened')}</section>"
    )


def _draw_quality(quality: AmountQuality, *, title: str, marks: str | None = None) -> str:
    rows = [
        (
            f"Top {share(row.fraction)}",
            count(row.n_users),
            count(promised),
            f"<b>{count(row.amount)}</b><small>{count(limits.low)}–{count(limits.high)}</small>",
            f"{row.lift:.1f}×",
            share(row.share),
        )
        for row, limits, promised in zip(quality.totals, quality.amount_ranges, quality.promised, strict=True)
    ]
    headings = ("contact", "users", "promised", "came to<small>90% range</small>", "vs random", "of all")
    chart = draw_gains(quality.curve, title=title, marks=marks, of="share of the total amount")
    return f'<div class="columns">{chart}{draw_table(headings, rows, kind="gains")}</div>'


def _trust_card(body: RegressionBody) -> str:
    groups = body.validation.deciles
    rows = [(count(group.expected), count(group.observed), count(group.n_users)) for group in reversed(groups)]
    return (
        "<section><h2>Can the expectations be trusted?</h2>"
        "<p>Users in ten groups by what was expected of them: on the line, an expectation can be taken at face value. "
        "It is a mean over users like them; a single user may be far from it.</p>"
        f'<div class="columns">{draw_deciles(groups, title="Expected against what it came to")}'
        f"{draw_table(('expected of each', 'came to', 'users'), rows)}</div></section>"
    )


def _history_card(head: ReportHead) -> str:
    history = head.history
    return history_card(
        head,
        (
            ("users", lambda cutoff: count(cutoff.n_users)),
            ("not 0", lambda cutoff: count(cutoff.n_positives)),
            ("total", lambda cutoff: count(cutoff.total or 0.0)),
            ("mean", lambda cutoff: count((cutoff.total or 0.0) / cutoff.n_users)),
        ),
        text=f"{count(history.n_users)} labels, {count(history.n_positives)} of them not 0, {count(history.total)} in "
        "all.",
        chart=draw_means(history.cutoffs, list_tested(head), title="Mean amount, by cut-off"),
    )


def _members_card(head: ReportHead, body: RegressionBody) -> str:
    limits, order = body.validation.rmse_range, body.validation.spearman_range
    return members_card(
        head,
        METRICS,
        "RMSE and MAE are errors in the unit of the amounts; R² is the share of the differences between users that is "
        "explained; Spearman is 1 for the right order and 0 for none. In 90 of 100 repeats the blend’s RMSE lies "
        f"between {limits.low:,.4g} and {limits.high:,.4g}, its Spearman between {order.low:.3f} and {order.high:.3f}.",
    )
