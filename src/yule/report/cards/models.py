"""The cards for the engineer: what decides, what was learned from, which models, what to look at."""

from collections.abc import Iterable, Sequence
from html import escape

from yule.checks.finding import Finding
from yule.features.wording import describe_feature
from yule.report.advice import Advice
from yule.report.cards.charts import draw_history
from yule.report.cards.tables import draw_fold_table, draw_leaderboard, draw_table
from yule.report.data import Fact, FeatureImportance
from yule.report.numbers import ReportNumbers
from yule.report.words import count, rate, share

N_BARS = 12


def features_card(features: tuple[FeatureImportance, ...], *, told_weight: float) -> str:
    """Show the strongest features, by the members that can tell: their share of the blend is ``told_weight``."""
    return f"<section><h2>What drives the score?</h2>{draw_features(features, told_weight=told_weight)}</section>"


def draw_features(features: tuple[FeatureImportance, ...], *, told_weight: float) -> str:
    """Draw what :func:`features_card` shows."""
    if not features:
        return "<p>None of the members in the blend can tell.</p>"
    shown = features[:N_BARS]
    longest = shown[0].share
    bars = [
        (
            escape(describe_feature(feature.meaning)),
            f'<div class="track"><i style="width:{100 * feature.share / longest:.1f}%"></i></div>',
            rate(feature.share),
        )
        for feature in shown
    ]
    return (
        "<p>The strongest features and their share of influence, by the members that can tell "
        f"({share(told_weight)} of the blend).</p>"
        f"{draw_table(('feature', '', 'influence'), bars, kind='bars')}"
        f"<details><summary>Show the numbers</summary>{_feature_table(features)}</details>"
    )


def history_card(numbers: ReportNumbers) -> str:
    """Show the labels by cut-off."""
    validated = (
        frozenset(f"{cutoff:%Y-%m-%d}" for cutoff in numbers.validation_cutoffs) if numbers.is_later else frozenset()
    )
    rows = [
        (
            f"{cutoff.cutoff:%Y-%m-%d}",
            count(cutoff.n_users),
            count(cutoff.n_positives),
            rate(cutoff.n_positives / max(cutoff.n_users, 1)),
            "test" if f"{cutoff.cutoff:%Y-%m-%d}" in validated else "learn",
        )
        for cutoff in numbers.history.cutoffs
    ]
    tested = " The list was tested on the coloured ones; the models learned from earlier ones." if validated else ""
    chart = draw_history(numbers.history.cutoffs, validated, title="Share that was a yes, by cut-off")
    table = draw_table(("cut-off", "users", "were a yes", "share", "used to"), rows)
    return (
        "<section><h2>What was learned from</h2>"
        f"<p>{count(numbers.history.n_users)} labels, {count(numbers.history.n_positives)} of them a yes.{tested}</p>"
        f'<div class="columns">{chart}{table}</div></section>'
    )


def members_card(numbers: ReportNumbers) -> str:
    """Show the leaderboard."""
    n_folds = len(numbers.ensemble.folds)
    limits = numbers.validation.roc_auc_range
    members = f"{len(numbers.members)} members" if len(numbers.members) > 1 else "One member"
    return (
        f"<section><h2>Which models were used?</h2><p>{members}, {n_folds} folds each; "
        f"all figures are of users the model did not see. "
        f"AUC is the chance that a yes ranks above a no: 0.5 is a coin toss, 1 is perfect. "
        f"The blend’s lies between {limits.low:.3f} and {limits.high:.3f} in 90 of 100 repeats.</p>"
        f"{draw_leaderboard(numbers.ensemble, numbers.members)}"
        "<details><summary>Show the numbers</summary>"
        f"{draw_fold_table(numbers.ensemble, numbers.members)}</details></section>"
    )


def advice_card(advice: Iterable[Advice], findings: Sequence[Finding]) -> str:
    """Show what the checks have found, the worst first; what is well stands in one line, with a table behind it."""
    items = "".join(
        f'<div class="advice {item.kind}"><b>{escape(item.title)}</b><span>{escape(item.text)}</span></div>'
        for item in sorted(advice, key=lambda item: item.kind != "stop")
    )
    return f"<section><h2>Checks and advice</h2>{items}{_quiet_checks(findings)}</section>"


def facts_card(facts: Sequence[Fact], *, resolved: str) -> str:
    """Show where the result comes from."""
    rows = [(escape(fact.name), f"<code>{escape(fact.value)}</code>") for fact in facts]
    table = draw_table(("what", "value"), rows, kind="facts") if rows else ""
    return (
        f"<section><h2>Behind the report</h2>{table}<details><summary>The case, with all defaults filled in</summary>"
        f"<pre>{escape(resolved)}</pre></details></section>"
    )


def _quiet_checks(findings: Sequence[Finding]) -> str:
    """Show the checks of the data that have nothing to complain of."""
    quiet = [finding for finding in findings if finding.severity == "ok"]
    if not quiet:
        return ""
    rows = [(escape(finding.title), escape(finding.seen)) for finding in quiet]
    names = ", ".join(finding.check for finding in quiet)
    many = f"{len(quiet)} checks of the data have" if len(quiet) > 1 else "One check of the data has"
    return (
        f'<div class="advice ok"><b>{many} nothing to complain of</b><span>{escape(names.capitalize())}.</span></div>'
        f"<details><summary>Show what they have seen</summary>"
        f"{draw_table(('check', 'what was seen'), rows, kind='facts')}</details>"
    )


def _feature_table(features: tuple[FeatureImportance, ...]) -> str:
    members = list(dict.fromkeys(part.member for feature in features for part in feature.by_member))
    rows = []
    for feature in features:
        parts = {part.member: rate(part.share) for part in feature.by_member}
        name = f"<code>{escape(feature.name)}</code>"
        rows.append([name, rate(feature.share), *(parts.get(member, "–") for member in members)])
    return draw_table(("feature", "blend", *(escape(member) for member in members)), rows)
