"""How far the cases of a run are: which tasks each still waits for, and when it is over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from yule.pipeline.graph import CaseGraph, find_whole
from yule.pipeline.runs.publishing import report_task
from yule.pipeline.runs.record import Run
from yule.runtime.events import CaseEnded, RunEvent, RunPlanned, TaskBroken, TaskFinished, TaskStarted
from yule.runtime.plan import Plan, find_reachable

Standing: TypeAlias = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, kw_only=True)
class CaseTasks:
    """What a case needs of a plan.

    Parameters
    ----------
    case, run_id
        Its name, and that of its run.
    roots
        Unique ids of the tasks whose outputs make up its answer.
    fits
        Unique id of every fit, by member and fold (``lightgbm/fold-2``).
    due
        By when it is due; None for no time.
    """

    case: str
    run_id: str
    roots: tuple[str, ...]
    fits: Mapping[str, str]
    due: datetime | None = None


def describe_tasks(graph: CaseGraph) -> CaseTasks:
    """Say what the case of a graph needs of a plan."""
    return CaseTasks(
        case=graph.case.name,
        run_id=graph.run_id,
        roots=tuple(task.unique_id for task in graph.whole),
        fits=graph.find_fits(),
        due=graph.case.due,
    )


def describe_recorded(run: Run) -> CaseTasks:
    """Say what the case of a run that is on record needs of a plan."""
    roots = tuple(task.unique_id for task in find_whole(run.asked, report_task(run)))
    return CaseTasks(case=run.case, run_id=run.run_id, roots=roots, fits=run.fits)


class Progress:
    """What is known of the cases of a plan. A case is over when none of its tasks is open any more.

    Parameters
    ----------
    plan
        The plan.
    cases
        What its cases need of it.
    """

    def __init__(self, plan: Plan, cases: Iterable[CaseTasks]) -> None:
        self._plan = plan
        to_run = {planned.task.unique_id for planned in plan.to_run()}
        self._cases = {one.run_id: one for one in cases}
        self._needs = {one.run_id: find_reachable(plan, one.roots) for one in self._cases.values()}
        self._open = {run_id: needs & to_run for run_id, needs in self._needs.items()}
        self._n_tasks = {run_id: len(tasks) for run_id, tasks in self._open.items()}
        self._over: dict[str, bool] = {}
        self._running: set[str] = set()
        self._broken: dict[str, TaskBroken] = {}

    def take(self, event: RunEvent) -> list[CaseTasks]:
        """Take note of an event; return the cases that are over by it."""
        match event:
            case RunPlanned():
                return self._find_over()
            case TaskStarted():
                self._running.add(event.unique_id)
                self._reopen(event.unique_id)
            case TaskFinished():
                return self._close(event.unique_id)
            case TaskBroken():
                self._broken[event.unique_id] = event
                self._give_up()
                return self._close(event.unique_id)
            case CaseEnded():
                self._over[event.run_id] = event.is_done
            case _:
                pass
        return []

    def find_broken(self, run_id: str) -> tuple[TaskBroken, ...]:
        """Return the tasks of a case that failed."""
        return tuple(event for unique_id, event in self._broken.items() if unique_id in self._needs[run_id])

    def count(self, run_id: str) -> tuple[int, int]:
        """Return how many tasks of a case are over, and how many there were to run."""
        n_tasks = self._n_tasks[run_id]
        return max(0, n_tasks - len(self._open[run_id])), n_tasks

    def judge(self, run_id: str) -> Standing:
        """Say how a case stands."""
        if run_id in self._over:
            return "done" if self._over[run_id] else "failed"
        return "running" if self._running & self._needs[run_id] else "waiting"

    def _reopen(self, unique_id: str) -> None:
        """Have cases wait for a task whose output was there and is lost."""
        for run_id, needs in self._needs.items():
            if run_id not in self._over and unique_id in needs:
                self._open[run_id].add(unique_id)

    def _give_up(self) -> None:
        """Have cases wait no more for what only leads to what cannot be reached."""
        for run_id, one in self._cases.items():
            wanted = find_reachable(self._plan, one.roots, without=self._broken)
            self._open[run_id] &= wanted | self._running

    def _close(self, unique_id: str) -> list[CaseTasks]:
        self._running.discard(unique_id)
        for tasks in self._open.values():
            tasks.discard(unique_id)
        return self._find_over()

    def _find_over(self) -> list[CaseTasks]:
        over = [run_id for run_id, tasks in self._open.items() if not tasks and run_id not in self._over]
        self._over |= {run_id: not self.find_broken(run_id) for run_id in over}
        return [self._cases[run_id] for run_id in over]
