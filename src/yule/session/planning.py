"""Say what a run would do, and what the labels look like that it would learn from."""

from collections.abc import Sequence

from yule.config.cases import Case
from yule.config.projects import Project
from yule.downloads.keeping.task import DownloadTable
from yule.labels.observe import read_labels, read_summary
from yule.pipeline.fetching import Goal, preview_fetches
from yule.pipeline.graph import CaseGraph
from yule.runtime.plan import plan_tasks
from yule.session.execution import run_tasks
from yule.session.failures import TasksFailed
from yule.session.graphs import build_graphs
from yule.session.show import Show
from yule.session.views.labels import CaseLabels
from yule.session.views.plans import RunPlan


def plan_cases(project: Project, cases: Sequence[Case], show: Show, *, with_labels: bool) -> RunPlan:
    """Say what a run of cases would do, and, once they are collected and divided, what their labels look like.

    Raises
    ------
    TasksFailed
        If a step that the labels need failed.
    """
    graphs = build_graphs(project, cases, show)
    labels = _collect_labels(project, graphs, show) if with_labels else ()
    goals = [goal for graph in graphs for goal in graph.goals]
    planned = plan_tasks([goal.task for goal in goals])
    downloads = [item.task for item in planned.tasks.values() if isinstance(item.task, DownloadTable)]
    return RunPlan(
        tasks=planned,
        fetches=tuple(preview_fetches(project, planned, goals)),
        methods=tuple(sorted({task.spec.method.name for task in downloads})),
        labels=labels,
    )


def _collect_labels(project: Project, graphs: Sequence[CaseGraph], show: Show) -> tuple[CaseLabels, ...]:
    broken = run_tasks(project, [Goal(task=graph.folds, payer=graph.payer) for graph in graphs], show)
    folders = [(graph.case, graph.labels.output().load()) for graph in graphs if graph.labels.complete()]
    labels = tuple(
        CaseLabels(case=case, summary=read_summary(folder), examples=read_labels(folder)) for case, folder in folders
    )
    if broken:
        raise TasksFailed(broken, labels=labels)
    return labels
