"""What drivers and tasks have printed."""

from collections.abc import Iterator

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
    """
    if task is None:
        for pod in cluster.list("pods", select_launch(run.launch, "driver")).items:
            yield cluster.read_log(pod["metadata"]["name"], n_lines=n_lines)
        return
    wanted = run.fits.get(task, task)
    for name in store.objects.list("logs/"):
        _, family, file = name.split("/") if name.count("/") == 2 else ("", "", "")
        if file.startswith(wanted) or family == wanted:
            text = (store.objects.read(name) or b"").decode(errors="replace")
            yield f"{name}\n" + "\n".join(text.splitlines()[-n_lines:]) + "\n"
