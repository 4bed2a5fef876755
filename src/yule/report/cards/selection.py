"""The card on which features the members saw."""

from collections.abc import Sequence
from html import escape

from yule.messages.features import describe_feature
from yule.messages.telling import tell_messages
from yule.preparation.selection.record import GroupSummary, MergedSelection, MergedVerdict, summarise_groups
from yule.report.cards.tables import draw_table

N_GROUPS, N_FEATURES = 12, 200
"""Rows that are shown at once, and in all."""


def selection_card(selection: MergedSelection) -> str:
    """Show what was kept and dropped: group by group, and feature by feature."""
    return f"<section><h2>Which features were kept?</h2>{draw_selection(selection)}</section>"


def draw_selection(selection: MergedSelection) -> str:
    """Draw what :func:`selection_card` shows."""
    n_kept = sum(verdict.n_kept > 0 for verdict in selection.features)
    judged = " Groups of features were judged as a whole." if selection.groups else ""
    groups = summarise_groups(selection)
    others = f"<details><summary>Show the other groups</summary>{_draw_groups(groups[N_GROUPS:])}</details>"
    more = f" (the first {N_FEATURES})" if len(selection.features) > N_FEATURES else ""
    return (
        f"<p>{n_kept} of {len(selection.features)} features were kept in some fold, by "
        f"<code>{escape(selection.method)}</code>. Each fold chose by its own training users.{judged}</p>"
        f"{_draw_groups(groups[:N_GROUPS])}{others if len(groups) > N_GROUPS else ''}"
        f"<details><summary>Show the features{more}</summary>{_draw_features(selection.features[:N_FEATURES])}"
        "</details>"
    )


def _draw_groups(groups: Sequence[GroupSummary]) -> str:
    rows = [
        (
            escape(describe_feature(group.meaning)),
            f"{group.n_kept} of {group.n_features}",
            _format_score(group.score),
            escape(describe_feature(group.best.meaning) if group.best else tell_messages(group.dropped)),
        )
        for group in groups
    ]
    return draw_table(("group", "kept", "score", "the best one, or why none was kept"), rows, kind="kept")


def _draw_features(verdicts: Sequence[MergedVerdict]) -> str:
    rows = [
        (
            f"<code>{escape(verdict.name)}</code>",
            f"{verdict.n_kept} of {verdict.n_folds}",
            _format_score(verdict.score),
            escape(tell_messages(verdict.dropped)),
        )
        for verdict in verdicts
    ]
    return draw_table(("name", "kept in folds", "score", "why it was dropped"), rows, kind="kept")


def _format_score(score: float | None) -> str:
    return "–" if score is None else f"{score:.4g}"
