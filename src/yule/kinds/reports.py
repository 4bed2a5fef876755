"""Reports of all kinds: written, read, and told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yule.core.errors import CorruptedOutput
from yule.core.files import read_bounded
from yule.core.secrets import redact
from yule.core.settings import Json, canonical_json, from_plain, to_plain
from yule.kinds import KINDS, read_kind
from yule.kinds.kind import Kind, Table
from yule.kinds.older import renew_report
from yule.report.advice import Advice, tell_findings
from yule.report.cards.costs import costs_card
from yule.report.cards.parts import advice_card, facts_card
from yule.report.data import ReportData
from yule.report.files import NUMBERS, PAGE
from yule.report.head import ReportHead
from yule.report.page import frame_page

VERSION = 4
"""Raised when the meaning of a field of ``report.json`` changes."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report: the content of ``report.json``.

    Parameters
    ----------
    kind
        What kind of answer it is on.
    head
        What all reports say.
    body
        What only those of its kind say.
    """

    kind: Kind[Any]
    head: ReportHead
    body: object

    def describe(self) -> tuple[str, ...]:
        """Say in a few sentences what was found and how far it can be trusted."""
        return self.kind.describe(self.head, self.body)

    def tabulate(self) -> Table:
        """Tell the leaderboard."""
        return self.kind.tabulate(self.head, self.body)

    def advise(self) -> tuple[Advice, ...]:
        """Say what stands out, and what to do about it."""
        head = self.head
        return (
            *tell_findings(head.findings),
            *self.kind.advise(head, self.body),
            *tell_findings(head.history.findings),
        )

    def render(self, costs: Sequence[tuple[str, str]] = ()) -> str:
        """Write the page; it loads nothing and reads well without a script.

        Parameters
        ----------
        costs
            What the run took, and how much of it; empty while that is not known.
        """
        head = self.head
        cards = (
            *self.kind.draw(head, self.body),
            advice_card(self.advise(), head.findings),
            facts_card(head.facts, resolved=head.resolved),
            *((costs_card(costs),) if costs else ()),
        )
        return redact(frame_page(head, self.describe(), cards))


def compute_report(kind: Kind[Any], data: ReportData) -> Report:
    """Compute a report."""
    head, body = kind.compute(data)
    return Report(kind=kind, head=head, body=body)


def write_report(report: Report, folder: Path) -> None:
    """Write ``report.json`` and ``report.html`` into a folder that exists. Equal reports give equal bytes."""
    plain: Json = {
        "kind": report.kind.name,
        "version": VERSION,
        "head": to_plain(report.head),
        "body": to_plain(report.body),
    }
    (folder / NUMBERS).write_text(redact(canonical_json(plain)) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(report.render(), encoding="utf-8")


def read_report(folder: Path) -> Report:
    """Read the report that :func:`write_report` wrote, or an earlier version of Yule.

    Raises
    ------
    CorruptedOutput
        If it is damaged, or another version of Yule wrote another one.
    """
    try:
        plain = json.loads(read_bounded(folder / NUMBERS).decode())
        plain = renew_report(plain, KINDS)
        kind = read_kind(plain["kind"])
        return Report(kind=kind, head=from_plain(ReportHead, plain["head"]), body=from_plain(kind.body, plain["body"]))
    except (ExceptionGroup, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise CorruptedOutput(
            f"{folder / NUMBERS} is damaged, or of another version of Yule. Run the case again: it is written anew."
        ) from error
