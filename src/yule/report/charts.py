"""Charts as inline SVG: they follow the page's colours, print well and need no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from yule.report.words import share

WIDTH, HEIGHT = 520, 312
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 30, 44


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis: its end (it begins at 0), its ticks and what it shows."""

    end: float
    ticks: tuple[tuple[float, str], ...]
    title: str


def share_axis(end: float, title: str) -> Axis:
    """Return an axis of percentages from 0 to at least ``end``."""
    step = next(
        step for step in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if step * 6 >= end or step == 0.25
    )
    n_ticks = int(np.ceil(end / step - 1e-9))
    return Axis(end=n_ticks * step, ticks=tuple((i * step, share(i * step)) for i in range(n_ticks + 1)), title=title)


def draw_gains(curve: Sequence[tuple[float, float]], *, title: str) -> str:
    """Draw how many positives the first users of the list hold, against contacting at random."""
    x, y = share_axis(1.0, "users contacted, best first"), share_axis(1.0, "positives reached")
    points = _points([(_x(a, x), _y(b, y)) for a, b in curve])
    area = f"{points} {_x(1, x):.1f},{_y(0, y):.1f} {_x(0, x):.1f},{_y(0, y):.1f}"
    at_a_fifth = float(np.interp(0.2, [a for a, _ in curve], [b for _, b in curve]))
    return _frame(
        x,
        y,
        title,
        f'<polygon class="area" points="{area}"/>'
        f'<line class="reference" x1="{_x(0, x):.1f}" y1="{_y(0, y):.1f}" x2="{_x(1, x):.1f}" y2="{_y(1, y):.1f}"/>'
        f'<polyline class="curve" points="{points}"/>'
        f'<text class="label accent" x="{_x(0.2, x):.1f}" y="{_y(at_a_fifth, y) - 10:.1f}" '
        f'text-anchor="end">with this list</text>'
        f'<text class="label" x="{_x(0.62, x):.1f}" y="{_y(0.54, y):.1f}">at random</text>',
    )


def draw_calibration(groups: Sequence[tuple[float, float, float]], *, title: str) -> str:
    """Draw predicted against actual shares; each group is (predicted, actual, number of users)."""
    end = max(max(predicted, actual) for predicted, actual, _ in groups) * 1.08
    x, y = share_axis(end, "predicted chance"), share_axis(end, "actually a yes")
    marks = []
    for predicted, actual, n_users in groups:
        spread = 1.645 * np.sqrt(max(actual * (1 - actual), 1e-9) / n_users)
        low, high = max(actual - spread, 0.0), min(actual + spread, y.end)
        marks.append(
            f'<line class="whisker" x1="{_x(predicted, x):.1f}" x2="{_x(predicted, x):.1f}" '
            f'y1="{_y(low, y):.1f}" y2="{_y(high, y):.1f}"/>'
            f'<circle class="dot" cx="{_x(predicted, x):.1f}" cy="{_y(actual, y):.1f}" r="4.5"/>'
        )
    reference = (
        f'<line class="reference" x1="{_x(0, x):.1f}" y1="{_y(0, y):.1f}" '
        f'x2="{_x(min(x.end, y.end), x):.1f}" y2="{_y(min(x.end, y.end), y):.1f}"/>'
    )
    return _frame(x, y, title, reference + "".join(marks))


def draw_histogram(bins: Sequence[tuple[float, float]], *, title: str) -> str:
    """Draw how the chances are spread; each bin is (lower edge, share of users)."""
    width = bins[1][0] - bins[0][0]
    x = share_axis(bins[-1][0] + width, "predicted chance")
    y = share_axis(max(height for _, height in bins), "share of users")
    bars = "".join(
        f'<rect class="bar" x="{_x(edge, x) + 0.5:.1f}" width="{max(_x(edge + width, x) - _x(edge, x) - 1, 0.5):.1f}" '
        f'y="{_y(height, y):.1f}" height="{_y(0, y) - _y(height, y):.1f}"/>'
        for edge, height in bins
    )
    return _frame(x, y, title, bars)


def draw_leaderboard(rows: Sequence[tuple[str, float, Sequence[float], bool]], *, title: str) -> str:
    """Draw each member's AUC, circles for its folds; a row is (name, AUC, folds, is the blend)."""
    values = [value for _, overall, folds, _ in rows for value in (overall, *folds)]
    low, high = min(values), max(values)
    low, high = low - 0.05 * (high - low) - 1e-4, high + 0.05 * (high - low) + 1e-4
    left, right, line = 170, WIDTH + 180, 34
    height = line * len(rows) + 40

    def place(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left - 70)

    parts = []
    for number, (name, overall, folds, is_blend) in enumerate(rows):
        middle = 22 + line * number
        kind = "dot accent" if is_blend else "dot"
        weight = ' font-weight="700"' if is_blend else ""
        parts.append(
            f'<text class="label ink" x="{left - 14}" y="{middle + 4}" text-anchor="end"{weight}>{escape(name)}</text>'
            f'<line class="grid" x1="{left}" x2="{right - 70}" y1="{middle}" y2="{middle}"/>'
            + "".join(f'<circle class="ring" cx="{place(fold):.1f}" cy="{middle}" r="4"/>' for fold in folds)
            + f'<circle class="{kind}" cx="{place(overall):.1f}" cy="{middle}" r="6"/>'
            f'<text class="label ink" x="{right}" y="{middle + 4}" text-anchor="end"{weight}>{overall:.4f}</text>'
        )
    foot = (
        f'<text class="label" x="{left}" y="{height - 4}">{low:.3f}</text>'
        f'<text class="label" x="{right - 70}" y="{height - 4}" text-anchor="end">{high:.3f}</text>'
        f'<text class="label" x="{(left + right - 70) / 2}" y="{height - 4}" text-anchor="middle">'
        "AUC (0.5 = coin toss, 1 = perfect); circles are folds</text>"
    )
    return _svg(right + 6, height, title, "".join(parts) + foot)


def draw_bars(rows: Sequence[tuple[str, float, str]], *, title: str) -> str:
    """Draw named bars; a row is (name, length, text at its end)."""
    left, right, line = 350, WIDTH + 180, 24
    longest = max((length for _, length, _ in rows), default=1.0) or 1.0
    parts = []
    for number, (name, length, text) in enumerate(rows):
        top = 4 + line * number
        width = max((right - left - 60) * length / longest, 1)
        parts.append(
            f'<text class="label ink small" x="{left - 12}" y="{top + 13}" text-anchor="end">'
            f"{escape(_shorten(name))}</text>"
            f'<rect class="bar accent" x="{left}" y="{top + 2}" width="{width:.1f}" height="14" rx="3"/>'
            f'<text class="label" x="{left + width + 8:.1f}" y="{top + 13}">{escape(text)}</text>'
        )
    return _svg(right + 6, line * len(rows) + 8, title, "".join(parts))


def _shorten(name: str, *, n_characters: int = 44) -> str:
    return name if len(name) <= n_characters else f"…{name[1 - n_characters :]}"


def _x(value: float, axis: Axis) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * value / axis.end


def _y(value: float, axis: Axis) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / axis.end


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _frame(x: Axis, y: Axis, title: str, inside: str) -> str:
    """Draw axes around a chart."""
    ticks = "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(value, y):.1f}" y2="{_y(value, y):.1f}"/>'
        f'<text class="label" x="{LEFT - 8}" y="{_y(value, y) + 4:.1f}" text-anchor="end">{text}</text>'
        for value, text in y.ticks
    ) + "".join(
        f'<text class="label" x="{_x(value, x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{text}</text>'
        for value, text in x.ticks
    )
    titles = (
        f'<text class="label" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{x.title}</text>'
        f'<text class="label" x="{LEFT - 44}" y="{TOP - 16}">{y.title}</text>'
    )
    return _svg(WIDTH, HEIGHT, title, ticks + inside + titles)


def _svg(width: float, height: float, title: str, inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{inside}</svg>"
    )
