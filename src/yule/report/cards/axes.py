"""Axes of charts drawn as inline SVG: they follow the page's colours, print well and need no script."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from yule.report.words import share

WIDTH, HEIGHT = 470, 350
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 36, 50

N_STEPS = 5  # an axis has about this many

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis.

    Parameters
    ----------
    begin, end
        Its ends.
    ticks
        Values with their labels.
    title
        What it shows.
    """

    begin: float = 0.0
    end: float
    ticks: tuple[tuple[float, str], ...]
    title: str


def share_axis(end: float, title: str) -> Axis:
    """Return an axis of percentages from 0 to at least ``end``, but not beyond 1.

    >>> [label for _, label in share_axis(0.23, "hit rate").ticks]
    ['0%', '5%', '10%', '15%', '20%', '25%']
    """
    step = nice_step(end / N_STEPS)
    n_ticks = math.ceil(end / step - 1e-9)
    ticks = tuple((i * step, share(round(i * step, 9))) for i in range(n_ticks + 1))
    return Axis(end=n_ticks * step, ticks=ticks, title=title)


def nice_step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10, ... times a power of ten that is at least ``least``.

    >>> nice_step(0.046), nice_step(0.2), nice_step(30)
    (0.05, 0.2, 50.0)
    """
    power = 10.0 ** math.floor(math.log10(least))
    factor = next(factor for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
    return float(f"{factor * power:.12g}")


def place_x(value: float, axis: Axis) -> float:
    """Return where a value stands from the left, in units of the drawing."""
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (value - axis.begin) / (axis.end - axis.begin), 1)


def place_y(value: float, axis: Axis) -> float:
    """Return where a value stands from the top, in units of the drawing."""
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - axis.begin) / (axis.end - axis.begin), 1)


def place_points(points: Sequence[Point], x: Axis, y: Axis) -> str:
    """Write points the way SVG lines and polygons take them."""
    return " ".join(f"{place_x(a, x):g},{place_y(b, y):g}" for a, b in points)


def draw_frame(x: Axis, y: Axis, inside: str, *, title: str, text: str) -> str:
    """Draw axes around a chart.

    Parameters
    ----------
    x, y
        The axes.
    inside
        The chart, as SVG.
    title, text
        What it is and what it shows, for those who hear it.
    """
    left, right, floor = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM
    grid = "".join(
        f'<line class="grid" x1="{left}" x2="{right}" y1="{place_y(value, y):g}" y2="{place_y(value, y):g}"/>'
        f'<text class="tick" x="{left - 8}" y="{place_y(value, y) + 4:g}" text-anchor="end">{escape(label)}</text>'
        for value, label in y.ticks
    )
    labels = "".join(
        f'<text class="tick" x="{place_x(value, x):g}" y="{floor + 18}" text-anchor="middle">{escape(label)}</text>'
        for value, label in x.ticks
    )
    titles = (
        f'<text class="title" x="0" y="14">{escape(y.title)}</text>'
        f'<text class="title" x="{right}" y="{HEIGHT - 6}" text-anchor="end">{escape(x.title)}</text>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f"<desc>{escape(text)}</desc>{grid}{labels}{inside}{titles}</svg>"
    )
