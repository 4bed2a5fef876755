"""Find the run that is to be stopped, also where its record is not there yet, or the workspace does not answer."""

from collections.abc import Callable, Sequence

from yule.config.projects import Project
from yule.core.errors import WorkspaceError, YuleError
from yule.core.patience import is_transient, telling_silence
from yule.messages.telling import tell_message
from yule.pipeline.runs.reading import find_run, read_runs
from yule.pipeline.runs.record import Run
from yule.remote.outage import CommandOutage
from yule.runtime.kubernetes.api.protocol import Body, Cluster
from yule.runtime.kubernetes.jobs import has_ended, list_runs, select_project
from yule.storage.opening import open_store
from yule.storage.store import Store


def find_stopping(
    project: Project, cluster: Cluster, name: str, *, tell: Callable[[str], None], seconds: float
) -> tuple[Run, Store]:
    """Return the run of a name, and the store of its workspace.

    Parameters
    ----------
    project
        The project, which has a cluster.
    cluster
        The cluster.
    name
        A run, or a case for its newest run.
    tell
        Receives what is told while the workspace does not answer; an empty text when it does again.
    seconds
        How long the workspace is waited for.

    Raises
    ------
    WorkspaceError
        If there is no such run, its record is not there yet, it ran on one machine, or the workspace cannot be opened.
        Where the cluster has a driver of it, the message says how that is ended without the workspace.
    OutOfReach
        If the workspace has not answered for too long.
    """
    drivers = _find_drivers(cluster, project.name, name)
    outage = CommandOutage(
        lambda why: tell("" if why is None else tell_message(why)), how=_tell_way(project, drivers), seconds=seconds
    )
    while True:
        try:
            with telling_silence(outage.begin):
                store = open_store(project.workspace)
                found = _find_recorded(store, name, drivers)
        except Exception as error:
            if is_transient(error):
                outage.bear(error)
            elif drivers and isinstance(error, (YuleError, OSError)):
                raise WorkspaceError(f"{error} {_tell_way(project, drivers)}") from error
            else:
                raise
        else:
            outage.end()
            return found, store


def _find_recorded(store: Store, name: str, drivers: Sequence[Body]) -> Run:
    driven = {run for driver in drivers for run in list_runs(driver) if _is_named(run, name)}
    unrecorded = sorted(driven - {run.run_id for run in read_runs(store)})
    if unrecorded:
        raise WorkspaceError(
            f"{', '.join(unrecorded)} has a driver in the cluster and no record in the workspace that can be read: it "
            f"is being submitted, or its submission was interrupted. Run `yule stop {name}` again in a minute."
        )
    try:
        found = find_run(store, name)
    except WorkspaceError as error:
        raise WorkspaceError(
            f"{error} The cluster has no driver of it either: if a `yule run` is about to submit it, end that with "
            "Ctrl-C."
        ) from error
    if not found.launch:
        raise WorkspaceError(f"{found.run_id} ran on one machine, not on a cluster.")
    return found


def _find_drivers(cluster: Cluster, project: str, name: str) -> list[Body]:
    """Return the Jobs of drivers of a project that are at a run of a name, or of a case."""
    jobs = cluster.list("jobs", f"{select_project(project)},app.kubernetes.io/component=driver").items
    return [job for job in jobs if not has_ended(job) and any(_is_named(run, name) for run in list_runs(job))]


def _is_named(run_id: str, name: str) -> bool:
    return name in (run_id, run_id.rpartition("-")[0])


def _tell_way(project: Project, drivers: Sequence[Body]) -> str:
    """Say how a driver is ended by who cannot wait for the workspace."""
    if not drivers or project.kubernetes is None:
        return "The cluster has no driver of this run: nothing of it is at work there."
    names = " ".join(driver["metadata"]["name"] for driver in drivers)
    return (
        f"`kubectl delete job {names} --namespace {project.kubernetes.namespace}` ends its driver and all its pods "
        "without the workspace; what is finished is kept."
    )
