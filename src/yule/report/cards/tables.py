"""Tables of a report."""

from collections.abc import Iterable, Sequence
from html import escape

from yule.report.cards.charts import number_ticks
from yule.report.numbers import MemberScores
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


def draw_leaderboard(ensemble: MemberScores, members: Sequence[MemberScores]) -> str:
    """Draw each member's AUC on a common scale: a dot for all users, rings for the folds."""
    lines = [ensemble, *members]
    folds = [fold.roc_auc for member in lines for fold in member.folds if fold.roc_auc is not None]
    values = [*folds, *(member.roc_auc for member in lines)]
    margin = 0.06 * (max(values) - min(values)) + 1e-4
    low, high = min(values) - margin, max(values) + margin
    ticks = number_ticks(low, high)

    def stand(value: float) -> str:
        return f"left:{100 * (value - low) / (high - low):.1f}%"

    grid = "".join(f'<i class="grid" style="{stand(value)}"></i>' for value, _ in ticks)
    rows = []
    for member in lines:
        rings = "".join(
            f'<i class="ring" style="{stand(fold.roc_auc)}"></i>' for fold in member.folds if fold.roc_auc is not None
        )
        kind = "" if member.kind == member.name else f"<small>{escape(member.kind.replace('_', ' '))}</small>"
        name = f"{escape(member.name)}{kind}"
        rows.append(
            [
                f"<b>{name}</b>" if member is ensemble else name,
                "" if member is ensemble else _weigh(member.weight),
                f'<div class="strip">{grid}{rings}<i class="point" style="{stand(member.roc_auc)}"></i></div>',
                f"<b>{member.roc_auc:.3f}</b>" if member is ensemble else f"{member.roc_auc:.3f}",
                f"{member.log_loss:.4f}",
            ]
        )
    labels = "".join(f'<span style="{stand(value)}">{label}</span>' for value, label in ticks)
    rows.append(["", "", f'<div class="scale" aria-hidden="true">{labels}</div>', "", ""])
    return draw_table(
        ("member", "weight", "AUC of all users ● and of each fold ○", "AUC", "log loss"), rows, kind="board"
    )


def draw_fold_table(ensemble: MemberScores, members: Sequence[MemberScores]) -> str:
    """Draw all metrics of all members, whole and fold by fold."""
    rows = []
    for member in (ensemble, *members):
        rows.append(
            [
                f"<b>{escape(member.name)}</b>",
                "all",
                *(f"<b>{number:.4f}</b>" for number in (member.roc_auc, member.average_precision, member.log_loss)),
            ]
        )
        for fold in member.folds:
            numbers = (fold.roc_auc, fold.average_precision, fold.log_loss)
            rows.append(["", str(fold.fold), *("–" if number is None else f"{number:.4f}" for number in numbers)])
    return draw_table(("member", "fold", "AUC", "average precision", "log loss"), rows)


def _weigh(weight: float) -> str:
    return share(weight) if weight else '<span class="soft">left out</span>'
