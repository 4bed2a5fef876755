"""The card on which features the members saw."""

from html import escape

from yule.preparation.selection.record import MergedSelection, MergedVerdict
from yule.report.cards.tables import draw_table

N_ROWS = 200


def selection_card(selection: MergedSelection) -> str:
    """Show what was kept and dropped, fold by fold."""
    return f"<section><h2>Which features were kept?</h2>{draw_selection(selection)}</section>"


def draw_selection(selection: MergedSelection) -> str:
    """Draw what :func:`selection_card` shows."""
    n_kept = sum(verdict.n_kept > 0 for verdict in selection.features)
    groups = f"<p>Groups of features were judged as a whole.</p>{_draw(selection.groups)}" if selection.groups else ""
    more = f" (the first {N_ROWS})" if len(selection.features) > N_ROWS else ""
    return (
        f"<p>{n_kept} of {len(selection.features)} features were kept in some fold, by "
        f"<code>{escape(selection.method)}</code>. Each fold chose by its own training users.</p>{groups}"
        f"<details><summary>Show the features{more}</summary>{_draw(selection.features[:N_ROWS])}</details>"
    )


def _draw(verdicts: tuple[MergedVerdict, ...]) -> str:
    rows = [
        (
            f"<code>{escape(verdict.name)}</code>",
            f"{verdict.n_kept} of {verdict.n_folds}",
            "–" if verdict.score is None else f"{verdict.score:.4g}",
            escape("; ".join(verdict.dropped)),
        )
        for verdict in verdicts
    ]
    return draw_table(("name", "kept in folds", "score", "why it was dropped"), rows)
