"""How many users to contact: what the first users of a list are expected to hold, for as many as the reader chooses."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from yule.metrics.gains import top_size
from yule.metrics.intervals import Interval
from yule.report.words import HEADLINE_FRACTION, count, rate


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of the card.

    Parameters
    ----------
    shows
        What stands in large: a name of :func:`_tell`.
    text
        HTML that stands below it; ``{name}`` stands for another figure.
    """

    shows: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ContactList:
    """A list whose first users may be contacted.

    Parameters
    ----------
    name
        Tells the lists of a page apart: the card moves the mark in the chart of the same name.
    curve, ranges
        Users contacted and what is expected of them, from few to all of the list; where it lies 90 times of 100.
    figures
        What is said of the users that are chosen.
    earns
        HTML of what earns money; empty where nobody can say how much of it to expect.
    gain
        What it earns, before the reader says it.
    """

    name: str = ""
    curve: Sequence[tuple[float, float]]
    ranges: Sequence[Interval]
    figures: tuple[Figure, ...]
    earns: str = ""
    gain: int = 10


def contact_card(contacts: ContactList, *, note: str) -> str:
    """Let the reader choose how many users to contact; ``note`` is HTML on the list and on what is said of it."""
    drawn = draw_contact(contacts, title="<h2>How many users will you contact?</h2>")
    return f'<section>{drawn}<p class="note">{note}</p></section>'


def draw_contact(contacts: ContactList, *, title: str) -> str:
    """Draw the choice of a number of users; without a script it says what a tenth of them holds.

    Parameters
    ----------
    contacts
        The list.
    title
        HTML of the heading.
    """
    n_users = round(contacts.curve[-1][0])
    chosen = top_size(HEADLINE_FRACTION, n_users)
    told = _tell(contacts, chosen)
    shown = {name: f'<span data-shows="{name}">{value}</span>' for name, value in told.items()}
    figures = "".join(
        f'<div><b data-shows="{one.shows}">{told[one.shows]}</b><span>{one.text.format_map(shown)}</span></div>'
        for one in contacts.figures
    )
    return (
        f'<div data-contact="{escape(contacts.name)}" data-curve="{_write_curve(contacts)}" data-chosen="{chosen}">'
        f'<div class="contact">{title}<output data-shows="users">{told["users"]}</output></div>'
        '<div class="scripted"><input data-asks="depth" type="range" min="1" max="1000" '
        f'value="{round(1000 * math.sqrt(chosen / n_users))}" aria-label="Number of users to contact"></div>'
        f'<div class="figures">{figures}</div>{_draw_money(contacts)}</div>'
    )


def _draw_money(contacts: ContactList) -> str:
    if not contacts.earns:
        return ""
    return (
        '<div class="money scripted">'
        '<label>A contact costs <input data-asks="cost" type="number" value="1" min="0" step="any"></label>'
        f'<label>{contacts.earns} earns <input data-asks="gain" type="number" value="{contacts.gain}" min="0" '
        'step="any"></label>'
        '<span>profit <b data-shows="profit"></b></span><span>best: <b data-shows="best"></b> '
        '<button type="button">use it</button></span></div>'
    )


def _tell(contacts: ContactList, n_chosen: int) -> dict[str, str]:
    """Tell figures by their names, as the script of the page does."""
    sizes, values = zip((0.0, 0.0), *contacts.curve, strict=True)
    lows, highs = ([0.0, *ends] for ends in zip(*((one.low, one.high) for one in contacts.ranges), strict=True))
    expected, low, high = (float(np.interp(n_chosen, sizes, column)) for column in (values, lows, highs))
    total, share = values[-1], n_chosen / sizes[-1]
    return {
        "users": f"{count(n_chosen)} user{'' if n_chosen == 1 else 's'}",
        "expected": count(expected),
        "likely": f"{count(low)}–{count(high)}",
        "random": count(total * share),
        "rate": rate(expected / n_chosen),
        "mean": count(expected / n_chosen),
        "lift": f"{expected / (total * share):.1f}×" if total > 0 else "–",
        "reach": f"{expected / total:.0%}" if total > 0 else "–",
        "reached": f"{low / total:.0%}–{high / total:.0%}" if total > 0 else "–",
    }


def _write_curve(contacts: ContactList) -> str:
    points = zip(contacts.curve, contacts.ranges, strict=True)
    rows = ([n, round(expected, 4), round(limits.low, 4), round(limits.high, 4)] for (n, expected), limits in points)
    return json.dumps([[0, 0, 0, 0], *rows], separators=(",", ":"))
