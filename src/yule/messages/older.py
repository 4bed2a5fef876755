"""Reports of versions before 0.2, whose findings were sentences, and what was noted of labels too."""

from yule.core.settings import Json


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

    >>> renew_message("always the same")
    {'code': 'as-told-before', 'values': {'text': {'unit': 'choice', 'value': 'always the same'}}}
    """
    return {"code": "as-told-before", "values": {"text": _choose(told)}} if isinstance(told, str) else told


def _renew(finding: Json) -> Json:
    if not isinstance(finding, dict) or "seen" not in finding:
        return finding
    check = str(finding.get("check")).replace(" ", "-")
    return _tell_again(check, finding.get("severity"), [finding.get(part) for part in ("title", "seen", "remedy")])


def _tell_again(check: str, severity: Json, parts: list[Json]) -> Json:
    title, seen, remedy = (_choose(part) for part in parts)
    values: Json = {"title": title, "seen": seen, "remedy": remedy}
    return {"check": check, "code": "as-told", "severity": severity, "values": values}


def _choose(text: Json) -> Json:
    return {"unit": "choice", "value": text}
