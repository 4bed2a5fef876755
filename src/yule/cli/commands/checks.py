"""What ``yule check --data`` does beyond ``yule check``: check the data of cases, without training any member."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from yule.cli.commands.run import Cases, load_graphs
from yule.cli.options import AsJson, Profile

if TYPE_CHECKING:
    from yule.messages.finding import Finding


def check_data(cases: Cases, profile: Profile = None, as_json: AsJson = False) -> None:
    """Check labels, features, folds and the population of cases; exit code 1 if any finding says stop."""
    project, graphs = load_graphs(cases, profile)
    from yule.cli.execution import at_work
    from yule.cli.screen.progress import Screen
    from yule.pipeline.fetching import Goal
    from yule.session.checks import list_findings
    from yule.session.execution import raise_broken, run_tasks

    with at_work():
        goals = [Goal(task=graph.checks, payer=graph.payer) for graph in graphs]
        broken = run_tasks(project, goals, Screen(as_json=as_json))
    show = _print_json if as_json else _print
    has_stop = False
    for graph in graphs:
        if graph.checks.complete():
            findings = list_findings(graph)
            show(graph.case.name, findings)
            has_stop |= any(finding.severity == "stop" for finding in findings)
    with at_work():
        raise_broken(broken)
    if has_stop:
        raise typer.Exit(1)


def _print(case: str, findings: "Sequence[Finding]") -> None:
    from yule.messages.telling import tell_all

    told = tell_all(findings)
    n_to_look_at, n_stops = (sum(one.severity == kind for one in told) for kind in ("warn", "stop"))
    typer.echo(f"\n{case}: {len(told)} checks of the data, {n_to_look_at} to look at, {n_stops} to stop for")
    for one in told:
        typer.echo(f"  {one.severity:<5} {one.seen}")
        if one.remedy:
            typer.echo(f"        → {one.remedy}")


def _print_json(case: str, findings: "Sequence[Finding]") -> None:
    """Print each finding as facts, and what they say in English beside them."""
    from yule.core.settings import Json, canonical_json, to_plain
    from yule.messages.telling import tell

    for finding in findings:
        told = tell(finding)
        row: dict[str, Json] = {
            "event": "finding",
            "case": case,
            "check": finding.check,
            "code": finding.code,
            "severity": finding.severity,
            "about": finding.about,
            "values": {name: to_plain(value) for name, value in finding.values.items()},
            "title": told.title,
            "seen": told.seen,
            "remedy": told.remedy,
        }
        typer.echo(canonical_json(row))
