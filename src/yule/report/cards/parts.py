"""The cards for the engineer: what decides, what was learned from, what to look at."""

from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from typing import TypeAlias

from yule.labels.summary import CutoffSummary
from yule.messages.features import describe_feature
from yule.messages.finding import Finding
from yule.messages.telling import tell, tell_all
from yule.report.cards.selection import selection_card
from yule.report.cards.tables import draw_table
from yule.report.data import Fact, FeatureImportance
from yule.report.head import ReportHead
from yule.report.words import rate, share

Column: TypeAlias = tuple[str, Callable[[CutoffSummary], str]]

N_BARS = 12


def drivers_cards(head: ReportHead) -> tuple[str, ...]:
    """Show what drives the one model of a case, and which features it saw."""
    (part,) = head.parts
    drawn = draw_features(part.features, told_weight=part.told_weight)
    selection = () if part.selection is None else (selection_card(part.selection),)
    return (f"<section><h2>What drives the score?</h2>{drawn}</section>", *selection)


def draw_features(features: tuple[FeatureImportance, ...], *, told_weight: float) -> str:
    """Draw the strongest features, by the members that can tell: their share of the blend is ``told_weight``."""
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


def history_card(head: ReportHead, columns: Sequence[Column], *, text: str, chart: str = "") -> str:
    """Show the labels by cut-off.

    Parameters
    ----------
    head
        The report.
    columns
        Headings, and what stands below them at a cut-off.
    text
        What was learned from, as HTML.
    chart
        A chart of it, beside the table.
    """
    tested = list_tested(head)
    rows = [
        (
            f"{cutoff.cutoff:%Y-%m-%d}",
            *(write(cutoff) for _, write in columns),
            "test" if cutoff.cutoff in tested else "learn",
        )
        for cutoff in head.history.cutoffs
    ]
    coloured = " The list was tested on the coloured ones; the models learned from earlier ones." if tested else ""
    table = draw_table(("cut-off", *(heading for heading, _ in columns), "used to"), rows)
    shown = f'<div class="columns">{chart}{table}</div>' if chart else table
    return f"<section><h2>What was learned from</h2><p>{text}{coloured if chart else ''}</p>{shown}</section>"


def list_tested(head: ReportHead) -> frozenset[datetime]:
    """Return the cut-offs that the list was tested on, where the models learned from others."""
    return frozenset(head.validation_cutoffs) if head.is_later else frozenset()


def findings_card(found: Sequence[Finding], checked: Sequence[Finding]) -> str:
    """Show what was found, the worst first; checks that are well stand in one line, with a table behind it."""
    items = "".join(
        f'<div class="finding {one.severity}"><b>{escape(one.title)}</b><span>{escape(one.text)}</span></div>'
        for one in map(tell, sorted(found, key=lambda finding: finding.severity != "stop"))
    )
    return f"<section><h2>Checks and advice</h2>{items}{_quiet_checks(checked)}</section>"


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
    quiet = tell_all(finding for finding in findings if finding.severity == "ok")
    if not quiet:
        return ""
    rows = [(escape(finding.title), escape(finding.seen)) for finding in quiet]
    names = ", ".join(finding.check for finding in quiet)
    many = f"{len(quiet)} checks of the data have" if len(quiet) > 1 else "One check of the data has"
    return (
        f'<div class="finding ok"><b>{many} nothing to complain of</b><span>{escape(names.capitalize())}.</span></div>'
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
