"""What drivers and tasks have printed."""

from collections.abc import Iterator

from yule.core.errors import WorkspaceError
from yule.pipeline.graph import find_whole
from yule.pipeline.runs.publishing import report_task
from yule.pipeline.runs.record import Run
from yule.pipeline.runs.trust import check_run
from yule.runtime.kubernetes.api.protocol import Cluster
from yule.runtime.kubernetes.jobs import select_launch
from yule.runtime.plan import list_tasks
from yule.storage.store import Store


def read_logs(cluster: Cluster, store: Store, run: Run, task: str | None, *, n_lines: int) -> Iterator[str]:
    """Yield what the driver, or a task of a run, has printed.

    Parameters
    ----------
    cluster
        The cluster.
    store
        The workspace's store.
    run
        The run.
    task
        The beginning of a task's unique id or family, or the name of a fit (``lightgbm/fold-2``); None for the driver.
    n_lines
        How many of the last lines.

    Raises
    ------
    WorkspaceError
        If there is no such pod, no such task of the run has printed anything, or no case could have its record.
    """
    if task is None:
        yield from _read_driver_logs(cluster, run, n_lines=n_lines)
        return
    wanted = run.fits.get(task, task)
    own = _list_own(run)
    is_found = False
    for name in store.objects.list("logs/"):
        _, family, file = name.split("/") if name.count("/") == 2 else ("", "", "")
        unique_id = file.removesuffix(".log").partition("-")[0]  # what follows names the pod
        if wanted and unique_id in own and (file.startswith(wanted) or family == wanted):
            is_found = True
            text = (store.objects.read(name) or b"").decode(errors="replace")
            yield f"{name}\n" + ("\n".join(text.splitlines()[-n_lines:]) or "(it has printed nothing)") + "\n"
    if not is_found:
        raise WorkspaceError(_explain_absence(run, task))


def _list_own(run: Run) -> set[str]:
    """Return the unique ids of a run's tasks: of its graph, and of fits whose keys were others when it began."""
    checked = check_run(run)
    tasks = list_tasks(find_whole(checked.asked, report_task(checked)))
    return {*(task.unique_id for task in tasks), *checked.fits.values()}


def _read_driver_logs(cluster: Cluster, run: Run, *, n_lines: int) -> Iterator[str]:
    pods = [pod["metadata"]["name"] for pod in cluster.list("pods", select_launch(run.launch, "driver")).items]
    texts = [text for text in (cluster.read_log(pod, n_lines=n_lines) for pod in pods) if text]
    yield from texts
    if not pods:
        raise WorkspaceError(
            f"The driver of {run.run_id} is gone from the cluster, or not there yet. `yule status {run.run_id}` tells "
            "how the run stands."
        )
    if not texts:
        yield "(the driver has printed nothing yet)\n"


def _explain_absence(run: Run, task: str) -> str:
    if task in run.fits:
        return f"{task} of {run.run_id} has not begun, or its output was there already. Ask again later."
    fits = (
        f"one of its fits ({', '.join(sorted(run.fits)[:8])}{', …' if len(run.fits) > 8 else ''})"
        if run.fits
        else "a fit"
    )
    return (
        f"No task {task!r} of {run.run_id} has printed anything. Name {fits}, a task's family such as FitFold, or its "
        "unique id."
    )
