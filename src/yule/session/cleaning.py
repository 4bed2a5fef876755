"""Find what of a project's workspace can go."""

from datetime import datetime, timedelta

from yule.config.projects import Project
from yule.core.errors import WorkspaceError
from yule.library.upkeep import find_prunable
from yule.pipeline.runs.cleaning import find_of_run, find_old, find_old_copies
from yule.pipeline.runs.reading import find_statuses, read_run, read_runs
from yule.pipeline.shelf.learned import find_learned
from yule.session.execution import bound
from yule.session.views.cleanups import Cleanup
from yule.storage.opening import open_store
from yule.storage.store import Store

LATE = timedelta(days=30)
"""What was written, or used by a run, within this time stays where nobody says otherwise."""


def find_unneeded(project: Project, *, not_since: datetime) -> Cleanup:
    """Return what was not written or used by a run since an instant."""
    store = open_store(project.workspace)
    with bound(project):
        days = tuple(found for found in find_prunable(project, not_since) if found.reason == "provisional")
        outputs = find_old(store, read_runs(store), not_since=not_since, shelved=_find_shelved(store))
        old = (*outputs, *find_old_copies(not_since=not_since))
    return Cleanup(disposables=old, days=days, _project=project)


def find_all_of_run(project: Project, run_id: str) -> Cleanup:
    """Return a run's folder, and what only it needs.

    Raises
    ------
    WorkspaceError
        If there is no such run, or it is running.
    """
    store = open_store(project.workspace)
    runs = read_runs(store)
    of_case = [one.run_id for one in runs if one.case == run_id]
    if of_case:
        raise WorkspaceError(f"{run_id} is a case: name which of its runs is to go, of {', '.join(of_case)}.")
    run = read_run(store, run_id)
    (status,) = find_statuses(store, [run])
    if status == "running":
        raise WorkspaceError(f"{run_id} is running: stop it, then say it again.")
    with bound(project):
        found = find_of_run(store, run, runs, shelved=_find_shelved(store))
        return Cleanup(disposables=tuple(found), days=(), _project=project)


def _find_shelved(store: Store) -> set[str]:
    """Return the unique ids of the models of other questions, and of the questions: later cases can take them."""
    return {unique_id for learned in find_learned(store) for unique_id in learned.unique_ids}
