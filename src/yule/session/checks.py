"""Check cases and their data, without training any member."""

from collections.abc import Sequence

from yule.checks.finding import read_findings
from yule.config.cases import Case
from yule.config.projects import Project
from yule.labels.observe import read_summary
from yule.messages.finding import Finding, sort_findings
from yule.pipeline.fetching import Goal
from yule.pipeline.graph import CaseGraph
from yule.session.execution import raise_broken, run_tasks
from yule.session.graphs import build_graphs
from yule.session.needs import find_needs
from yule.session.show import Show
from yule.session.views.plans import CheckedCase


def check_cases(project: Project, cases: Sequence[Case], show: Show, *, looks_at_data: bool) -> list[CheckedCase]:
    """Return what is to be said of cases that could be read."""
    graphs = build_graphs(project, cases, show) if looks_at_data else []
    if graphs:
        raise_broken(run_tasks(project, [Goal(task=graph.checks, payer=graph.payer) for graph in graphs], show))
    findings = {graph.case.name: list_findings(graph) for graph in graphs}
    return [
        CheckedCase(
            name=case.name,
            question=case.question,
            notes=tuple(find_needs(case)),
            findings=tuple(findings.get(case.name, ())),
        )
        for case in cases
    ]


def list_findings(graph: CaseGraph) -> list[Finding]:
    """Return what the checks of a case have found, the worst first; they have been made."""
    noted = read_summary(graph.labels.output().load()).findings
    return list(sort_findings((*noted, *read_findings(graph.checks.output().load()))))
