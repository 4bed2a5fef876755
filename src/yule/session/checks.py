"""Check the data of cases, without training any member."""

from collections.abc import Sequence

from yule.checks.finding import read_findings
from yule.config.cases import Case
from yule.config.projects import Project
from yule.labels.observe import read_summary
from yule.messages.finding import Finding, sort_findings
from yule.pipeline.fetching import Goal
from yule.pipeline.graph import CaseGraph
from yule.session.execution import run_tasks
from yule.session.failures import TasksFailed
from yule.session.graphs import build_graphs
from yule.session.needs import find_notes
from yule.session.show import Show
from yule.session.views.plans import CheckedCase


def check_data(project: Project, cases: Sequence[Case], show: Show) -> list[CheckedCase]:
    """Check labels, features, folds and the population of cases.

    Raises
    ------
    TasksFailed
        If a step that the checks need failed.
    """
    graphs = build_graphs(project, cases, show)
    broken = run_tasks(project, [Goal(task=graph.checks, payer=graph.payer) for graph in graphs], show)
    checked = [
        CheckedCase(case=graph.case, notes=tuple(find_notes(graph.case)), findings=tuple(_list_findings(graph)))
        for graph in graphs
        if graph.checks.complete()
    ]
    if broken:
        raise TasksFailed(broken, cases=checked)
    return checked


def _list_findings(graph: CaseGraph) -> list[Finding]:
    """Return what the checks of a case have found, the worst first; they have been made."""
    noted = read_summary(graph.labels.output().load()).findings
    return list(sort_findings((*noted, *read_findings(graph.checks.output().load()))))
