"""The learning curves of a run: of its own fits, and of those that it shares with other cases."""

from contextlib import suppress

from yule.core.errors import WorkspaceError
from yule.models.members import read_member
from yule.pipeline.graph import find_whole
from yule.pipeline.questions import FitPooled, TakePooled
from yule.pipeline.runs.publishing import report_task
from yule.pipeline.runs.record import Run
from yule.pipeline.runs.trust import check_run
from yule.runtime.plan import list_tasks


def list_curves(run: Run) -> dict[str, str]:
    """Return unique ids of what draws curves, by what they are shown as.

    A member that learns from other questions of the log draws them where it is fitted to one half of those,
    ``pooled/half-0/fold-2``, or for the case alone where both halves repeat it, ``pooled/fold-2``. Of a run that this
    version of Yule cannot rebuild there are those of its own fits.

    Parameters
    ----------
    run
        The run.
    """
    curves = dict(run.fits)
    with suppress(WorkspaceError):
        names = {unique_id: name for name, unique_id in run.fits.items()}
        for task in list_tasks(find_whole(run.asked, report_task(check_run(run)))):
            if isinstance(task, FitPooled):
                curves[f"{read_member(task.member).name}/half-{task.half}/fold-{task.fold}"] = task.unique_id
            elif isinstance(task, TakePooled) and task.unique_id in names:
                curves[names[task.unique_id]] = task.choose_model().unique_id
    return curves
