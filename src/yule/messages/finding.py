"""Findings: what was seen in data or in a result, as facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from yule.messages.values import Value

Severity: TypeAlias = Literal["ok", "tip", "warn", "stop"]

_ORDER: Mapping[Severity, int] = {"stop": 0, "warn": 1, "tip": 2, "ok": 3}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was seen; :func:`~yule.messages.telling.tell` puts it into words.

    Parameters
    ----------
    check
        What was looked at.
    code
        What can be said of it; stable, and the name of its message in every catalogue.
    severity
        ``ok``; ``tip``: something may be gained; ``warn``: look at it; ``stop``: no figure can be trusted until it
        is settled.
    values
        What the message tells, by name.
    about
        The class it is of; None if it is of the whole.
    """

    check: str
    code: str
    severity: Severity
    values: Mapping[str, Value] = field(default_factory=dict)
    about: str | None = None


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put the worst first; of equal severity they stay in their order."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))
