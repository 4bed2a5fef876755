"""Run a plan on this machine."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from yule.core.patience import Unanswered
from yule.runtime.cores import divide_cores
from yule.runtime.events import RunEvent, RunPlanned, TaskBroken
from yule.runtime.local import LocalWorkers
from yule.runtime.messages import Setup
from yule.runtime.plan import Plan
from yule.runtime.walker import walk
from yule.storage.claims import Claims
from yule.storage.names import resolve_below
from yule.storage.objects.patient import give_up_waiting, wait_again
from yule.storage.opening import open_store
from yule.storage.owners import sweep_temporary
from yule.storage.shipping import ship_live_files
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
        If the process is asked to end (Ctrl-C, SIGTERM). By then all workers have ended.
    """
    to_run = plan.to_run()
    n_workers, n_threads = divide_cores(n_cores, n_wide=_measure_width(plan))
    tell(RunPlanned(n_tasks=len(to_run), n_cached=plan.n_cached, n_workers=n_workers, n_threads=n_threads))
    if not to_run:
        return ()
    store = open_store(workspace)
    store.check_writable()
    store.sweep()
    sweep_temporary()
    workers = LocalWorkers(Setup(workspace=workspace, n_threads=n_threads, fetching=fetching), n_workers=n_workers)
    try:
        with (
            using_workspace(store.objects),
            _noticing_interrupts() as check_interrupt,
            ship_live_files(store) as shipper,
        ):
            try:
                return walk(
                    plan,
                    workers=workers,
                    claims=Claims(resolve_below(store.root, "claims")),
                    find_log=log_file,
                    tell=tell,
                    check_interrupt=check_interrupt,
                )
            finally:
                shipper.flush()
    finally:
        workers.stop()
        store.sweep()


def log_file(task: Task) -> str:
    """Return the path of the file that holds all a task printed."""
    root = open_store(task.workspace_directory).root
    return str(root / "logs" / task.task_family / f"{task.unique_id}.log")


@contextmanager
def _noticing_interrupts() -> Iterator[Callable[[], None]]:
    """Give a function that raises KeyboardInterrupt once the process was asked to end.

    An exception from the signal handler itself could strike while a worker is being started, and leave it unknown.
    A second request is not waited for.
    """
    asked: list[int] = []

    def notice(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        give_up_waiting()
        signal.signal(number, before[signal.Signals(number)])

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, notice) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield check
    except Unanswered:
        check()  # then it came of that request
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        wait_again()


def _measure_width(plan: Plan) -> int:
    """Return how many tasks to run can be at work at once: the most that have equally long ways behind them."""
    depth: dict[str, int] = {}
    for planned in plan.to_run():
        depth[planned.task.unique_id] = 1 + max((depth.get(required, 0) for required in planned.requires), default=0)
    return max(Counter(depth.values()).values(), default=1)
