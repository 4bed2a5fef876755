"""What was learned in a project's workspace, read from what tasks and runs have left there."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from yule.config.projects import Project
from yule.core.errors import CorruptedOutput
from yule.core.settings import Json, to_plain
from yule.downloads.specs import Payer
from yule.kinds import find_kind
from yule.kinds.reports import Report, parse_report
from yule.pipeline.fetching import Goal
from yule.pipeline.graph import look_again
from yule.pipeline.report import read_outcome
from yule.pipeline.runs.record import run_place
from yule.pipeline.runs.trust import check_run
from yule.pipeline.shelf.fits import find_costs, read_fit_records
from yule.pipeline.shelf.learned import LearnedModels, find_learned
from yule.report.files import NUMBERS
from yule.session.execution import bound, raise_broken, run_tasks
from yule.session.graphs import build_renewed
from yule.session.show import Show
from yule.session.views.runs import RunView
from yule.session.views.shelf import CaseModel, MemberFits, Shelf, TakenModels
from yule.storage.names import name_part
from yule.storage.opening import open_store
from yule.storage.record import Record
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


def read_fits(project: Project, runs: Sequence[RunView], show: Show) -> list[MemberFits]:
    """Return what became of the members of finished runs, as far as the cache still has their fits.

    Parameters
    ----------
    project, runs, show
        As of :func:`read_shelf`.
    """
    store = open_store(project.workspace)
    records = read_fit_records(store)
    cases = [case for run in runs if run.status == "done" and (case := _read_case(store, run, show)) is not None]
    return [found for case in cases for found in _read_fits_of(store, records, case)]


def _read_fits_of(store: Store, records: Mapping[str, Record], case: CaseModel) -> Iterator[MemberFits]:
    for part, members in case.parts.items():
        for member in members:
            fits = f"{member.name}/{name_part(part)}/" if part else f"{member.name}/"
            ids = [unique_id for name, unique_id in case.run.record.fits.items() if name.rpartition("fold-")[0] == fits]
            costs = find_costs(store, records, ids)
            if costs is not None:
                yield MemberFits(case=case, part=part, scores=member, costs=costs)


def judge_since(project: Project, run: RunView, show: Show, *, n_cores: int | None) -> dict[str, float]:
    """Return how good the list of a finished run was, by the project's data as they are now.

    Parameters
    ----------
    project
        The project.
    run
        Its run.
    show
        Who is told.
    n_cores
        Cores to use; None for all.

    Returns
    -------
    dict
        Figures by their names in ``report.json``; empty while its horizon is open, where labels are no rule over events
        or are classes, and where all users came out the same.
    """
    answer = check_run(run.record).asked
    labels = answer.model.dataset.labels.settings
    kind = find_kind(labels)
    if not labels.is_rule or kind.name_parts(labels) != ("",):
        return {}
    with bound(project):
        task = build_renewed(project, lambda tables: look_again(answer, tables), show)
        raise_broken(run_tasks(project, [Goal(task=task, payer=Payer())], show, n_cores=n_cores))
        users = run.users.arrow
        outcome = read_outcome(task.output().load(), users["user_id"].to_numpy())
    if outcome is None:
        return {}
    is_known = np.isfinite(outcome)
    happened, scores = outcome[is_known], users["score"].to_numpy()[is_known]
    if not len(happened) or not np.ptp(happened):
        return {}
    return {metric.name: metric.compute(happened, scores) for metric in kind.metrics.columns}


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
        parts={part.name: part.board.members for part in report.head.parts},
        then=then,
        since=_find_figures(report, "outcome"),
    )


def _find_figures(report: Report, part: str) -> dict[str, float]:
    """Return the figures that a report tells of the validation, or of what happened since."""
    body = to_plain(report.body)
    told: Json = body.get(part) if isinstance(body, dict) else None
    figures = told.items() if isinstance(told, dict) else ()
    return {name: value for name, value in figures if isinstance(value, float)}
