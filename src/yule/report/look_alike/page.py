"""The page of a look-alike report. There is no card on calibration and none that promises hits."""

from html import escape

from yule.report.cards.charts import draw_gains
from yule.report.cards.models import advice_card, facts_card, features_card
from yule.report.cards.selection import selection_card
from yule.report.cards.tables import draw_table
from yule.report.look_alike.numbers import LookAlikeNumbers
from yule.report.look_alike.words import describe_look_alike, describe_prior, find_look_alike_advice
from yule.report.page import frame_page
from yule.report.words import count, rate, share


def render_look_alike(numbers: LookAlikeNumbers) -> str:
    """Write the page; it loads nothing and reads well without a script."""
    cards = [
        _recall_card(numbers),
        _prior_card(numbers),
        features_card(numbers.features, told_weight=numbers.told_weight),
        *([selection_card(numbers.selection)] if numbers.selection else []),
        _history_card(numbers),
        _members_card(numbers),
        advice_card(find_look_alike_advice(numbers), numbers.findings),
        facts_card(numbers.facts, resolved=numbers.resolved),
    ]
    return frame_page(numbers, describe_look_alike(numbers), cards)


def _recall_card(numbers: LookAlikeNumbers) -> str:
    rows = [
        (
            f"Top {share(row.fraction)}",
            count(max(round(row.fraction * numbers.n_users), 1)),
            rate(row.recall),
            f"{row.lift:.1f}×",
        )
        for row in numbers.recalls
    ]
    chart = draw_gains(
        numbers.curve, title="Known positives reached", has_marker=False, of="share of the known positives"
    )
    table = draw_table(("contact", "users", "of all positives", "vs random"), rows)
    return (
        "<section><h2>How far down the list should you go?</h2>"
        "<p>Known positives that the models did not see were ranked among the others. Where they stand says how many "
        "of all positives the first users hold; 90 of 100 repeats fall in the shaded band. How many of the first users "
        "are positive is another question, and a list of positives alone cannot answer it.</p>"
        f'<div class="columns">{chart}{table}</div>'
        '<p class="note">The ranked list is <code>users.csv</code> beside this file: take its first rows. '
        "Known positives are not on it.</p></section>"
    )


def _prior_card(numbers: LookAlikeNumbers) -> str:
    prior = numbers.prior
    rows = [
        ("by the mean score of known positives (Elkan and Noto)", rate(prior.elkan_noto)),
        ("by the purest top of the list (best bin)", rate(prior.best_bin)),
    ]
    return (
        "<section><h2>Are the scores chances?</h2>"
        f"<p>{escape(describe_prior(numbers))}</p>"
        f"{draw_table(('method', 'positives among the unlabelled'), rows, kind='facts')}</section>"
    )


def _history_card(numbers: LookAlikeNumbers) -> str:
    rows = [
        (f"{cutoff.cutoff:%Y-%m-%d}", count(cutoff.n_positives), count(cutoff.n_users - cutoff.n_positives))
        for cutoff in numbers.history.cutoffs
    ]
    return (
        "<section><h2>What was learned from</h2><p>Each model learned from all known positives outside its fold and "
        "from unlabelled users of its own draw.</p>"
        f"{draw_table(('cut-off', 'known positives', 'unlabelled users to draw from'), rows)}</section>"
    )


def _members_card(numbers: LookAlikeNumbers) -> str:
    rows = [
        (
            escape(member.name),
            "" if member is numbers.ensemble else share(member.weight),
            f"{member.auc_against_unlabelled:.3f}",
            rate(member.recall),
        )
        for member in (numbers.ensemble, *numbers.members)
    ]
    limits = numbers.auc_range
    return (
        "<section><h2>Which models were used?</h2><p>All figures are of users the model did not see. AUC is here the "
        "chance that a known positive ranks above an unlabelled user: 0.5 is a coin toss. Some of the unlabelled are "
        "positive too, so it cannot reach 1. The blend’s lies between "
        f"{limits.low:.3f} and {limits.high:.3f} in 90 of 100 repeats.</p>"
        + draw_table(("member", "weight", "AUC against unlabelled", "positives in the top 10%"), rows)
        + "</section>"
    )
