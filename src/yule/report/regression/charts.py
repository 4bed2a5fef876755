"""The charts of a report on amounts."""

import math
from collections.abc import Collection, Sequence
from datetime import datetime

from yule.labels.summary import CutoffSummary
from yule.metrics.amounts import AmountBin
from yule.report.cards.axes import (
    BOTTOM,
    HEIGHT,
    LEFT,
    N_STEPS,
    RIGHT,
    WIDTH,
    Axis,
    draw_frame,
    nice_step,
    place_x,
    place_y,
)
from yule.report.quality import Z_90
from yule.report.words import count


def amount_axis(begin: float, end: float, title: str) -> Axis:
    """Return an axis of round amounts from at most ``begin``, or 0, to at least ``end``.

    >>> [label for _, label in amount_axis(0.0, 43.0, "spent").ticks]
    ['0', '10', '20', '30', '40', '50']
    """
    begin, end = min(begin, 0.0), max(end, 0.0)
    step = nice_step((end - begin) / N_STEPS or 1.0)
    first, last = math.floor(begin / step + 1e-9), math.ceil(end / step - 1e-9)
    ticks = tuple((place * step, _label(place * step)) for place in range(first, last + 1))
    return Axis(begin=first * step, end=last * step, ticks=ticks, title=title)


def draw_deciles(groups: Sequence[AmountBin], *, title: str) -> str:
    """Draw expected against observed means of users in groups of equal size, with the range of 90 in 100 repeats."""
    floor = min(0.0, *(group.observed for group in groups))  # where no mean is below 0, no range is
    ends = [(max(group.observed - Z_90 * group.error, floor), group.observed + Z_90 * group.error) for group in groups]
    values = [value for group, limits in zip(groups, ends, strict=True) for value in (group.expected, *limits)]
    x = amount_axis(min(values), max(group.expected for group in groups), "expected, mean of a group")
    y = amount_axis(min(values), max(values), "came to, mean of a group")
    marks = "".join(
        f'<line class="whisker" x1="{place_x(group.expected, x):g}" x2="{place_x(group.expected, x):g}" '
        f'y1="{place_y(low, y):g}" y2="{place_y(high, y):g}"/>'
        f'<circle class="dot" cx="{place_x(group.expected, x):g}" cy="{place_y(group.observed, y):g}" r="4.5"/>'
        for group, (low, high) in zip(groups, ends, strict=True)
    )
    begin, end = max(x.begin, y.begin), min(x.end, y.end)
    return draw_frame(
        x,
        y,
        f'<line class="reference" x1="{place_x(begin, x):g}" y1="{place_y(begin, y):g}" '
        f'x2="{place_x(end, x):g}" y2="{place_y(end, y):g}"/>'
        f'<text class="name" x="{place_x(0.8 * end, x):g}" y="{place_y(0.62 * end, y):g}">as expected</text>{marks}',
        title=title,
        text="; ".join(f"expected {count(group.expected)}, came to {count(group.observed)}" for group in groups),
    )


def draw_means(cutoffs: Sequence[CutoffSummary], validated: Collection[datetime], *, title: str) -> str:
    """Draw the mean amount by cut-off, with its range; those the list was tested on are in the accent colour."""
    means = [(cutoff.total or 0.0) / cutoff.n_users for cutoff in cutoffs]
    halves = [Z_90 * (cutoff.deviation or 0.0) / math.sqrt(cutoff.n_users) for cutoff in cutoffs]
    lows, highs = ([mean + sign * half for mean, half in zip(means, halves, strict=True)] for sign in (-1, 1))
    y = amount_axis(min(0.0, *lows), max(highs), "mean amount")
    step = (WIDTH - LEFT - RIGHT) / len(cutoffs)
    every = max(1, math.ceil(len(cutoffs) / 3))
    parts = []
    for number, (cutoff, mean, low, high) in enumerate(zip(cutoffs, means, lows, highs, strict=True)):
        middle, width = LEFT + step * (number + 0.5), min(0.7 * step, 46)
        kind = "bar accent" if cutoff.cutoff in validated else "bar"
        top, bottom = place_y(max(mean, 0.0), y), place_y(min(mean, 0.0), y)
        parts.append(
            f'<rect class="{kind}" x="{middle - width / 2:.1f}" y="{top:g}" width="{width:.1f}" '
            f'height="{bottom - top:.1f}"/>'
            f'<line class="whisker" x1="{middle:.1f}" x2="{middle:.1f}" '
            f'y1="{place_y(low, y):g}" y2="{place_y(high, y):g}"/>'
        )
        if number % every == 0:
            parts.append(
                f'<text class="tick" x="{middle:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
                f"{cutoff.cutoff:%d %b %Y}</text>"
            )
    texts = [f"{cutoff.cutoff:%Y-%m-%d}: {count(mean)}" for cutoff, mean in zip(cutoffs, means, strict=True)]
    return draw_frame(Axis(end=1.0, ticks=(), title="cut-off"), y, "".join(parts), title=title, text="; ".join(texts))


def _label(value: float) -> str:
    """Write an amount short enough for an axis.

    >>> _label(2500000.0), _label(0.25), _label(-40.0)
    ('2.5M', '0.25', '-40')
    """
    for size, sign in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if sign == 'k' else size):.3g}{sign}"
    return f"{value:.10g}" if abs(value) < 1000 else f"{value:,.0f}"
