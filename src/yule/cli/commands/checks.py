"""What ``yule check --data`` does beyond ``yule check``: check the data of cases, without training any member."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from yule.cli.commands.run import Cases, load_graphs
from yule.cli.options import AsJson, Profile

if TYPE_CHECKING:
    from yule.checks.finding import Finding


def check_data(cases: Cases, profile: Profile = None, as_json: AsJson = False) -> None:
    """Check labels, features, folds and the population of cases; exit code 1 if any finding says stop."""
    project, graphs = load_graphs(cases, profile)
    from yule.cli.execution import raise_broken, saying_how_to_go_on
    from yule.cli.screen.progress import Screen
    from yule.pipeline.fetching import Goal
    from yule.session.checks import list_findings
    from yule.session.execution import run_tasks

    with saying_how_to_go_on():
        goals = [Goal(task=graph.checks, payer=graph.payer) for graph in graphs]
        broken = run_tasks(project, goals, Screen(as_json=as_json))
    tell = _tell_json if as_json else _tell
    has_stop = False
    for graph in graphs:
        if graph.checks.complete():
            findings = list_findings(graph)
            tell(graph.case.name, findings)
            has_stop |= any(finding.severity == "stop" for finding in findings)
    raise_broken(broken)
    if has_stop:
        raise typer.Exit(1)


def _tell(case: str, findings: "Sequence[Finding]") -> None:
    n_warnings, n_stops = (sum(finding.severity == kind for finding in findings) for kind in ("warn", "stop"))
    typer.echo(f"\n{case}: {len(findings)} checks of the data, {n_warnings} to look at, {n_stops} to stop for")
    for finding in findings:
        typer.echo(f"  {finding.severity:<5} {finding.seen}")
        if finding.remedy:
            typer.echo(f"        → {finding.remedy}")


def _tell_json(case: str, findings: "Sequence[Finding]") -> None:
    from yule.core.settings import canonical_json

    for finding in findings:
        row = {
            "event": "finding",
            "case": case,
            "check": finding.check,
            "severity": finding.severity,
            "title": finding.title,
            "seen": finding.seen,
            "remedy": finding.remedy,
        }
        typer.echo(canonical_json(dict(row)))
