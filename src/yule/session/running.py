"""Answer cases on this machine."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from yule.config.cases import Case
from yule.config.forms.values import format_due
from yule.config.projects import Project
from yule.core.errors import TaskFailed, YuleError
from yule.pipeline.fetching import Fetch
from yule.pipeline.graph import CaseGraph
from yule.pipeline.runs.endings import describe_broken, tell_end
from yule.pipeline.runs.progress import Progress, describe_tasks
from yule.pipeline.runs.reading import read_run
from yule.pipeline.runs.record import Run
from yule.pipeline.runs.recording import recording_runs
from yule.runtime.events import CaseEnded, RunEvent, RunPlanned, TaskBroken
from yule.runtime.plan import Plan
from yule.session.code import describe_running_code
from yule.session.execution import find_setup_of, run_tasks
from yule.session.failures import Faults, TasksFailed
from yule.session.graphs import build_each, sort_by_due
from yule.session.show import Cases, Show, Tell
from yule.session.views.results import CaseResult
from yule.session.views.runs import view_runs
from yule.storage.opening import open_store


def run_each(
    project: Project, cases: Sequence[Case], faults: Faults, show: Show, *, n_cores: int | None, repair: bool
) -> dict[str, CaseResult]:
    """Answer cases with the code of this process, one after the other; what one lacks stops no other.

    Parameters
    ----------
    project, cases, show
        The project, its cases, and who is told.
    faults
        Further cases, which cannot be read.
    n_cores, repair
        See :func:`~yule.session.execution.run_tasks`.

    Returns
    -------
    dict of CaseResult
        By the names of all of them.
    """
    graphs, unbuilt = build_each(project, cases, show)
    errors = {**faults, **unbuilt}
    broken = _run_graphs(project, graphs, errors, show, n_cores=n_cores, repair=repair) if graphs else {}
    done = [graph.run_id for graph in graphs if graph.is_finished()]
    errors |= {graph.case.name: _explain(broken[graph.run_id]) for graph in graphs if graph.run_id not in done}
    runs = view_runs(find_setup_of(project), lambda store: [read_run(store, run_id) for run_id in done])
    results = {run.case: CaseResult(case=run.case, run=run) for run in runs}
    return results | {name: CaseResult(case=name, error=error) for name, error in errors.items()}


def _run_graphs(
    project: Project, graphs: Sequence[CaseGraph], faults: Faults, show: Show, *, n_cores: int | None, repair: bool
) -> dict[str, Sequence[TaskBroken]]:
    """Run graphs, and publish each as soon as it is over; return what has failed of each run."""
    ordered = sort_by_due(graphs)
    for graph in ordered:
        if graph.case.due is not None and graph.case.due < datetime.now(UTC) and not graph.is_finished():
            show.note(f"Note: {graph.case.name} was due {format_due(graph.case.due)}.")
    store, code = open_store(project.workspace), describe_running_code(project, graphs)
    broken: dict[str, Sequence[TaskBroken]] = {graph.run_id: () for graph in graphs}
    with recording_runs(store, graphs, code=code, tell_end=partial(tell_end, project.notify)) as end:

        def end_case(run_id: str, failed: Sequence[TaskBroken]) -> Run:
            broken[run_id] = failed
            return end(run_id, message=describe_broken(failed))

        run_tasks(
            project,
            [goal for graph in ordered for goal in graph.goals],
            _Ending(show=show, faults=faults, end_case=end_case),
            cases=[describe_tasks(graph) for graph in ordered],
            n_cores=n_cores,
            repair=repair,
        )
    return broken


def _explain(broken: Sequence[TaskBroken]) -> YuleError:
    if broken:
        return TasksFailed(broken)
    return TaskFailed("Outputs were deleted while others were at work on what needs them. Run the case again.")


@dataclass(frozen=True, kw_only=True)
class _Ending:
    """Ends each case as soon as it is over, and tells that. See :class:`~yule.session.show.Show`."""

    show: Show
    faults: Faults
    end_case: Callable[[str, Sequence[TaskBroken]], Run]

    def note(self, text: str) -> None:
        self.show.note(text)

    @contextmanager
    def begin(self, plan: Plan, cases: Cases, fetches: Sequence[Fetch]) -> Iterator[Tell]:
        progress, started = Progress(plan, cases), time.monotonic()
        with self.show.begin(plan, cases, fetches) as tell:

            def tell_all(event: RunEvent) -> None:
                tell(event)
                for case, error in self.faults.items() if isinstance(event, RunPlanned) else ():
                    tell(CaseEnded(case=case, run_id="", is_done=False, seconds=0.0, message=str(error)))
                for over in progress.take(event):
                    tell(self._end(over.run_id, progress, seconds=time.monotonic() - started))

            yield tell_all

    def follow(self, plan: Plan, cases: Cases) -> AbstractContextManager[Tell]:
        return self.show.follow(plan, cases)

    def _end(self, run_id: str, progress: Progress, *, seconds: float) -> CaseEnded:
        run = self.end_case(run_id, progress.find_broken(run_id))
        is_done = run.status == "done"
        return CaseEnded(case=run.case, run_id=run_id, is_done=is_done, seconds=round(seconds, 3), message=run.message)
