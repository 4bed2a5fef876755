"""The charts of a report on a yes or no."""

import math
from collections.abc import Collection, Sequence
from datetime import datetime

from yule.labels.summary import CutoffSummary
from yule.report.binary.numbers import ScoreBin
from yule.report.cards.axes import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Axis,
    draw_frame,
    place_points,
    place_x,
    place_y,
    share_axis,
)
from yule.report.quality import Quality, share_range
from yule.report.words import share


def draw_spread(spread: Sequence[ScoreBin], quality: Quality, *, title: str) -> str:
    """Draw how the chances of the ranked users are spread, and those of validated users that were a yes."""
    x = share_axis(max(spread[-1].high, quality.histogram[-1].high), "predicted chance")
    y = share_axis(max(*(bar.users for bar in spread), *(bar.positives for bar in quality.histogram)), "share of group")
    bars = "".join(
        f'<rect class="bar" x="{place_x(bar.low, x) + 0.5:g}" y="{place_y(bar.users, y):g}" '
        f'width="{max(place_x(bar.high, x) - place_x(bar.low, x) - 1, 0.5):.1f}" '
        f'height="{place_y(0, y) - place_y(bar.users, y):.1f}"/>'
        for bar in spread
    )
    steps = [(edge, bar.positives) for bar in quality.histogram for edge in (bar.low, bar.high)]
    outline = [(0.0, 0.0), *steps, (quality.histogram[-1].high, 0.0)]
    top = max(spread, key=lambda bar: bar.users)
    right = max(bar.positives for bar in quality.histogram[len(quality.histogram) // 2 :])
    return draw_frame(
        x,
        y,
        f'{bars}<polyline class="outline" points="{place_points(outline, x, y)}"/>'
        f'<text class="name" x="{place_x(top.high, x) + 8:g}" y="{place_y(top.users, y) + 12:g}">ranked users</text>'
        f'<text class="name warm" x="{WIDTH - RIGHT}" y="{place_y(right, y) - 10:g}" text-anchor="end">'
        "were a yes, when tested</text>",
        title=title,
        text=f"Most ranked users have a chance of {share(top.low)} to {share(top.high)}.",
    )


def draw_history(cutoffs: Sequence[CutoffSummary], validated: Collection[datetime], *, title: str) -> str:
    """Draw the share of positives by cut-off.

    Parameters
    ----------
    cutoffs
        The labels, at least one cut-off.
    validated
        Cut-offs the list was tested on; they are drawn in the accent colour.
    title
        Title of the chart.
    """
    rates = [cutoff.n_positives / max(cutoff.n_users, 1) for cutoff in cutoffs]
    ranges = [share_range(rate, max(cutoff.n_users, 1)) for rate, cutoff in zip(rates, cutoffs, strict=True)]
    y = share_axis(max(high for _, high in ranges), "share that was a yes")
    step = (WIDTH - LEFT - RIGHT) / len(cutoffs)
    every = max(1, math.ceil(len(cutoffs) / 3))
    parts = []
    for number, (cutoff, rate, (low, high)) in enumerate(zip(cutoffs, rates, ranges, strict=True)):
        middle = LEFT + step * (number + 0.5)
        kind = "bar accent" if cutoff.cutoff in validated else "bar"
        width = min(0.7 * step, 46)
        parts.append(
            f'<rect class="{kind}" x="{middle - width / 2:.1f}" y="{place_y(rate, y):g}" width="{width:.1f}" '
            f'height="{place_y(0, y) - place_y(rate, y):.1f}"/>'
            f'<line class="whisker" x1="{middle:.1f}" x2="{middle:.1f}" '
            f'y1="{place_y(low, y):g}" y2="{place_y(high, y):g}"/>'
        )
        if number % every == 0:
            parts.append(
                f'<text class="tick" x="{middle:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
                f"{cutoff.cutoff:%d %b %Y}</text>"
            )
    texts = [f"{cutoff.cutoff:%Y-%m-%d}: {share(rate)}" for cutoff, rate in zip(cutoffs, rates, strict=True)]
    return draw_frame(Axis(end=1.0, ticks=(), title="cut-off"), y, "".join(parts), title=title, text="; ".join(texts))
