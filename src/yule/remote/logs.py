"""What drivers and tasks have printed."""

from collections.abc import Iterator

from yule.core.errors import WorkspaceError
from yule.pipeline.runs import Run
from yule.runtime.kubernetes.api.protocol import Cluster
from yule.runtime.kubernetes.jobs import select_launch
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
        If there is no such pod, or no such task has printed anything.
    """
    if task is None:
        yield from _read_driver_logs(cluster, run, n_lines=n_lines)
        return
    wanted = run.fits.get(task, task)
    is_found = False
    for name in store.objects.list("logs/"):
        _, family, file = name.split("/") if name.count("/") == 2 else ("", "", "")
        if wanted and (file.startswith(wanted) or family == wanted):
            is_found = True
            text = (store.objects.read(name) or b"").decode(errors="replace")
            yield f"{name}\n" + ("\n".join(text.splitlines()[-n_lines:]) or "(it has printed nothing)") + "\n"
    if not is_found:
        raise WorkspaceError(_explain_absence(run, task))


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
    return f"No task {task!r} has printed anything. Name {fits}, a task's family such as FitFold, or its unique id."
