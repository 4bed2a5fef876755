"""Answer a question without a case and without a label: from other questions that the same log answers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from yule.config.projects import Project
from yule.config.questions import Question
from yule.core.errors import DataError
from yule.core.settings import from_json, to_json
from yule.downloads.settings import start_of_day
from yule.downloads.specs import Payer
from yule.labels.reach import Reach
from yule.pipeline.asking import AskSpec, FindReach, compare_task, has_models, read_reach, require_questions
from yule.pipeline.fetching import Goal
from yule.pipeline.graph import Tables, build_question
from yule.pipeline.questions import FindQuestions
from yule.questions.find import read_questions
from yule.questions.overlap import read_overlaps
from yule.session.execution import bound, raise_broken, run_tasks
from yule.session.graphs import build_renewed
from yule.session.show import Show
from yule.session.views.answers import Answer
from yule.storage.task import Task


def answer_question(
    project: Project, question: Question, show: Show, *, cutoff: datetime | None, n_cores: int | None
) -> Answer:
    """Rank the users whom a question is asked of.

    Parameters
    ----------
    project, question, show
        The project, the question, and who is told.
    cutoff
        As of when; None for the last midnight, by UTC, that the log reaches.
    n_cores
        Cores to use; None for all.

    Raises
    ------
    DataError
        If the log does not reach the cut-off, or is too short.
    TasksFailed
        If a step failed.
    """
    with bound(project):
        reach = _find_reach(project, question, show, n_cores=n_cores)
        end = start_of_day(reach.until.astimezone(UTC).date())
        if cutoff is not None and cutoff > end + timedelta(days=1):
            raise DataError(
                f"{question.rule.event} ends on {reach.until:%Y-%m-%d}: nothing is known of what users did until "
                f"{cutoff:%Y-%m-%d}. Ask as of a day until then, or update the data."
            )
        instant = cutoff or end
        task = build_renewed(
            project, lambda tables: build_question(question, tables, since=reach.since, cutoff=instant), show
        )
        _look_first(project, from_json(AskSpec, task.asked), show, n_cores=n_cores)
        _run(project, [task], show, n_cores=n_cores)
        folder = task.output().load()
        return Answer(question=question.text, cutoff=instant, folder=folder, _asked=question, _root=project.root)


def _find_reach(project: Project, question: Question, show: Show, *, n_cores: int | None) -> Reach:
    """Find out how far the log goes: a table that grows by the day says so itself."""
    table = Tables(project).find(question.rule.event, ())
    if table.method.days is not None and table.until is not None:
        return Reach(since=start_of_day(table.method.days.since), until=table.until)
    task = FindReach(table=to_json(table))
    _run(project, [task], show, n_cores=n_cores)
    return read_reach(task.output().load())


def _look_first(project: Project, spec: AskSpec, show: Show, *, n_cores: int | None) -> None:
    """Refuse what there is nothing to learn for, before models are fitted that only other questions could use."""
    if has_models(spec):  # all that is left takes seconds
        return
    comparison = compare_task(spec)
    questions = FindQuestions(questions=comparison.questions)
    _run(project, [questions, comparison], show, n_cores=n_cores)
    found, overlaps = read_questions(questions.output().load()), read_overlaps(comparison.output().load())
    require_questions(spec, found, overlaps)


def _run(project: Project, tasks: Sequence[Task], show: Show, *, n_cores: int | None) -> None:
    raise_broken(run_tasks(project, [Goal(task=task, payer=Payer()) for task in tasks], show, n_cores=n_cores))
