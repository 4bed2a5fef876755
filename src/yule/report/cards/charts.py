"""The charts of a report."""

import json
import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from yule.report.cards.axes import (
    Axis,
    draw_frame,
    nice_step,
    place_points,
    place_x,
    place_y,
    share_axis,
)
from yule.report.quality import CurvePoint, Quality, share_range
from yule.report.words import HEADLINE_FRACTION, share


def draw_gains(
    points: Sequence[CurvePoint], *, title: str, marks: str | None = None, of: str = "share of all that were a yes"
) -> str:
    """Draw how many positives the first users of the list hold, with its range, against contacting at random.

    Parameters
    ----------
    points
        The gains curve, from its first point after the origin.
    title
        Title of the chart.
    marks
        Name of the list of which the users chosen on the page are marked; None to mark nobody.
    of
        What the curve shows.
    """
    x, y = share_axis(1.0, "users contacted, best first"), share_axis(1.0, of)
    curve = [(0.0, 0.0), *((point.fraction, point.recall) for point in points)]
    low = [(0.0, 0.0), *((point.fraction, point.low) for point in points)]
    high = [(0.0, 0.0), *((point.fraction, point.high) for point in points)]
    return draw_frame(
        x,
        y,
        f'<polygon class="band" points="{place_points(high + low[::-1], x, y)}"/>'
        f'<line class="reference" x1="{place_x(0, x):g}" y1="{place_y(0, y):g}" '
        f'x2="{place_x(1, x):g}" y2="{place_y(1, y):g}"/>'
        f'<polyline class="curve" points="{place_points(curve, x, y)}"/>'
        f'<text class="name" x="{place_x(0.66, x):g}" y="{place_y(0.54, y):g}">at random</text>'
        f'<text class="name accent" x="{place_x(0.5, x):g}" y="{place_y(_recall_at(curve, 0.5) - 0.13, y):g}">'
        "with this list</text>" + ("" if marks is None else _draw_marker(marks, curve, x, y)),
        title=title,
        text=f"The first {share(HEADLINE_FRACTION)} of the list: {share(_recall_at(curve, HEADLINE_FRACTION))}, {of}.",
    )


def draw_calibration(quality: Quality, *, title: str) -> str:
    """Draw predicted against actual shares of users in groups of equal size, with the range of 90 in 100 repeats."""
    groups = [
        (group.mean_probability, group.positive_fraction, share_range(group.positive_fraction, group.n_users))
        for group in quality.calibration
    ]
    end = min(max(max(predicted, actual, high) for predicted, actual, (_, high) in groups), 1.0)
    x, y = share_axis(end, "predicted chance"), share_axis(end, "actually a yes")
    marks = "".join(
        f'<line class="whisker" x1="{place_x(predicted, x):g}" x2="{place_x(predicted, x):g}" '
        f'y1="{place_y(low, y):g}" y2="{place_y(high, y):g}"/>'
        f'<circle class="dot" cx="{place_x(predicted, x):g}" cy="{place_y(actual, y):g}" r="4.5"/>'
        for predicted, actual, (low, high) in groups
    )
    return draw_frame(
        x,
        y,
        f'<line class="reference" x1="{place_x(0, x):g}" y1="{place_y(0, y):g}" '
        f'x2="{place_x(x.end, x):g}" y2="{place_y(y.end, y):g}"/>'
        f'<text class="name" x="{place_x(0.78 * x.end, x):g}" y="{place_y(0.62 * y.end, y):g}">'
        f"as predicted</text>{marks}",
        title=title,
        text="; ".join(f"predicted {share(predicted)}, actual {share(actual)}" for predicted, actual, _ in groups),
    )


def number_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Return round numbers between two numbers, with labels of as many digits as they need.

    >>> number_ticks(0.8412, 0.8779)
    ((0.85, '0.85'), (0.86, '0.86'), (0.87, '0.87'))
    """
    step = nice_step((high - low) / 6)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple((round(i * step, digits), f"{i * step:.{digits}f}") for i in range(first, last + 1))


def _draw_marker(name: str, curve: Sequence[tuple[float, float]], x: Axis, y: Axis) -> str:
    """Mark the users contacted; the script moves the mark along the curve in its data."""
    recall = _recall_at(curve, HEADLINE_FRACTION)
    across, up, floor = place_x(HEADLINE_FRACTION, x), place_y(recall, y), place_y(0, y)
    data = json.dumps([[round(a, 4), round(b, 4)] for a, b in curve], separators=(",", ":"))
    frame = f"[{place_x(0, x):g},{place_x(1, x):g},{floor:g},{place_y(1, y):g}]"
    return (
        f'<g data-marks="{escape(name)}" data-curve="{data}" data-frame="{frame}">'
        f'<line class="drop" x1="{across:g}" x2="{across:g}" y1="{up:g}" y2="{floor:g}"/>'
        f'<circle class="mark" cx="{across:g}" cy="{up:g}" r="6"/></g>'
    )


def _recall_at(curve: Sequence[tuple[float, float]], fraction: float) -> float:
    (a, low), (b, high) = next((before, after) for before, after in pairwise(curve) if after[0] >= fraction - 1e-12)
    return low + (high - low) * (fraction - a) / (b - a)
