"""The documentation page of a project's methods, in Markdown."""

from collections.abc import Sequence

from yule.config.projects import Project
from yule.downloads.costs.limits import format_bytes
from yule.library.catalogue import Card, engine_sql


def write_page(project: Project, cards: Sequence[Card]) -> str:
    """Return the page: a table of all methods, then a section for each. It says nothing that changes by the day."""
    lines = [
        f"# Downloads of {project.name}",
        "",
        "Written by `yule downloads page`; how fresh each is tells `yule downloads`.",
        "",
        "| method | what a row is | owner | grows by the day | used by |",
        "|---|---|---|---|---|",
    ]
    for card in cards:
        method = card.method
        grows = f"since {method.days.since}" if method.days else "no"
        used = ", ".join(card.used_by)
        link = f"[{method.name}](#{method.name.lower()})"
        lines.append(f"| {link} | {method.description} | {method.owner} | {grows} | {used} |")
    for card in cards:
        lines += ["", *_section(project, card)]
    return "\n".join(lines) + "\n"


def _section(project: Project, card: Card) -> list[str]:
    method = card.method
    lines = [f"## {method.name}", ""]
    lines += [method.description, ""] if method.description else []
    lines += [f"- source: {method.source} ({project.sources[method.source].kind})"]
    lines += [f"- table: `{method.table}`"] if method.table else []
    lines += [f"- user: `{method.user}`", *([f"- time: `{method.time}` ({method.time_zone})"] if method.time else [])]
    if method.days is not None:
        lines.append(f"- days: since {method.days.since}, final {method.days.late_days} days after their end")
    lines += [f"- limit: {format_bytes(method.max_bytes)} for one query"] if method.max_bytes else []
    lines += ["", "| column | type | meaning | personal |", "|---|---|---|---|"]
    personal = {"no": "", "deny": "only by name", "hash": "only by name, as a digest"}
    lines += [f"| `{c.name}` | {c.type} | {c.meaning} | {personal[c.pii]} |" for c in method.columns]
    if method.parameters:
        lines += ["", "| parameter | type | value | meaning |", "|---|---|---|---|"]
        lines += [f"| `@{name}` | {p.type} | {p.value} | {p.meaning} |" for name, p in method.parameters.items()]
    if method.sql:
        for engine, sql in engine_sql(method).items():
            lines += ["", f"SQL for {engine}:", "", "```sql", sql, "```"]
    return lines
