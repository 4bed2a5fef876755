"""The card that says what a run on a cluster took."""

from collections.abc import Sequence
from html import escape

from yule.report.cards.tables import draw_table


def costs_card(costs: Sequence[tuple[str, str]]) -> str:
    """Show time, cost and what was for nothing.

    Parameters
    ----------
    costs
        What, and how much of it.
    """
    rows = [(escape(what), escape(value)) for what, value in costs]
    return (
        f"<section><h2>What the run took</h2>{draw_table(('what', 'value'), rows, kind='facts')}"
        '<p class="note">What the cache had already was not computed again and is not counted.</p></section>'
    )
