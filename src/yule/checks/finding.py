"""The file of findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yule.core.settings import read_json, to_json
from yule.messages.finding import Finding

CHECKS_FILE = "checks.json"


@dataclass(frozen=True, kw_only=True)
class ChecksFile:
    """The content of ``checks.json``."""

    findings: tuple[Finding, ...]


def write_findings(findings: Sequence[Finding], folder: Path) -> None:
    """Write ``checks.json`` into a folder that exists."""
    (folder / CHECKS_FILE).write_text(to_json(ChecksFile(findings=tuple(findings))), encoding="utf-8")


def read_findings(folder: Path) -> tuple[Finding, ...]:
    """Read what :func:`write_findings` wrote."""
    return read_json(ChecksFile, folder / CHECKS_FILE).findings
