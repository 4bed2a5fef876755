"""Reports of versions before 0.2, whose findings were sentences, and what was noted of labels too."""

from yule.core.settings import Json, to_plain
from yule.messages.message import quote


def renew_findings(report: dict[str, Json]) -> dict[str, Json]:
    """Return the plain data of a report with findings as they are today; those of today stay what they are.

    >>> old = {"findings": [], "history": {"warnings": ["2 rows have no label."]}}
    >>> renew_findings(old)["history"]["findings"][0]["values"]["seen"]
    {'unit': 'choice', 'value': '2 rows have no label.'}
    """
    renewed = dict(report)
    if isinstance(findings := report.get("findings"), list):
        renewed["findings"] = [_renew(finding) for finding in findings]
    if isinstance(history := report.get("history"), dict) and isinstance(noted := history.get("warnings"), list):
        others = {name: value for name, value in history.items() if name != "warnings"}
        renewed["history"] = {**others, "findings": [_tell_again("labels", "warn", [note, note, ""]) for note in noted]}
    return renewed


def renew_message(told: Json) -> Json:
    """Return a sentence as a message that is told as it stands; a message of today stays what it is.

    >>> renew_message("always the same")["values"]["text"]
    {'value': 'always the same', 'unit': 'said'}
    """
    return to_plain(quote(told)) if isinstance(told, str) else told


def renew_event(told: Json) -> Json:
    """Return the plain data of an event whose reasons are sentences as it is today; one of today stays what it is."""
    if not isinstance(told, dict):
        return told
    if isinstance(texts := told.get("texts"), list):
        others = {name: value for name, value in told.items() if name != "texts"}
        return {**others, "who": "command", "whys": [renew_message(text) for text in texts]}
    return {**told, "why": renew_message(told["why"])} if "why" in told else told


def _renew(finding: Json) -> Json:
    if not isinstance(finding, dict) or "seen" not in finding:
        return finding
    check = str(finding.get("check")).replace(" ", "-")
    return _tell_again(check, finding.get("severity"), [finding.get(part) for part in ("title", "seen", "remedy")])


def _tell_again(check: str, severity: Json, parts: list[Json]) -> Json:
    title, seen, remedy = ({"unit": "choice", "value": part} for part in parts)
    values: Json = {"title": title, "seen": seen, "remedy": remedy}
    return {"check": check, "code": "as-told", "severity": severity, "values": values}
