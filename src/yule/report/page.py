"""The whole page: one self-contained HTML file."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from yule.messages.finding import Finding
from yule.messages.telling import tell
from yule.report.head import ReportHead


def frame_page(head: ReportHead, answer: Sequence[str], cards: Sequence[str]) -> str:
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
    titles = [escape(tell(finding).title) for finding in findings if finding.severity == "stop"]
    if not titles:
        return ""
    told = "; ".join(titles)
    return f'<p class="alarm"><b>No figure here can be trusted yet.</b> {told}: see “Checks and advice” below.</p>'


def _asset(name: str) -> str:
    return files("yule.report").joinpath(name).read_text(encoding="utf-8")
