"""Say what a run would do, and what the labels look like that it would learn from."""

from collections.abc import Sequence

from yule.config.cases import Case
from yule.config.projects import Project
from yule.core.errors import YuleError
from yule.downloads.keeping.task import DownloadTable
from yule.labels.observe import read_labels, read_summary
from yule.pipeline.fetching import Goal, preview_fetches
from yule.pipeline.graph import CaseGraph
from yule.runtime.events import TaskBroken
from yule.runtime.plan import plan_tasks
from yule.session.execution import run_tasks
from yule.session.failures import Faults, TasksFailed
from yule.session.graphs import try_graphs
from yule.session.show import Show
from yule.session.views.labels import CaseLabels
from yule.session.views.plans import RunPlan


def plan_each(project: Project, cases: Sequence[Case], faults: Faults, show: Show, *, with_labels: bool) -> RunPlan:
    """Say what a run of cases would do, and, once they are collected and divided, what their labels look like.

    Parameters
    ----------
    project, cases, show
        The project, its cases, and who is told.
    faults
        Further cases, which cannot be read.
    with_labels
        Whether to collect the labels.
    """
    graphs, unbuilt = try_graphs(project, cases, show)
    labels, broken = _collect_labels(project, graphs, show) if with_labels else ((), {})
    goals = [goal for graph in graphs for goal in graph.goals]
    planned = plan_tasks([goal.task for goal in goals])
    downloads = [item.task for item in planned.tasks.values() if isinstance(item.task, DownloadTable)]
    return RunPlan(
        tasks=planned,
        fetches=tuple(preview_fetches(project, planned, goals)),
        methods=tuple(sorted({task.spec.method.name for task in downloads})),
        labels=labels,
        faults={**faults, **unbuilt, **broken},
    )


def _collect_labels(
    project: Project, graphs: Sequence[CaseGraph], show: Show
) -> tuple[tuple[CaseLabels, ...], dict[str, YuleError]]:
    """Return what labels look like, and why some cases have none."""
    broken = run_tasks(project, [Goal(task=graph.folds, payer=graph.payer) for graph in graphs], show)
    folders = [(graph.case, graph.labels.output().load()) for graph in graphs if graph.labels.complete()]
    labels = tuple(
        CaseLabels(case=case, summary=read_summary(folder), examples=read_labels(folder)) for case, folder in folders
    )
    failed = {graph.case.name: _find_broken(graph, broken) for graph in graphs} if broken else {}
    return labels, {name: TasksFailed(tasks) for name, tasks in failed.items() if tasks}


def _find_broken(graph: CaseGraph, broken: Sequence[TaskBroken]) -> list[TaskBroken]:
    """Return which of the tasks that failed the labels of a case need."""
    needed = plan_tasks([graph.folds]).tasks
    return [task for task in broken if task.unique_id in needed]
