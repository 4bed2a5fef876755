"""The card on models: how good their members are, whatever is predicted."""

from collections.abc import Iterable, Sequence
from html import escape

from yule.report.board import MemberScores, Metric, Metrics, list_columns
from yule.report.cards.charts import number_ticks
from yule.report.cards.tables import draw_table
from yule.report.head import PartHead, ReportHead
from yule.report.words import share


def members_card(head: ReportHead, metrics: Metrics, text: str) -> str:
    """Show the leaderboards.

    Parameters
    ----------
    head
        The report.
    metrics
        The columns; the first is drawn, too.
    text
        What the figures mean.
    """
    board = head.parts[0].board
    columns = list_columns(board, metrics)
    members = f"{len(board.members)} members" if len(board.members) > 1 else "One member"
    each = f" for each of {len(head.parts)} classes" if len(head.parts) > 1 else ""
    return (
        f"<section><h2>Which models were used?</h2><p>{members}{each}, {len(board.ensemble.folds)} folds each; all "
        f"figures are of users the model did not see. {text}{_explain_worths(head.parts)}</p>"
        f"{_draw_boards(head.parts, columns)}"
        f"<details><summary>Show the numbers</summary>{_draw_folds(head.parts, columns)}</details></section>"
    )


def _explain_worths(parts: Sequence[PartHead]) -> str:
    if not _have_worths(parts):
        return ""
    return " Loss without it: by how much the loss of the blend rises if a member is left out, and its standard error."


def _have_worths(parts: Sequence[PartHead]) -> bool:
    return any(member.worth for _, member in _list_lines(parts))


def _draw_boards(parts: Sequence[PartHead], metrics: Sequence[Metric]) -> str:
    """Draw each member's first metric on a common scale, a dot for all users and rings for folds, and the others."""
    first, shown = metrics[0], [metric for metric in metrics if metric.is_printed]
    has_worths = _have_worths(parts)
    scale = _Scale(value for _, member in _list_lines(parts) for value in _list_values(member, first))
    rows = []
    for part, member in _list_lines(parts):
        is_blend = member is part.board.ensemble
        kind = "" if member.kind == member.name else f"<small>{escape(member.kind.replace('_', ' '))}</small>"
        name = f"{escape(member.name)}{kind}"
        rows.append(
            [
                f"<b>{name}</b>" if is_blend else name,
                "" if is_blend else _weigh(member.weight),
                scale.draw_strip(member, first),
                *(_write(member.scores[metric.name], metric, is_bold=is_blend) for metric in shown),
                *([_tell_worth(member)] if has_worths else []),
            ]
        )
        if is_blend and part.name:
            rows[-1][0] = f"<b>{escape(part.name)}</b><small>blend</small>"
    titles = [*(metric.title for metric in shown), *(["loss without it"] if has_worths else [])]
    rows.append(["", "", scale.draw_labels(), *("" for _ in titles)])
    headings = ("member", "weight", f"{first.title} of all users ● and of each fold ○", *titles)
    return draw_table(headings, rows, kind="board")


class _Scale:
    """Where values stand on a strip."""

    def __init__(self, values: Iterable[float]) -> None:
        found = list(values)
        margin = 0.06 * (max(found) - min(found)) + 1e-4 * max(1.0, abs(max(found)))
        self.low, self.high = min(found) - margin, max(found) + margin
        self.ticks = number_ticks(self.low, self.high)

    def draw_strip(self, member: MemberScores, metric: Metric) -> str:
        grid = "".join(f'<i class="grid" style="{self._stand(value)}"></i>' for value, _ in self.ticks)
        whole, *folds = _list_values(member, metric)
        rings = "".join(f'<i class="ring" style="{self._stand(value)}"></i>' for value in folds)
        return f'<div class="strip">{grid}{rings}<i class="point" style="{self._stand(whole)}"></i></div>'

    def draw_labels(self) -> str:
        labels = "".join(f'<span style="{self._stand(value)}">{label}</span>' for value, label in self.ticks)
        return f'<div class="scale" aria-hidden="true">{labels}</div>'

    def _stand(self, value: float) -> str:
        return f"left:{100 * (value - self.low) / (self.high - self.low):.1f}%"


def _draw_folds(parts: Sequence[PartHead], metrics: Sequence[Metric]) -> str:
    """Draw all metrics of all members, whole and fold by fold."""
    rows = []
    for part, member in _list_lines(parts):
        of_class = f"<small>{escape(part.name)}</small>" if part.name else ""
        whole = (_write(member.scores[metric.name], metric, is_bold=True) for metric in metrics)
        rows.append([f"<b>{escape(member.name)}</b>{of_class}", "all", *whole])
        for fold in member.folds:
            cells = (_write(fold.scores.get(metric.name), metric, is_bold=False) for metric in metrics)
            rows.append(["", str(fold.fold), *cells])
    return draw_table(("member", "fold", *(metric.title for metric in metrics)), rows)


def _list_lines(parts: Sequence[PartHead]) -> list[tuple[PartHead, MemberScores]]:
    return [(part, member) for part in parts for member in (part.board.ensemble, *part.board.members)]


def _list_values(member: MemberScores, metric: Metric) -> list[float]:
    """Return a metric of all users, then that of each fold that has one."""
    folds = (fold.scores.get(metric.name) for fold in member.folds)
    return [member.scores[metric.name], *(value for value in folds if value is not None)]


def _write(value: float | None, metric: Metric, *, is_bold: bool) -> str:
    text = "–" if value is None else format(value, metric.form)
    return f"<b>{text}</b>" if is_bold else text


def _tell_worth(member: MemberScores) -> str:
    """Tell by how much the loss rises without a member, and the standard error of that."""
    if member.worth is None:
        return ""
    return f"{100 * member.worth.rise:+.1f} ± {100 * member.worth.error:.1f} %".replace("-", "−")


def _weigh(weight: float) -> str:
    return share(weight) if weight else '<span class="soft">left out</span>'
