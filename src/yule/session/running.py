"""Answer cases on this machine."""

from collections.abc import Sequence
from functools import partial

from yule.config.cases import Case
from yule.config.projects import Project
from yule.pipeline.runs.endings import describe_broken, tell_end
from yule.pipeline.runs.reading import read_run
from yule.pipeline.runs.recording import recording_runs
from yule.session.code import describe_running_code
from yule.session.execution import find_setup_of, run_tasks
from yule.session.failures import TasksFailed
from yule.session.graphs import build_run_graphs, refuse_uninstalled, sort_by_due
from yule.session.show import Show
from yule.session.views.runs import RunView, view_runs
from yule.storage.opening import open_store


def run_here(
    project: Project, cases: Sequence[Case], show: Show, *, n_cores: int | None, repair: bool
) -> list[RunView]:
    """Answer cases with the code of this process; return their runs in the same order.

    Raises
    ------
    TasksFailed
        If a step failed.
    """
    graphs = build_run_graphs(project, cases, show)
    refuse_uninstalled(graphs)
    store = open_store(project.workspace)
    code = describe_running_code(project, graphs)
    with recording_runs(store, graphs, code=code, tell_end=partial(tell_end, project.notify)) as note:
        broken = run_tasks(
            project,
            [goal for graph in sort_by_due(graphs) for goal in graph.goals],
            show,
            fits={graph.case.name: graph.find_fits() for graph in graphs},
            n_cores=n_cores,
            repair=repair,
        )
        if broken:
            note(describe_broken(broken))
    done = [graph.run_id for graph in graphs if graph.is_finished()]
    runs = view_runs(find_setup_of(project), lambda store: [read_run(store, run_id) for run_id in done])
    if broken:
        raise TasksFailed(broken, runs=runs)
    return runs
