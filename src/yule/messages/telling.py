"""Telling: a finding in the words of a language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from yule.messages.catalogue import Language, Ready, format_message
from yule.messages.finding import Finding, Severity
from yule.messages.message import Message
from yule.messages.values import Value
from yule.messages.writing import write_value

ENGLISH: Language = "en"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A finding in words.

    Parameters
    ----------
    check
        What was looked at.
    severity
        How bad it is.
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
    remedy: str

    @property
    def text(self) -> str:
        """What was seen and what to do."""
        return f"{self.seen} {self.remedy}".strip()


def tell(finding: Finding, language: Language = ENGLISH) -> Told:
    """Put a finding into words.

    >>> from yule.messages.values import Count
    >>> tell(Finding(check="folds", code="folds-apart", severity="ok", values={"n_users": Count(1200)})).seen
    'Each of 1,200 users is in one fold.'

    Raises
    ------
    CorruptedOutput
        If another version of Yule made it, and this one has no words for it.
    """
    values = _write_values(language, finding.values)
    title, seen, remedy = (format_message(language, finding.code, part, values) for part in ("title", "seen", "remedy"))
    if finding.about is not None:
        seen = format_message(language, "about", "", {"about": finding.about, "seen": seen})
    return Told(
        check=format_message(language, f"check-{finding.check}", "", {}),
        severity=finding.severity,
        title=title,
        seen=seen,
        remedy=remedy,
    )


def tell_message(message: Message, language: Language = ENGLISH) -> str:
    """Put a message into words.

    >>> from yule.messages.values import Count
    >>> tell_message(Message(code="dropped-beyond-best", values={"keep": Count(300)}))
    'not among the best 300'
    """
    return format_message(language, message.code, "", _write_values(language, message.values))


def tell_messages(messages: Iterable[Message], language: Language = ENGLISH) -> str:
    """Put several messages into one text."""
    return "; ".join(tell_message(message, language) for message in messages)


def tell_all(findings: Iterable[Finding], language: Language = ENGLISH) -> tuple[Told, ...]:
    """Put findings into words, in their order: those on several classes one by one, but what is well together.

    >>> well = {"check": "shuffled-labels", "code": "shuffled-labels-too-few", "severity": "ok"}
    >>> (told,) = tell_all([Finding(**well, about="tea"), Finding(**well, about="beer")])
    >>> told.seen.count("nothing was trained on shuffled labels."), "beer: There are too few" in told.seen
    (2, True)
    """
    told: dict[tuple[str, int], Told] = {}
    for place, finding in enumerate(findings):
        one = tell(finding, language)
        key = (finding.check, -1 if finding.severity == "ok" and finding.about is not None else place)
        before = told.get(key)
        told[key] = one if before is None else replace(before, seen=f"{before.seen} {one.seen}")
    return tuple(told.values())


def _write_values(language: Language, values: Mapping[str, Value]) -> dict[str, Ready]:
    return {name: write_value(language, value) for name, value in values.items()}
