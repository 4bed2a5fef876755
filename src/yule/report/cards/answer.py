"""The cards for the person who asked: what to expect, how it was tested, whether it came true."""

import json
import math

from yule.report.cards.charts import draw_calibration, draw_gains, draw_spread
from yule.report.cards.tables import draw_gains_table, draw_table
from yule.report.numbers import ReportNumbers
from yule.report.quality import Quality
from yule.report.words import HEADLINE, count, rate, share


def contact_card(numbers: ReportNumbers) -> str:
    """Let the reader choose how many users to contact; without a script, say it for a tenth of them."""
    row, total = numbers.forecast[HEADLINE], numbers.expected_positives
    points = zip(numbers.expected_curve, numbers.expected_ranges, strict=True)
    curve = json.dumps(
        [[n, round(expected, 3), round(limits.low, 2), round(limits.high, 2)] for (n, expected), limits in points],
        separators=(",", ":"),
    )
    position = round(1000 * math.sqrt(row.n_users / numbers.n_users))
    figures = (
        (
            "hits",
            count(row.expected),
            f'expected to be a yes<br>likely <span id="likely">{_range(row.low, row.high)}</span>',
        ),
        ("rate", rate(row.expected / row.n_users), f"of those contacted<br>average {share(total / numbers.n_users)}"),
        (
            "lift",
            f"{row.expected / row.at_random:.1f}×",
            f'as many as at random,<br>which finds <span id="random">{count(row.at_random)}</span>',
        ),
        ("reach", f"{row.expected / total:.0%}", f"of all that will be a yes,<br>about {count(total)}"),
    )
    return (
        f'<section id="contact" data-curve="{curve}" data-expected="{total:.3f}">'
        '<div class="contact"><h2>How many users will you contact?</h2>'
        f'<output id="n">{count(row.n_users)} users</output></div>'
        f'<div class="scripted"><input id="range" type="range" min="1" max="1000" value="{position}" '
        'aria-label="Number of users to contact"></div><div class="figures">'
        + "".join(f'<div><b id="{name}">{number}</b><span>{text}</span></div>' for name, number, text in figures)
        + '</div><div class="money scripted">'
        '<label>A contact costs <input id="cost" type="number" value="1" min="0" step="any"></label>'
        '<label>a yes earns <input id="gain" type="number" value="10" min="0" step="any"></label>'
        '<span>profit <b id="profit"></b></span><span>best: <b id="best"></b> '
        '<button id="use" type="button">use it</button></span></div>'
        '<p class="note">The ranked list is <code>users.csv</code> beside this file: take its first rows. '
        "“Likely” is a range that holds 90 times of 100.</p></section>"
    )


def gains_card(numbers: ReportNumbers) -> str:
    """Show how such lists did on users whose answer is known."""
    when = (
        "Measured in a later period than the models learned from, on users they did not see"
        if numbers.is_later
        else "Measured on users the models did not see"
    )
    return (
        "<section><h2>How far down the list should you go?</h2>"
        "<p>Steep at first, then flat: the head of the list carries most of the value. "
        f"{when}; 90 of 100 repeats fall in the shaded band.</p>"
        f'<div class="columns">{draw_gains(numbers.validation.curve, title="Share reached", has_marker=True)}'
        f"{draw_gains_table(numbers.validation, shows_promise=False)}</div></section>"
    )


def outcome_card(numbers: ReportNumbers, outcome: Quality) -> str:
    """Hold what the list promised against what happened."""
    return (
        "<section><h2>Checked against what happened</h2>"
        f"<p>The data go on beyond {numbers.cutoff:%d %B %Y}, so this very list can be judged by what came next. "
        f"Nothing of it was known to the models.</p>{_verdict(outcome)}"
        f'<div class="columns">{draw_gains(outcome.curve, title="Share reached, as it happened", has_marker=False)}'
        f"{draw_gains_table(outcome, shows_promise=True)}</div></section>"
    )


def trust_card(numbers: ReportNumbers) -> str:
    """Show whether a chance of one in ten means one in ten."""
    rows = [
        (rate(group.mean_probability), rate(group.positive_fraction), count(group.n_users))
        for group in numbers.validation.calibration
    ]
    return (
        "<section><h2>Can the chances be trusted?</h2>"
        "<p>On the left, users in ten groups by their chance: on the line, a chance can be taken at face value. "
        "On the right, how far the list tells users apart.</p>"
        '<div class="columns">'
        "<div><h3>Predicted against actual</h3>"
        f"{draw_calibration(numbers.validation, title='Predicted against actual')}</div>"
        "<div><h3>How the chances are spread</h3>"
        f"{draw_spread(numbers.spread, numbers.validation, title='How the chances are spread')}</div></div>"
        "<details><summary>Show the numbers</summary>"
        f"{draw_table(('predicted chance', 'actually a yes', 'users'), rows)}</details></section>"
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
