"""Findings: what a check has seen, how bad that is, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from yule.core.settings import read_json, to_json

CHECKS_FILE = "checks.json"

Severity: TypeAlias = Literal["ok", "warn", "stop"]

_ORDER: dict[Severity, int] = {"stop": 0, "warn": 1, "ok": 2}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check has seen.

    Parameters
    ----------
    check
        Name of the check.
    severity
        ``ok``; ``warn``: look at it; ``stop``: no figure can be trusted until it is settled.
    title
        The finding in a few words.
    seen
        One or two sentences with the numbers.
    remedy
        What to do; empty when there is nothing to do.
    """

    check: str
    severity: Severity
    title: str
    seen: str
    remedy: str = ""

    @property
    def text(self) -> str:
        """What was seen and what to do."""
        return f"{self.seen} {self.remedy}".strip()


@dataclass(frozen=True, kw_only=True)
class ChecksFile:
    """The content of ``checks.json``."""

    findings: tuple[Finding, ...]


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put the worst first; of equal severity they stay in their order."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))


def write_findings(findings: Sequence[Finding], folder: Path) -> None:
    """Write ``checks.json`` into a folder that exists."""
    (folder / CHECKS_FILE).write_text(to_json(ChecksFile(findings=tuple(findings))), encoding="utf-8")


def read_findings(folder: Path) -> tuple[Finding, ...]:
    """Read what :func:`write_findings` wrote."""
    return read_json(ChecksFile, folder / CHECKS_FILE).findings


def name_some(names: Sequence[str], *, most: int = 3) -> str:
    """Name a few of several things.

    >>> name_some(["a", "b"]), name_some(["a", "b", "c", "d", "e"])
    ('a and b', 'a, b, c and 2 more')
    """
    *others, last = names if len(names) <= most else [*names[:most], f"{len(names) - most} more"]
    comma = "; " if any("," in name for name in names) else ", "
    return f"{comma.join(others)} and {last}" if others else last
