"""The cards of a report on known positives. There is none on calibration."""

from html import escape

from yule.metrics.intervals import Interval
from yule.report.cards.board import members_card
from yule.report.cards.charts import draw_gains
from yule.report.cards.contact import ContactList, Figure, contact_card
from yule.report.cards.parts import drivers_cards, history_card
from yule.report.cards.tables import draw_table
from yule.report.head import ReportHead
from yule.report.positive_unlabelled.numbers import METRICS, PositiveUnlabelledBody
from yule.report.positive_unlabelled.words import describe_prior
from yule.report.words import count, rate, share


def draw_positive_unlabelled(head: ReportHead, body: PositiveUnlabelledBody) -> tuple[str, ...]:
    """Draw the cards of a report on known positives."""
    return (
        _contact_card(head, body),
        _recall_card(head, body),
        _prior_card(head, body),
        *drivers_cards(head),
        _history_card(head),
        _members_card(head, body),
    )


def _contact_card(head: ReportHead, body: PositiveUnlabelledBody) -> str:
    """Let the reader choose how many users to contact.

    Known positives say which share of all the first users hold, and so how many times as many as at random. How many
    that is, the rate among those contacted, and what pays is said only where the number of positives is known.
    """
    low, high = (part * head.n_users if body.is_chance else 1.0 for part in (body.prior.low, body.prior.high))
    counted = (
        Figure(shows="expected", text="estimated to be positive<br>likely {likely}"),
        Figure(shows="rate", text=f"of those contacted<br>average {share(body.prior.low)}"),
        Figure(shows="lift", text="as many as at random,<br>which finds {random}"),
        Figure(shows="reach", text=f"of all positives on the list,<br>about {count(low)}"),
    )
    not_counted = (
        Figure(shows="reach", text="of all positives on the list<br>likely {reached}"),
        Figure(shows="lift", text="as many positives<br>as at random"),
    )
    contacts = ContactList(
        curve=[(point.fraction * head.n_users, point.recall * low) for point in body.curve],
        ranges=[Interval(low=point.low * low, high=point.high * high) for point in body.curve],
        figures=counted if body.is_chance else not_counted,
        earns="a positive" if body.is_chance else "",
    )
    unknown = "" if body.is_chance else " How many of the users contacted are positive is not known."
    return contact_card(
        contacts,
        note="The ranked list is <code>users.csv</code> beside this file: take its first rows. Known positives are not "
        f"on it. “Likely” is a range that holds 90 times of 100.{unknown}",
    )


def _recall_card(head: ReportHead, body: PositiveUnlabelledBody) -> str:
    rows = [
        (
            f"Top {share(row.fraction)}",
            count(max(round(row.fraction * head.n_users), 1)),
            rate(row.recall),
            f"{row.lift:.1f}×",
        )
        for row in body.recalls
    ]
    chart = draw_gains(body.curve, title="Known positives reached", marks="", of="share of the known positives")
    table = draw_table(("contact", "users", "of all positives", "vs random"), rows)
    return (
        "<section><h2>How far down the list should you go?</h2>"
        "<p>Known positives that the models did not see were ranked among the others. Where they stand says how many "
        "of all positives the first users hold; 90 of 100 repeats fall in the shaded band. How many of the first users "
        "are positive is another question, and a list of positives alone cannot answer it.</p>"
        f'<div class="columns">{chart}{table}</div></section>'
    )


def _prior_card(head: ReportHead, body: PositiveUnlabelledBody) -> str:
    prior = body.prior
    rows = [
        ("by the mean score of known positives (Elkan and Noto)", rate(prior.elkan_noto)),
        ("by the purest top of the list (best bin)", rate(prior.best_bin)),
    ]
    return (
        "<section><h2>Are the scores chances?</h2>"
        f"<p>{escape(describe_prior(head, body))}</p>"
        f"{draw_table(('method', 'positives among the unlabelled'), rows, kind='facts')}</section>"
    )


def _history_card(head: ReportHead) -> str:
    return history_card(
        head,
        (
            ("known positives", lambda cutoff: count(cutoff.n_positives)),
            ("unlabelled users to draw from", lambda cutoff: count(cutoff.n_users - cutoff.n_positives)),
        ),
        text="Each model learned from all known positives outside its fold and from unlabelled users of its own draw.",
    )


def _members_card(head: ReportHead, body: PositiveUnlabelledBody) -> str:
    limits = body.auc_range
    return members_card(
        head,
        METRICS,
        "AUC is here the chance that a known positive ranks above an unlabelled user: 0.5 is a coin toss. Some of the "
        f"unlabelled are positive too, so it cannot reach 1. The blend’s lies between {limits.low:.3f} and "
        f"{limits.high:.3f} in 90 of 100 repeats.",
    )
