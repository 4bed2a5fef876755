"""The page of a report: one self-contained HTML file."""

import json
import math
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from yule.report.advice import find_advice
from yule.report.charts import draw_bars, draw_calibration, draw_gains, draw_histogram, draw_leaderboard
from yule.report.numbers import Quality, ReportNumbers
from yule.report.words import HEADLINE_FRACTION, count, describe_answer, share


def render_page(numbers: ReportNumbers) -> str:
    """Write the page; it loads nothing and reads well without a script."""
    answer = describe_answer(numbers)
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in answer)
    sections = [
        _contact_card(numbers),
        _gains_card(numbers),
        *([_outcome_card(numbers, numbers.outcome)] if numbers.outcome else []),
        _trust_card(numbers),
        _features_card(numbers),
        _history_card(numbers),
        _members_card(numbers),
        _advice_card(numbers),
        _behind_card(numbers),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(numbers.question)}</title><style>{_asset('page.css')}</style></head><body>"
        f"<header><div><small>Yule · case {escape(numbers.case)} · as of {numbers.cutoff:%d %B %Y}</small>"
        f"<h1>{escape(numbers.question)}</h1>{sentences}</div></header>"
        f"<main>{''.join(sections)}<footer>This file is self-contained: it loads nothing and can be mailed or kept."
        f"</footer></main><script>{_asset('page.js')}</script></body></html>\n"
    )


def _contact_card(numbers: ReportNumbers) -> str:
    row = next(row for row in numbers.forecast if row.fraction == HEADLINE_FRACTION)
    curve = json.dumps([[n, round(expected, 3)] for n, expected in numbers.expected_curve], separators=(",", ":"))
    position = round(1000 * math.sqrt(row.n_users / numbers.n_users))
    rate = row.expected / row.n_users
    return (
        f"<section id='contact' data-curve='{curve}' data-expected='{numbers.expected_positives:.3f}'>"
        "<div class='contact'><h2>How many users will you contact?</h2>"
        f"<output id='n'>{count(row.n_users)} users</output></div>"
        f"<div class='scripted'><input id='range' type='range' min='1' max='1000' value='{position}' "
        "aria-label='Number of users to contact'></div>"
        "<div class='figures'>"
        f"<div><b id='hits'>{count(row.expected)}</b><span>expected to be a yes; at random "
        f"<span id='random'>{count(row.at_random)}</span></span></div>"
        f"<div><b id='rate'>{share(rate)}</b><span>of those contacted "
        f"(average {share(numbers.expected_positives / numbers.n_users)})</span></div>"
        f"<div><b id='lift'>{row.expected / row.at_random:.1f}×</b><span>better than contacting at random</span></div>"
        f"<div><b id='reach'>{row.expected / numbers.expected_positives:.0%}</b>"
        "<span>of all expected positives</span></div></div>"
        "<div class='money scripted'>"
        "<label>A contact costs <input id='cost' type='number' value='1' min='0' step='any'></label>"
        "<label>a yes earns <input id='gain' type='number' value='10' min='0' step='any'></label>"
        "<span>profit <b id='profit'></b></span><span>best: <b id='best'></b></span></div></section>"
    )


def _gains_card(numbers: ReportNumbers) -> str:
    when = (
        "Measured on a later period than the models learned from, with users they did not see."
        if numbers.is_later
        else "Measured on users the models did not see."
    )
    return (
        "<section><h2>How far down the list should you go?</h2>"
        f"<p>Steep at first, then flat: the head of the list carries most of the value. {when} "
        "The small numbers are the range of 90 in 100 repeats.</p><div class='columns'>"
        f"<div>{draw_gains(numbers.validation.curve, title='Positives reached by share of users contacted')}</div>"
        f"<div class='scroll'>{_gains_table(numbers.validation)}</div></div></section>"
    )


def _outcome_card(numbers: ReportNumbers, outcome: Quality) -> str:
    return (
        "<section><h2>Checked against what happened</h2>"
        f"<p>The data go on beyond {numbers.cutoff:%d %B %Y}, so this very list can be judged by what the users did "
        "next. Nothing of it was known to the models.</p><div class='columns'>"
        f"<div>{draw_gains(outcome.curve, title='Positives reached, as it happened')}</div>"
        f"<div class='scroll'>{_gains_table(outcome)}</div></div></section>"
    )


def _gains_table(quality: Quality) -> str:
    rows = [
        (
            f"Top {share(row.fraction)}",
            count(row.n_users),
            f"{count(row.hits)} <small>{count(limits.low)}–{count(limits.high)}</small>",
            share(row.precision),
            f"{row.lift:.1f}×",
            share(row.recall),
        )
        for row, limits in zip(quality.gains, quality.hits_ranges, strict=True)
    ]
    return _table(("contact", "users", "were a yes", "hit rate", "vs random", "of all"), rows)


def _trust_card(numbers: ReportNumbers) -> str:
    groups = [
        (group.mean_probability, group.positive_fraction, float(group.n_users))
        for group in numbers.validation.calibration
    ]
    return (
        "<section><h2>Can the chances be trusted?</h2>"
        "<p>Left: users in groups of equal size, what was predicted against what came. On the line, the chance can be "
        "taken at face value. Right: how the chances of the ranked users are spread.</p><div class='columns'>"
        f"<div><h3>Predicted against actual</h3>{draw_calibration(groups, title='Predicted against actual')}</div>"
        f"<div><h3>Spread of the chances</h3>{draw_histogram(numbers.histogram, title='Spread of the chances')}</div>"
        "</div></section>"
    )


def _features_card(numbers: ReportNumbers) -> str:
    rows = [(feature.name, feature.share, share(feature.share)) for feature in numbers.features]
    body = (
        f"<div class='scroll'><div class='wide'>{draw_bars(rows, title='Most important features')}</div></div>"
        if rows
        else "<p>None of the members in the blend can tell.</p>"
    )
    return (
        "<section><h2>What drives the score?</h2><p>The strongest features and their share of influence, "
        f"by the members that can tell ({share(numbers.told_weight)} of the blend).</p>{body}</section>"
    )


def _history_card(numbers: ReportNumbers) -> str:
    rows = [
        (
            f"{cutoff.cutoff:%Y-%m-%d}",
            count(cutoff.n_users),
            count(cutoff.n_positives),
            share(cutoff.n_positives / cutoff.n_users),
        )
        for cutoff in numbers.history.cutoffs
    ]
    return (
        "<section><h2>What was learned from</h2><p>Labelled users by cut-off. The last ones are kept for judging.</p>"
        f"<div class='scroll'>{_table(('cut-off', 'users', 'positives', 'share'), rows)}</div></section>"
    )


def _members_card(numbers: ReportNumbers) -> str:
    lines = [(numbers.ensemble.name, numbers.ensemble.roc_auc, numbers.ensemble.folds, True)]
    lines += [(member.name, member.roc_auc, member.folds, False) for member in numbers.members]
    rows = [
        (
            escape(member.name),
            "" if member is numbers.ensemble else f"{member.weight:.2f}",
            f"{member.roc_auc:.4f}",
            f"{member.average_precision:.4f}",
            f"{member.log_loss:.4f}",
        )
        for member in (numbers.ensemble, *numbers.members)
    ]
    table = _table(("member", "weight", "AUC", "average precision", "log loss"), rows)
    return (
        "<section><h2>Which models were used?</h2>"
        "<p>For engineers: every member on users it did not see, and their blend.</p>"
        f"<div class='scroll'><div class='wide'>{draw_leaderboard(lines, title='AUC of every member')}</div></div>"
        f"<div class='scroll'>{table}</div></section>"
    )


def _advice_card(numbers: ReportNumbers) -> str:
    items = "".join(
        f"<div class='advice {advice.kind}'><b>{escape(advice.title)}</b><span>{escape(advice.text)}</span></div>"
        for advice in find_advice(numbers)
    )
    return f"<section><h2>Checks and advice</h2>{items}</section>"


def _behind_card(numbers: ReportNumbers) -> str:
    return (
        "<section><h2>Behind the report</h2><details><summary>The case, with all defaults filled in</summary>"
        f"<pre>{escape(numbers.resolved)}</pre></details></section>"
    )


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _asset(name: str) -> str:
    return files("yule.report").joinpath(name).read_text(encoding="utf-8")
