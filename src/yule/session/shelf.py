"""What was learned in a project's workspace, read from what tasks and runs have left there."""

from collections.abc import Sequence

from yule.config.projects import Project
from yule.core.errors import CorruptedOutput
from yule.core.settings import Json, to_plain
from yule.kinds.reports import Report, parse_report
from yule.pipeline.runs.record import run_place
from yule.pipeline.shelf.learned import LearnedModels, find_learned
from yule.report.files import NUMBERS
from yule.session.execution import bound
from yule.session.show import Show
from yule.session.views.runs import RunView
from yule.session.views.shelf import CaseModel, Shelf, TakenModels
from yule.storage.opening import open_store
from yule.storage.store import Store


def read_shelf(project: Project, runs: Sequence[RunView], show: Show) -> Shelf:
    """Return what was learned in a workspace.

    Parameters
    ----------
    project
        The project.
    runs
        Its runs, the oldest first.
    show
        Is told of reports that cannot be read.
    """
    store = open_store(project.workspace)
    with bound(project):
        learned = find_learned(store)
    cases = tuple(case for run in runs if run.status == "done" and (case := _read_case(store, run, show)) is not None)
    return Shelf(
        learned=tuple(TakenModels(models=models, taken_by=_find_takers(models, cases)) for models in learned),
        cases=cases,
    )


def _find_takers(models: LearnedModels, cases: Sequence[CaseModel]) -> tuple[CaseModel, ...]:
    def has_taken(case: CaseModel) -> bool:
        answer = case.run.record.answer
        if answer is None:  # of another version
            return False
        dataset = answer.model.dataset
        return (dataset.questions, dataset.folds.n_folds) == (models.spec, models.n_folds)

    return tuple(filter(has_taken, cases))


def _read_case(store: Store, run: RunView, show: Show) -> CaseModel | None:
    """Return the model of a finished run; None where its report is gone or damaged, which is told."""
    name = f"{run_place(run.run_id)}/{NUMBERS}"
    try:
        report = parse_report(store.objects.read(name) or b"", store.describe(name))
    except CorruptedOutput as error:
        show.note(f"Left out: {error}")
        return None
    boards = [part.board for part in report.head.parts]
    then = boards[0].ensemble.scores if len(boards) == 1 else _find_figures(report, "validation")
    return CaseModel(
        run=run,
        kind=report.kind.name,
        n_labelled=sum(cutoff.n_users for cutoff in report.head.history.cutoffs),
        members=tuple(member for board in boards for member in board.members),
        then=then,
        since=_find_figures(report, "outcome"),
    )


def _find_figures(report: Report, part: str) -> dict[str, float]:
    """Return the figures that a report tells of the validation, or of what happened since."""
    body = to_plain(report.body)
    told: Json = body.get(part) if isinstance(body, dict) else None
    figures = told.items() if isinstance(told, dict) else ()
    return {name: value for name, value in figures if isinstance(value, float)}
