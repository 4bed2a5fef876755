"""Run a plan on this machine."""

from collections import Counter
from collections.abc import Callable

from yule.runtime.cores import divide_cores
from yule.runtime.events import RunEvent, RunPlanned, TaskBroken
from yule.runtime.local import LocalWorkers
from yule.runtime.plan import Plan
from yule.runtime.walker import walk
from yule.storage.claims import Claims
from yule.storage.names import resolve_below
from yule.storage.objects.patient import check_ending
from yule.storage.opening import open_store
from yule.storage.owners import sweep_temporary
from yule.storage.setup import Setup
from yule.storage.shipping import ship_live_files
from yule.storage.store import Store
from yule.storage.task import Task
from yule.storage.uses import using_workspace


def execute(
    plan: Plan, *, workspace: str, fetching: str, n_cores: int, tell: Callable[[RunEvent], None]
) -> tuple[TaskBroken, ...]:
    """Run what a plan says must run, on worker processes of this machine.

    Parameters
    ----------
    plan
        The plan.
    workspace, fetching
        See :class:`~yule.runtime.messages.Setup`.
    n_cores
        Cores to use.
    tell
        Receives the events of the run.

    Returns
    -------
    tuple of TaskBroken
        The tasks that failed.

    Raises
    ------
    WorkspaceError
        If the workspace cannot be written.
    KeyboardInterrupt
        If the process is asked to end (:func:`~yule.storage.objects.patient.give_up_waiting`), or whoever waits for
        this is. By then all workers have ended, but for one that was just being started, which ends by itself.
    """
    to_run = plan.to_run()
    n_workers, n_threads = divide_cores(n_cores, n_wide=_measure_width(plan))
    tell(RunPlanned(n_tasks=len(to_run), n_cached=plan.n_cached, n_workers=n_workers, n_threads=n_threads))
    if not to_run:
        return ()
    store = _open_swept(workspace)
    claims = Claims(resolve_below(store.root, "claims"))
    workers = LocalWorkers(Setup(workspace=workspace, n_threads=n_threads, fetching=fetching), n_workers=n_workers)
    try:
        with using_workspace(store.objects), ship_live_files(store) as shipper:
            try:
                return walk(
                    plan,
                    workers=workers,
                    claims=claims,
                    find_log=log_file,
                    tell=tell,
                    check_interrupt=check_ending,
                    n_cores=n_cores,
                )
            finally:
                shipper.flush()
    finally:
        workers.stop()
        claims.close()
        store.sweep()


def _open_swept(workspace: str) -> Store:
    """Return the store of a workspace that can be written, without what processes that are gone have left."""
    store = open_store(workspace)
    store.check_writable()
    store.sweep()
    sweep_temporary()
    return store


def log_file(task: Task) -> str:
    """Return the path of the file that holds all a task printed."""
    root = open_store(task.workspace_directory).root
    return str(root / "logs" / task.task_family / f"{task.unique_id}.log")


def _measure_width(plan: Plan) -> int:
    """Return how many tasks to run can be at work at once: the most that have equally long ways behind them."""
    depth: dict[str, int] = {}
    for planned in plan.to_run():
        depth[planned.task.unique_id] = 1 + max((depth.get(required, 0) for required in planned.requires), default=0)
    return max(Counter(depth.values()).values(), default=1)
