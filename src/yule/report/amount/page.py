"""The page of a report on amounts."""

from html import escape

from yule.report.amount.charts import draw_deciles, draw_means
from yule.report.amount.numbers import AmountNumbers, MemberErrors
from yule.report.amount.quality import AmountQuality
from yule.report.amount.words import describe_amounts, find_amount_advice
from yule.report.cards.charts import draw_gains
from yule.report.cards.models import advice_card, facts_card, features_card
from yule.report.cards.selection import selection_card
from yule.report.cards.tables import draw_table
from yule.report.page import frame_page
from yule.report.words import count, share


def render_amounts(numbers: AmountNumbers) -> str:
    """Write the page; it loads nothing and reads well without a script."""
    cards = [
        _forecast_card(numbers),
        _gains_card(numbers),
        *([_outcome_card(numbers, numbers.outcome)] if numbers.outcome else []),
        _trust_card(numbers),
        features_card(numbers.features, told_weight=numbers.told_weight),
        *([selection_card(numbers.selection)] if numbers.selection else []),
        _history_card(numbers),
        _members_card(numbers),
        advice_card(find_amount_advice(numbers), numbers.findings),
        facts_card(numbers.facts, resolved=numbers.resolved),
    ]
    return frame_page(numbers, describe_amounts(numbers), cards)


def _forecast_card(numbers: AmountNumbers) -> str:
    total = numbers.expected_total
    rows = [
        (
            f"Top {share(row.fraction)}",
            count(row.n_users),
            f"<b>{count(row.expected)}</b>",
            count(row.expected / row.n_users),
            count(row.at_random),
            share(row.expected / total) if total > 0 else "–",
        )
        for row in numbers.forecast
    ]
    headings = ("contact", "users", "expected", "of each, on average", "at random", "of all that is expected")
    return (
        "<section><h2>What is to be expected?</h2>"
        f"<p>{count(total)} are expected of all {count(numbers.n_users)} users, {count(total / numbers.n_users)} of "
        "each on average. The first users of the list hold the larger part of it.</p>"
        f"{draw_table(headings, rows)}"
        '<p class="note">The ranked list is <code>users.csv</code> beside this file: take its first rows. '
        "The score of a user is the amount that is expected of them.</p></section>"
    )


def _gains_card(numbers: AmountNumbers) -> str:
    when = (
        "Measured in a later period than the models learned from, on users they did not see"
        if numbers.is_later
        else "Measured on users the models did not see"
    )
    return (
        "<section><h2>How far down the list should you go?</h2>"
        "<p>Steep at first, then flat: the head of the list carries most of the total. "
        f"{when}; 90 of 100 repeats fall in the shaded band.</p>"
        f"{_draw_quality(numbers.validation, title='Share of the total reached')}</section>"
    )


def _outcome_card(numbers: AmountNumbers, outcome: AmountQuality) -> str:
    return (
        "<section><h2>Checked against what happened</h2>"
        f"<p>The data go on beyond {numbers.cutoff:%d %B %Y}, so this very list can be judged by what came next. "
        "Nothing of it was known to the models.</p>"
        f"{_draw_quality(outcome, title='Share of the total reached, as it happened')}</section>"
    )


def _draw_quality(quality: AmountQuality, *, title: str) -> str:
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
    chart = draw_gains(quality.curve, title=title, has_marker=False, of="share of the total amount")
    return f'<div class="columns">{chart}{draw_table(headings, rows, kind="gains")}</div>'


def _trust_card(numbers: AmountNumbers) -> str:
    groups = numbers.validation.deciles
    rows = [(count(group.expected), count(group.observed), count(group.n_users)) for group in reversed(groups)]
    return (
        "<section><h2>Can the expectations be trusted?</h2>"
        "<p>Users in ten groups by what was expected of them: on the line, an expectation can be taken at face value. "
        "It is a mean over users like them; a single user may be far from it.</p>"
        f'<div class="columns">{draw_deciles(groups, title="Expected against what it came to")}'
        f"{draw_table(('expected of each', 'came to', 'users'), rows)}</div></section>"
    )


def _history_card(numbers: AmountNumbers) -> str:
    validated = numbers.validation_cutoffs if numbers.is_later else ()
    rows = [
        (
            f"{cutoff.cutoff:%Y-%m-%d}",
            count(cutoff.n_users),
            count(cutoff.n_positives),
            count(cutoff.total or 0.0),
            count((cutoff.total or 0.0) / cutoff.n_users),
            "test" if cutoff.cutoff in validated else "learn",
        )
        for cutoff in numbers.history.cutoffs
    ]
    tested = " The list was tested on the coloured ones; the models learned from earlier ones." if validated else ""
    chart = draw_means(numbers.history.cutoffs, validated, title="Mean amount, by cut-off")
    table = draw_table(("cut-off", "users", "not 0", "total", "mean", "used to"), rows)
    return (
        f"<section><h2>What was learned from</h2><p>{count(numbers.history.n_users)} labels, "
        f"{count(numbers.history.n_positives)} of them not 0, {count(numbers.history.total)} in all.{tested}</p>"
        f'<div class="columns">{chart}{table}</div></section>'
    )


def _members_card(numbers: AmountNumbers) -> str:
    limits, order = numbers.validation.rmse_range, numbers.validation.spearman_range
    rows = [
        _draw_member(numbers.ensemble, weight=""),
        *(_draw_member(m, weight=share(m.weight)) for m in numbers.members),
    ]
    folds = [
        (escape(member.name), str(fold.fold), count(fold.n_users), f"{fold.rmse:,.4g}", _draw_spearman(fold.spearman))
        for member in (numbers.ensemble, *numbers.members)
        for fold in member.folds
    ]
    return (
        "<section><h2>Which models were used?</h2><p>All figures are of users the model did not see. RMSE and MAE are "
        "errors in the unit of the amounts; R² is the share of the differences between users that is explained; "
        "Spearman is 1 for the right order and 0 for none. In 90 of 100 repeats the blend’s RMSE lies between "
        f"{limits.low:,.4g} and {limits.high:,.4g}, its Spearman between {order.low:.3f} and {order.high:.3f}.</p>"
        + draw_table(("member", "weight", "RMSE", "MAE", "R²", "Spearman"), rows)
        + "<details><summary>Show the numbers</summary>"
        + draw_table(("member", "fold", "users", "RMSE", "Spearman"), folds)
        + "</details></section>"
    )


def _draw_spearman(spearman: float | None) -> str:
    return "–" if spearman is None else f"{spearman:.4f}"


def _draw_member(member: MemberErrors, *, weight: str) -> tuple[str, ...]:
    return (
        escape(member.name),
        weight,
        f"{member.rmse:,.4g}",
        f"{member.mae:,.4g}",
        f"{member.r2:.3f}",
        f"{member.spearman:.4f}",
    )
