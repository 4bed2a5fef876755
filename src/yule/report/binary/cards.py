"""The cards of a report on a yes or no: what to expect, how it was tested, whether it came true."""

from yule.report.binary.charts import draw_history, draw_spread
from yule.report.binary.numbers import METRICS, BinaryBody
from yule.report.cards.board import members_card
from yule.report.cards.charts import draw_calibration, draw_gains
from yule.report.cards.contact import ContactList, Figure, contact_card
from yule.report.cards.parts import drivers_cards, history_card, list_tested
from yule.report.cards.tables import draw_gains_table, draw_table
from yule.report.head import ReportHead
from yule.report.quality import Quality
from yule.report.words import HEADLINE, count, rate, share, tell_measured


def draw_binary(head: ReportHead, body: BinaryBody) -> tuple[str, ...]:
    """Draw the cards of a report on a yes or no."""
    return (
        _contact_card(head, body),
        _gains_card(head, body),
        *(() if body.outcome is None else (_outcome_card(head, body.outcome),)),
        _trust_card(body),
        *drivers_cards(head),
        _history_card(head),
        _members_card(head, body),
    )


def _contact_card(head: ReportHead, body: BinaryBody) -> str:
    total = body.expected_positives
    contacts = ContactList(
        curve=body.expected_curve,
        ranges=body.expected_ranges,
        figures=(
            Figure(shows="expected", text="expected to be a yes<br>likely {likely}"),
            Figure(shows="rate", text=f"of those contacted<br>average {share(total / head.n_users)}"),
            Figure(shows="lift", text="as many as at random,<br>which finds {random}"),
            Figure(shows="reach", text=f"of all that will be a yes,<br>about {count(total)}"),
        ),
        earns="a yes",
    )
    return contact_card(
        contacts,
        note="The ranked list is <code>users.csv</code> beside this file: take its first rows. "
        "“Likely” is a range that holds 90 times of 100.",
    )


def _gains_card(head: ReportHead, body: BinaryBody) -> str:
    """Show how such lists did on users whose answer is known."""
    return (
        "<section><h2>How far down the list should you go?</h2>"
        "<p>Steep at first, then flat: the head of the list carries most of the value. "
        f"{tell_measured(head)}; 90 of 100 repeats fall in the shaded band.</p>"
        f'<div class="columns">{draw_gains(body.validation.curve, title="Share reached", marks="")}'
        f"{draw_gains_table(body.validation, shows_promise=False)}</div></section>"
    )


def _outcome_card(head: ReportHead, outcome: Quality) -> str:
    """Hold what the list promised against what happened."""
    return (
        "<section><h2>Checked against what happened</h2>"
        f"<p>The data go on beyond {head.cutoff:%d %B %Y}, so this very list can be judged by what came next. "
        f"Nothing of it was known to the models.</p>{_verdict(outcome)}"
        f'<div class="columns">{draw_gains(outcome.curve, title="Share reached, as it happened")}'
        f"{draw_gains_table(outcome, shows_promise=True)}</div></section>"
    )


def _trust_card(body: BinaryBody) -> str:
    """Show whether a chance of one in ten means one in ten."""
    rows = [
        (rate(group.mean_probability), rate(group.positive_fraction), count(group.n_users))
        for group in body.validation.calibration
    ]
    return (
        "<section><h2>Can the chances be trusted?</h2>"
        "<p>On the left, users in ten groups by their chance: on the line, a chance can be taken at face value. "
        "On the right, how far the list tells users apart.</p>"
        '<div class="columns">'
        "<div><h3>Predicted against actual</h3>"
        f"{draw_calibration(body.validation, title='Predicted against actual')}</div>"
        "<div><h3>How the chances are spread</h3>"
        f"{draw_spread(body.spread, body.validation, title='How the chances are spread')}</div></div>"
        "<details><summary>Show the numbers</summary>"
        f"{draw_table(('predicted chance', 'actually a yes', 'users'), rows)}</details></section>"
    )


def _history_card(head: ReportHead) -> str:
    history, tested = head.history, list_tested(head)
    return history_card(
        head,
        (
            ("users", lambda cutoff: count(cutoff.n_users)),
            ("were a yes", lambda cutoff: count(cutoff.n_positives)),
            ("share", lambda cutoff: rate(cutoff.n_positives / max(cutoff.n_users, 1))),
        ),
        text=f"{count(history.n_users)} labels, {count(history.n_positives)} of them a yes.",
        chart=draw_history(history.cutoffs, tested, title="Share that was a yes, by cut-off"),
    )


def _members_card(head: ReportHead, body: BinaryBody) -> str:
    limits = body.validation.roc_auc_range
    return members_card(
        head,
        METRICS,
        "AUC is the chance that a yes ranks above a no: 0.5 is a coin toss, 1 is perfect. "
        f"The blend’s lies between {limits.low:.3f} and {limits.high:.3f} in 90 of 100 repeats.",
    )


def _verdict(quality: Quality) -> str:
    row, limits, promised = quality.gains[HEADLINE], quality.hits_ranges[HEADLINE], quality.promised[HEADLINE]
    return (
        f'<div class="verdict"><div><b>{count(promised)}</b>'
        f"<span>promised in the first {count(row.n_users)}</span></div>"
        f"<div><b>{count(row.hits)}</b><span>were a yes (90% range {_range(limits.low, limits.high)})</span></div>"
        f"<div><b>{row.lift:.1f}×</b><span>as many as at random</span></div></div>"
    )


def _range(low: float, high: float) -> str:
    return f"{count(low)}–{count(high)}"
