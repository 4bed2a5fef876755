"""The whole page: one self-contained HTML file."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from typing import Protocol

from yule.checks.finding import Finding
from yule.report.advice import find_advice
from yule.report.cards.answer import contact_card, gains_card, outcome_card, trust_card
from yule.report.cards.costs import costs_card
from yule.report.cards.models import advice_card, facts_card, features_card, history_card, members_card
from yule.report.cards.selection import selection_card
from yule.report.numbers import ReportNumbers
from yule.report.words import describe_answer


class PageHead(Protocol):
    """What a page is about; the numbers of every kind of report say it. ``run_id`` is empty when there is no run."""

    @property
    def case(self) -> str:
        """Name of the case."""

    @property
    def question(self) -> str:
        """The question, in words."""

    @property
    def run_id(self) -> str:
        """The run."""

    @property
    def cutoff(self) -> datetime:
        """As of when users are scored."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks have found."""


def render_page(numbers: ReportNumbers) -> str:
    """Write the page; it loads nothing and reads well without a script."""
    cards = [
        contact_card(numbers),
        gains_card(numbers),
        *([outcome_card(numbers, numbers.outcome)] if numbers.outcome else []),
        trust_card(numbers),
        features_card(numbers.features, told_weight=numbers.told_weight),
        *([selection_card(numbers.selection)] if numbers.selection else []),
        history_card(numbers),
        members_card(numbers),
        advice_card(find_advice(numbers), numbers.findings),
        facts_card(numbers.facts, resolved=numbers.resolved),
    ]
    return frame_page(numbers, describe_answer(numbers), cards)


def frame_page(head: PageHead, answer: Sequence[str], cards: Sequence[str]) -> str:
    """Put a page together.

    Parameters
    ----------
    head
        What it is about.
    answer
        Sentences on what was found; the first two are the answer, the others say how far it can be trusted.
    cards
        HTML of the cards.
    """
    run = f" · run {escape(head.run_id)}" if head.run_id else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(head.question)}</title><style>{_asset('page.css')}</style></head><body>"
        '<header><div><button id="theme" class="scripted" type="button">Light / dark</button>'
        f"<small>Yule · case {escape(head.case)}{run} · as of {head.cutoff:%d %B %Y}</small>"
        f'<h1>{escape(head.question)}</h1><p class="answer">{escape(" ".join(answer[:2]))}</p>'
        f"{''.join(f'<p>{escape(sentence)}</p>' for sentence in answer[2:])}{_alarm(head.findings)}</div></header>"
        f"<main>{''.join(cards)}</main>"
        "<footer>This file is self-contained: it loads nothing and can be mailed or kept.</footer>"
        f"<script>{_asset('page.js')}</script></body></html>\n"
    )


def _alarm(findings: Sequence[Finding]) -> str:
    """Say at the head of the page that its figures cannot be trusted, where a check says so."""
    titles = [escape(finding.title) for finding in findings if finding.severity == "stop"]
    if not titles:
        return ""
    told = "; ".join(titles)
    return f'<p class="alarm"><b>No figure here can be trusted yet.</b> {told}: see “Checks and advice” below.</p>'


def add_costs(page: str, costs: Sequence[tuple[str, str]]) -> str:
    """Add to a page what the run took, which is not known while the page is made.

    Parameters
    ----------
    page
        What :func:`render_page` has written.
    costs
        What, and how much of it.
    """
    before, end, after = page.rpartition("</main>")
    return f"{before}{costs_card(costs)}{end}{after}"


def _asset(name: str) -> str:
    return files("yule.report").joinpath(name).read_text(encoding="utf-8")
