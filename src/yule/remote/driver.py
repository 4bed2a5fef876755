"""What the driver's pod runs: ``python -m yule.remote.driver``. It walks the graph and has pods do the work.

It may die at any instant and be replaced, and two may run at once: the workspace says what is done, the cluster says
what is being done, and all names follow from what is asked for.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

from yule.core.errors import TaskFailed
from yule.core.logs import Log
from yule.core.patience import find_patience
from yule.core.settings import from_json
from yule.pipeline.graph import find_whole
from yule.pipeline.runs.endings import describe_broken, tell_end
from yule.pipeline.runs.progress import Progress, describe_recorded
from yule.pipeline.runs.publishing import report_task
from yule.pipeline.runs.reading import read_run
from yule.pipeline.runs.record import Run
from yule.pipeline.runs.recording import end_run
from yule.pipeline.runs.trust import check_run
from yule.remote.journal import Journal, JournalReader
from yule.remote.launch import Launch
from yule.remote.telling import print_event
from yule.runtime.damage import remove_damaged
from yule.runtime.events import CaseEnded, PodEnded, RunEnded, RunEvent, RunPlanned
from yule.runtime.kubernetes.api.client import connect_cluster
from yule.runtime.kubernetes.api.protocol import Cluster
from yule.runtime.kubernetes.attempts.work import Work
from yule.runtime.kubernetes.codes import REFUSED, TERMINATED
from yule.runtime.kubernetes.insight.costs import add_up, list_costs
from yule.runtime.kubernetes.pod import Verdict, judge_failure, leave
from yule.runtime.kubernetes.pods import KubernetesPods
from yule.runtime.plan import Plan, plan_tasks, rank_tasks
from yule.runtime.walker import walk
from yule.storage.claims import Claims
from yule.storage.objects.patient import expect_answers, give_up_waiting
from yule.storage.opening import open_store
from yule.storage.setup import configure
from yule.storage.store import Store
from yule.storage.task import Task
from yule.storage.uses import using_workspace


class DriverEnded(BaseException):
    """The pod was asked to end; another driver goes on."""


def drive(launch: Launch, cluster: Cluster, log: Log) -> bool:
    """Run a launch to its end.

    Parameters
    ----------
    launch
        The launch.
    cluster
        The cluster.
    log
        Where it is printed what happens.

    Returns
    -------
    bool
        Whether all runs are finished.

    Raises
    ------
    TaskFailed
        If a run is not what was submitted, or the launch was stopped.
    """
    anchor = cluster.get("jobs", launch.frame.anchor)
    if anchor is None:
        raise TaskFailed(f"The Job {launch.frame.anchor} is gone: the launch was stopped.")
    store = _open_workspace(launch)
    runs = read_launched(launch, store)
    plan = _plan_runs(runs)
    journal = Journal(store.objects, launch.name, echo=partial(print_event, log))
    endings = _Endings(
        launch, runs, store=store, journal=journal, progress=Progress(plan, map(describe_recorded, runs))
    )
    owner = anchor["metadata"]["uid"]
    work = Work(
        cluster,
        frame=launch.frame,
        anchor_uid=owner,
        fetching=launch.fetching,
        store=store,
        tell=endings.tell,
        turns=rank_tasks(plan),
    )
    pods = KubernetesPods(cluster, work, launch=launch.frame.launch)
    n_tasks, n_pods = len(plan.to_run()), launch.settings.max_pods
    try:
        with using_workspace(store.objects):
            endings.tell(RunPlanned(n_tasks=n_tasks, n_cached=plan.n_cached, n_workers=n_pods, n_threads=1))
            walk(
                plan,
                workers=pods,
                claims=_no_claims(),
                find_log=log_place,
                tell=endings.tell,
                check_interrupt=journal.flush,
            )
    finally:
        pods.stop()
        journal.hurry()
    return endings.end()


def _no_claims() -> Claims:
    """Return claims that no other process sees: the names in the cluster do their work."""
    return Claims(Path(tempfile.gettempdir()) / f"claims-{os.getpid()}")


def _open_workspace(launch: Launch) -> Store:
    configure(launch.workspace, n_threads=1, fetching=launch.fetching)
    expect_answers(launch.workspace)  # it has answered the submission
    store = open_store(launch.workspace)
    store.check_writable()
    return store


def _plan_runs(runs: list[Run]) -> Plan:
    roots = [task for run in runs for task in find_whole(run.asked, report_task(run))]
    remove_damaged(roots)  # what is damaged is computed again
    return plan_tasks(roots)


def log_place(task: Task) -> str:
    """Return what the names of a task's logs in the workspace begin with."""
    return f"logs/{task.task_family}/{task.unique_id}"


def read_launched(launch: Launch, store: Store) -> list[Run]:
    """Return the runs of a launch as they were submitted.

    Raises
    ------
    TaskFailed
        If this code builds other tasks than the one that submitted them, or a run's record was changed since.
    WorkspaceError
        If a record is not there, or not one that Yule writes.
    """
    runs = [check_run(read_run(store, run_id)) for run_id in launch.runs]
    built = tuple(report_task(run).unique_id for run in runs)
    if built != launch.reports:
        names = ", ".join(run.run_id for run, one in zip(runs, built, strict=True) if one not in launch.reports)
        raise TaskFailed(
            f"What is recorded of {names or 'the runs'} is not what was submitted: the code of this image differs from "
            "that of the submission, or somebody has changed run.json. Submit it again with the code that the image "
            "was built from."
        )
    return runs


class _Endings:
    """Publishes each run of a launch as soon as it is over, writes down and tells how it has ended.

    Parameters
    ----------
    launch, runs
        The launch and its runs as they are on record. Those that an earlier driver has finished are not told again.
    store, journal
        The workspace's store, and where all is told.
    progress
        How far the runs are.
    """

    def __init__(
        self, launch: Launch, runs: Sequence[Run], *, store: Store, journal: Journal, progress: Progress
    ) -> None:
        self._launch, self._store, self._journal, self._progress = launch, store, journal, progress
        self._runs = {run.run_id: run for run in runs}
        self._open = dict(self._runs)
        self._pods = [
            event for event in JournalReader(store.objects, launch.name).take() if isinstance(event, PodEnded)
        ]

    def tell(self, event: RunEvent) -> None:
        """Take an event of the launch."""
        if isinstance(event, PodEnded):
            self._pods.append(event)
        self._journal.tell(event)
        for over in self._progress.take(event):
            self._end_run(over.run_id)

    def end(self) -> bool:
        """Tell that all is over; return whether all runs are finished."""
        for run_id in list(self._open):
            self._end_run(run_id)
        is_done = all(run.status == "done" for run in self._runs.values())
        text = "\n".join(f"{what}: {value}" for what, value in self._find_costs())
        self._store.objects.write(f"launches/{self._launch.name}/costs.txt", (text + "\n").encode())
        self._journal.tell(RunEnded(is_done=is_done, text=text))
        self._journal.flush(is_urgent=True)
        return is_done

    def _end_run(self, run_id: str) -> None:
        run, message = self._open[run_id], describe_broken(self._progress.find_broken(run_id))
        ended = end_run(self._store, run, ending="failed", message=message, costs=self._find_costs())
        self._runs[run_id] = ended
        del self._open[run_id]
        is_done, seconds = ended.status == "done", _measure_seconds([run])
        self._journal.tell(
            CaseEnded(case=run.case, run_id=run_id, is_done=is_done, seconds=seconds, message=ended.message)
        )
        if run.status != "done":
            tell_end(self._launch.notify, ended)

    def _find_costs(self) -> list[tuple[str, str]]:
        """Return what the launch has taken so far."""
        seconds, settings = _measure_seconds(self._runs.values()), self._launch.settings
        # Of drivers there is one at a time, from the beginning to the end.
        driver = PodEnded(pod="driver", step="driver", pool=settings.driver_pool, tier=0, seconds=seconds, cause="done")
        return list_costs(add_up([*self._pods, driver], settings.pools), seconds=seconds)


def _measure_seconds(runs: Iterable[Run]) -> float:
    """Return how long ago the first of some runs began."""
    began = min(datetime.fromisoformat(run.started_at) for run in runs)
    return (datetime.now(UTC) - began).total_seconds()


def _notice(_number: int, _frame: FrameType | None) -> None:
    give_up_waiting()
    raise DriverEnded


def main(environment: Mapping[str, str] = os.environ) -> None:
    """Drive the launch that the environment names, and leave with its exit code."""
    signal.signal(signal.SIGTERM, _notice)
    try:
        launch = from_json(Launch, environment["YULE_LAUNCH"])
        cluster = connect_cluster(
            context=None,
            namespace=launch.settings.namespace,
            patience_seconds=find_patience(),
            tells_outages=True,  # in its log: whoever follows does not see it
        )
        is_done = drive(launch, cluster, Log(environment))
        verdict = Verdict(code=0 if is_done else REFUSED, message="" if is_done else "some tasks failed")
    except DriverEnded:
        verdict = Verdict(code=TERMINATED, message="asked to end")
    except Exception as error:
        judged = judge_failure(error)
        if judged is None:
            raise
        verdict = judged
    sys.stdout.flush()
    leave(verdict)


if __name__ == "__main__":
    Log(os.environ).filter_output()
    main()
