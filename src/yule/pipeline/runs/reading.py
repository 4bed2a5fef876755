"""Find runs, and read what is recorded of them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from yule.core.errors import WorkspaceError
from yule.core.spelling import find_close
from yule.pipeline.runs.record import LEARNED, MODEL, RUN, Run, Status, parse_run, run_place
from yule.pipeline.runs.trust import RUN_ID, find_forgery
from yule.storage.names import resolve_below, tell_left_out
from yule.storage.objects.folder import FolderObjects
from yule.storage.objects.threads import in_threads
from yule.storage.permissions import make_folder, restrict
from yule.storage.store import Store
from yule.storage.uses import find_oldest_use


def read_runs(store: Store) -> list[Run]:
    """Return all runs of a workspace that this version of Yule can read, the newest last."""
    names = [name for name in store.objects.list("runs/") if name.count("/") == 2 and name.endswith(f"/{RUN}")]
    runs = []
    with in_threads(16) as pool:
        for name, content in zip(names, pool.map(store.objects.read, names), strict=True):
            run = parse_run(content or b"")
            if run is not None:
                problem = find_forgery(store, run, name.split("/")[1])
                if problem:
                    tell_left_out(problem)
                else:
                    runs.append(run)
    return sorted(runs, key=lambda run: (run.started_at, run.run_id))


def read_run(store: Store, run_id: str) -> Run:
    """Return a run by its id.

    Raises
    ------
    WorkspaceError
        If it is not there, or cannot be read.
    """
    content = store.objects.read(f"{run_place(run_id)}/{RUN}") if RUN_ID.fullmatch(run_id) else None
    if content is None:
        raise WorkspaceError(
            f"There is no run {run_id!r} in the workspace. `yule runs` lists them; if it was there, its record was "
            "deleted: run its case again."
        )
    run = parse_run(content)
    if run is None:
        raise WorkspaceError(
            f"The {RUN} of the run {run_id} is damaged, or none of Yule's: its list and report are in "
            f"{store.describe(run_place(run_id))}. Run the case again."
        )
    problem = find_forgery(store, run, run_id)
    if problem:
        raise WorkspaceError(problem)
    return run


def find_run(store: Store, name: str) -> Run:
    """Return the run of a name, or the newest run of a case of this name.

    Raises
    ------
    WorkspaceError
        If there is none; says what comes close.
    """
    runs = read_runs(store)
    found = [run for run in runs if name in (run.run_id, run.case)]
    if found:
        return found[-1]
    if RUN_ID.fullmatch(name) and store.objects.read(f"{run_place(name)}/{RUN}") is not None:
        return read_run(store, name)
    names = [run.run_id for run in runs] + [run.case for run in runs]
    close = find_close(name, names)
    hint = f" Did you mean {close}?" if close else ""
    raise WorkspaceError(f"There is no run {name!r} in {store.describe('runs')}.{hint} `yule runs` lists them.")


def find_statuses(store: Store, runs: Sequence[Run]) -> list[Status]:
    """Return how runs stand: one that no process is at work on any more is interrupted, whatever its record says.

    Parameters
    ----------
    store
        The workspace's store.
    runs
        The runs.
    """
    if not any(run.status == "running" and not run.launch for run in runs):
        return [run.status for run in runs]
    try:
        since = find_oldest_use(store.objects)
    except OSError:  # a workspace that cannot be written
        return [run.status for run in runs]
    return ["interrupted" if _is_left(run, since) else run.status for run in runs]


def bring_run(store: Store, run_id: str) -> Path:
    """Return a folder of this machine with a run's list and report; of a bucket they are copied."""
    place = run_place(run_id)
    if not isinstance(store.objects, FolderObjects):
        for name in store.objects.list(f"{place}/"):
            if not name.startswith((f"{place}/{MODEL}/", f"{place}/{LEARNED}/")):
                file = resolve_below(store.root, name)
                make_folder(file.parent, root=store.root)
                store.objects.download(name, file)
                restrict(file, root=store.root)
    folder = resolve_below(store.root, place)
    for file in folder.glob("*"):
        resolve_below(store.root, f"{place}/{file.name}")  # who shows a file follows its links
    return folder


def _is_left(run: Run, since: datetime | None) -> bool:
    """Say whether a run began before any process that is there; whether a cluster's goes on only the cluster says."""
    is_going_on = since is not None and since.replace(microsecond=0) <= datetime.fromisoformat(run.started_at)
    return run.status == "running" and not run.launch and not is_going_on
