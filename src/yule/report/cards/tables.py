"""Tables of a report."""

from collections.abc import Iterable, Sequence

from yule.report.quality import Quality
from yule.report.words import count, rate, share


def draw_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = "") -> str:
    """Draw a table.

    Parameters
    ----------
    headings
        HTML of the headings.
    rows
        HTML of the cells.
    kind
        Class of the table.
    """
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def draw_gains_table(quality: Quality, *, shows_promise: bool) -> str:
    """Draw what the first users of the list held; with ``shows_promise`` also what was to be expected."""
    headings = ["contact", "users", "were a yes<small>90% range</small>", "hit rate", "vs random", "of all"]
    rows = []
    for row, limits, promised in zip(quality.gains, quality.hits_ranges, quality.promised, strict=True):
        cells = [
            f"Top {share(row.fraction)}",
            count(row.n_users),
            f"<b>{count(row.hits)}</b><small>{count(limits.low)}–{count(limits.high)}</small>",
            rate(row.precision),
            f"{row.lift:.1f}×",
            rate(row.recall),
        ]
        rows.append([*cells[:2], count(promised), *cells[2:]] if shows_promise else cells)
    if shows_promise:
        headings.insert(2, "promised")
    return draw_table(headings, rows, kind="gains")
