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
from yule.messages.finding import Finding
from yule.report.cards.costs import costs_card
from yule.report.cards.parts import facts_card, findings_card
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

    def judge(self) -> tuple[Finding, ...]:
        """Return what stands out: of the checks what is not well, and what is found in the numbers."""
        checked, noted = (
            tuple(finding for finding in findings if finding.severity != "ok")
            for findings in (self.head.findings, self.head.history.findings)
        )
        return (*checked, *self.kind.judge(self.head, self.body), *noted)

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
            findings_card(self.judge(), head.findings),
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
    file = folder / NUMBERS
    try:
        content = read_bounded(file)
    except ValueError as error:  # no file of Yule's
        raise _tell_damage(str(file)) from error
    return parse_report(content, str(file))


def parse_report(content: bytes, place: str) -> Report:
    """Return the report that a ``report.json`` holds; see :func:`read_report`.

    Parameters
    ----------
    content
        What it holds.
    place
        Where it lies, for people.
    """
    try:
        plain = renew_report(json.loads(content.decode()), KINDS)
        kind = read_kind(str(plain["kind"]))
        return Report(kind=kind, head=from_plain(ReportHead, plain["head"]), body=from_plain(kind.body, plain["body"]))
    except (ExceptionGroup, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise _tell_damage(place) from error


def _tell_damage(place: str) -> CorruptedOutput:
    return CorruptedOutput(
        f"{place} is damaged, or of another version of Yule. Run the case again: it is written anew."
    )
