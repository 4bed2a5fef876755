"""Repeat a finished run, and compare what comes out."""

import shutil
from dataclasses import replace
from pathlib import Path

from yule.config.projects import Project
from yule.core.errors import WorkspaceError
from yule.pipeline.fetching import Goal
from yule.pipeline.graph import find_whole
from yule.pipeline.rerun import compare, lend_downloads, rebuild_report
from yule.pipeline.runs.progress import describe_recorded
from yule.pipeline.runs.reading import find_statuses
from yule.pipeline.runs.record import Run
from yule.session.code import require_code_of
from yule.session.execution import find_setup_of, raise_broken, run_tasks
from yule.session.show import Show
from yule.session.views.repetitions import Repetition
from yule.storage.names import resolve_below
from yule.storage.opening import open_store
from yule.storage.setup import using_setup


def check_answered(project: Project, run: Run) -> None:
    """Raise a WorkspaceError if a run has no answer."""
    (status,) = find_statuses(open_store(project.workspace), [run])
    if status != "done":
        hint = "" if status == "running" else f" `yule run {run.case}` goes on."
        raise WorkspaceError(f"{run.run_id} is {status}: there is no answer to compare with.{hint}")


def repeat_run(project: Project, run: Run, show: Show, *, n_cores: int | None = None) -> Repetition:
    """Repeat a finished run with its settings and data, and say whether the answer is identical.

    Nothing is taken from the cache but the tables, and nothing in it is touched.

    Parameters
    ----------
    project, run, show
        The project, its run, and who is told.
    n_cores
        Cores to use; None for all.

    Raises
    ------
    WorkspaceError
        If the run has no answer.
    CodeError
        If this process has other code than the run had.
    DataError
        If tables are neither cached nor in their sources as they were. All are listed.
    TasksFailed
        If a step failed.
    """
    check_answered(project, run)
    require_code_of(project, run, show)
    before = open_store(project.workspace)
    place = resolve_below(before.root, f"reruns/{run.run_id}")
    with using_setup(replace(find_setup_of(project), workspace=str(place))):
        return _repeat(project, run, show, place=place, n_cores=n_cores)


def _repeat(project: Project, run: Run, show: Show, *, place: Path, n_cores: int | None) -> Repetition:
    """Repeat a run in a workspace of its own, which is bound."""
    before, report = open_store(project.workspace), rebuild_report(run)
    if report.complete():  # it was repeated before
        shutil.rmtree(place)
    after = open_store(str(place))
    lend_downloads(report, before, after, project)
    broken = run_tasks(
        replace(project, workspace=str(place), ledger=project.workspace),
        [Goal(task=task, payer=run.payer) for task in find_whole(run.asked, report)],
        show,
        cases=[describe_recorded(run)],
        n_cores=n_cores,
    )
    raise_broken(broken)
    comparison = compare(run, report, before, after)
    if comparison.is_identical:
        shutil.rmtree(place)
    return Repetition(comparison=comparison, folder=None if comparison.is_identical else place)
