"""A session: all that one can ask of a project."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from yule.session.show import Show, Told, choose_show

if TYPE_CHECKING:
    from yule.config.cases import Case
    from yule.config.projects import Project
    from yule.pipeline.runs.record import Run
    from yule.preparation.selection.record import MergedSelection
    from yule.runtime.events import RunEvent
    from yule.session.scoring import GivenTable
    from yule.session.views.answers import Answer
    from yule.session.views.cleanups import Cleanup
    from yule.session.views.comparison import RunComparison
    from yule.session.views.plans import CheckedCase, Explanation, RunPlan
    from yule.session.views.predictions import Prediction
    from yule.session.views.repetitions import Repetition
    from yule.session.views.results import CaseResult
    from yule.session.views.runs import RunView
    from yule.session.views.shelf import MemberFits, Shelf
    from yule.session.views.tables import Given
    from yule.storage.store import Store

Cases: TypeAlias = str | Path | Sequence[str | Path] | None
"""One case or several, by their names or files; None for all of the project."""

Place: TypeAlias = Literal["here", "kubernetes"]

Progress: TypeAlias = "Callable[[RunEvent], None] | bool | None"
"""Who is told how it goes on: a function takes every event, True prints lines, None is as the session was opened."""


def open_project(path: str | Path = ".", *, profile: str | None = None) -> "Session":
    """Open a session with a project.

    Parameters
    ----------
    path
        A folder of the project, or below it.
    profile
        Profile of ``project.yaml``; None for that of the variable ``YULE_PROFILE``, or none.

    Returns
    -------
    Session
        It may be used by several threads, beside others with other projects, and in a ``with`` block.

    Raises
    ------
    ConfigError
        With all problems of the files of the project, or if there is none.

    Examples
    --------
    >>> open_project("/")
    Traceback (most recent call last):
    ...
    yule.core.errors.ConfigError: /: there is no project.yaml here or in a folder above; go to a project, or make one \
with `yule init`
    """
    from yule.config.finding import load_project

    return Session(load_project(profile, path))


class Session:
    """All that one can ask of a project. Files are read anew whenever something is asked.

    Parameters
    ----------
    project
        The project.
    show
        Who is told what people should know; None for nobody.
    """

    def __init__(self, project: "Project", *, show: Show | None = None) -> None:
        self.project = project
        self._show: Show = show or Told(None)

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget the tasks that were built; what was returned stays good, and the session can be used on."""
        from yule.storage.task import forget_tasks

        forget_tasks()

    def check(self, cases: Cases = None, *, data: bool = False) -> "list[CheckedCase]":
        """Say whether cases are sound.

        Parameters
        ----------
        cases
            Which; None for all.
        data
            Also compute the features and check them, the labels, the folds and the population.

        Raises
        ------
        ConfigError
            With all problems of all files.
        TasksFailed
            If a step that the checks need failed.
        """
        from yule.session.needs import find_notes
        from yule.session.views.plans import CheckedCase

        project, loaded = self._load(cases)
        if not data:
            return [CheckedCase(case=case, notes=tuple(find_notes(case))) for case in loaded]
        from yule.session.checks import check_data
        from yule.session.code import require_code
        from yule.session.execution import bound

        with bound(project):
            return check_data(project, require_code(project, loaded), self._show)

    def plan(self, cases: Cases = None, *, labels: bool = False) -> "RunPlan":
        """Say what a run of cases would do, and what it would fetch. Nothing is trained.

        Parameters
        ----------
        cases
            Which; None for all.
        labels
            Also collect and divide the labels, and say what they look like.

        Raises
        ------
        ConfigError, DataError
            If cases are not sound, or their data not at hand; with all problems. :meth:`plan_each` plans the others.
        TasksFailed
            If a step that the labels need failed.
        """
        from yule.session.failures import join_errors

        _, loaded = self._load(cases)
        found = self.plan_each(cases, labels=labels)
        if found.faults:
            raise join_errors(found.faults, n_cases=len(loaded))
        return found

    def plan_each(self, cases: Cases = None, *, labels: bool = False) -> "RunPlan":
        """Say what a run of those cases would do that can be run, and why the others cannot.

        Parameters
        ----------
        cases, labels
            As of :meth:`plan`.

        Raises
        ------
        ConfigError
            If files of the project itself are not sound.
        """
        from yule.config.finding import load_each
        from yule.session.code import require_code
        from yule.session.execution import bound
        from yule.session.planning import plan_each

        names = self._name_cases(cases)
        project, loaded, faults = load_each(names, self.project.profile, self.project.root)
        with bound(project):
            settled = require_code(project, list(loaded.values()))
            return plan_each(project, settled, faults, self._show, with_labels=labels)

    def explain(self, cases: Cases = None) -> "Explanation":
        """Say why tasks of cases are not cached: what differs from the most similar output that is."""
        from yule.session.code import require_code
        from yule.session.execution import bound
        from yule.session.explaining import explain_graphs
        from yule.session.graphs import build_graphs

        project, loaded = self._load(cases)
        with bound(project):
            return explain_graphs(build_graphs(project, require_code(project, loaded), self._show))

    def run(
        self,
        cases: Cases,
        *,
        on: Place = "here",
        progress: Progress = None,
        cores: int | None = None,
        repair: bool = False,
    ) -> "list[RunView]":
        """Answer cases, and return their runs in the same order. What is cached is not computed again.

        They are finished one after the other, what is due first comes first; what one lacks stops no other. It may be
        interrupted, and asked again: what is finished is kept.

        Parameters
        ----------
        cases
            Which.
        on
            On this machine, in processes of its own, or on the project's cluster: then this waits for it.
        progress
            Is told every event; True prints lines.
        cores
            Cores of this machine to use; None for all.
        repair
            On this machine: check every cached file first.

        Raises
        ------
        ConfigError
            If files are not sound, with all problems; nothing is run then. :meth:`run_each` runs the others.
        DataError
            If the data of cases are not at hand; with all problems.
        CodeError
            If a case names a commit whose code is not that of this process.
        TasksFailed
            If a step failed, with all that did.
        CasesFailed
            If cases have no answer for various reasons.
        """
        from yule.session.failures import find_runs

        check_place(on)
        self._load(cases)
        return find_runs(self.run_each(cases, on=on, progress=progress, cores=cores, repair=repair))

    def run_each(
        self,
        cases: Cases,
        *,
        on: Place = "here",
        progress: Progress = None,
        cores: int | None = None,
        repair: bool = False,
    ) -> "list[CaseResult]":
        """Answer cases, and return what came of each in the same order: its run, or why there is none.

        Parameters
        ----------
        cases, on, progress, cores, repair
            As of :meth:`run`.

        Raises
        ------
        ConfigError
            If files of the project itself are not sound.
        CodeError
            If a case names a commit whose code is not that of this process.
        """
        from yule.config.finding import list_case_files, load_each
        from yule.session.code import require_code
        from yule.session.execution import bound
        from yule.session.running import run_each

        check_place(on)
        show, names = self._choose_show(progress), self._name_cases(cases)
        project, loaded, faults = load_each(names, self.project.profile, self.project.root)
        if on == "kubernetes":
            from yule.session.cluster import run_on_cluster

            results = run_on_cluster(project, list(loaded.values()), faults, show)
        else:
            with bound(project):
                settled = require_code(project, list(loaded.values()))
                results = run_each(project, settled, faults, show, n_cores=cores, repair=repair)
        return [results[path.stem] for path in list_case_files(names, project.root)]

    def predict(
        self,
        run: str,
        *,
        at: datetime | date | str | None = None,
        table: "Given | GivenTable | None" = None,
        progress: Progress = None,
        cores: int | None = None,
    ) -> "Prediction":
        """Compute the features of users, and score them with the model of a run.

        Nothing is trained, unless the model was deleted or damaged. With features of your own: ``run.model.predict``.

        Parameters
        ----------
        run
            Its id, or its case for its newest run.
        at
            Score as of this instant or day, by UTC, from the project's data as they are now; None for that of the run.
        table
            (n_users rows): score these users instead, by a table with the columns that the run's own had: of pyarrow,
            pandas, polars, or a CSV or Parquet file. Only where the features come from one table without events.
        progress, cores
            As of :meth:`run`.

        Raises
        ------
        DataError
            If neither is given, columns are missing, values are of another type, or features cannot be computed of
            that cut-off; with all problems.
        WorkspaceError
            If there is no such run, or another version of Yule must read its model.
        TasksFailed
            If a step failed, with all that did.
        """
        from yule.core.errors import DataError
        from yule.pipeline.runs.reading import find_run
        from yule.session.predicting import as_file, predict_run, read_cutoff
        from yule.storage.opening import open_store

        if at is None and table is None:
            raise DataError("Say whom to score: at='2017-12-31' for another cut-off, table=… for other users, or both.")
        cutoff, project = None if at is None else read_cutoff(at), self._read_project()
        found = find_run(open_store(project.workspace), run)
        with as_file(table) as given:
            return predict_run(project, found, self._choose_show(progress), cutoff=cutoff, table=given, n_cores=cores)

    def ask(
        self,
        question: str,
        *,
        within: str = "28 days",
        at: datetime | date | str | None = None,
        leaving: bool = False,
        population: str | None = None,
        active: str | None = None,
        progress: Progress = None,
        cores: int | None = None,
    ) -> "Answer":
        """Rank users by a question without a case and without labels, by what other questions of the same log teach.

        What other questions teach is learned once for all questions with the same horizon, so the first takes longer.

        Parameters
        ----------
        question
            Which events: ``DOWNLOAD``, or ``DOWNLOAD where CONDITION``.
        within
            How far it looks ahead.
        at
            As of this instant or day, by UTC; None for the last midnight that the log reaches.
        leaving
            Ask who will have no such event, not who will have one.
        population
            Who is asked of, written like the question; None for all users of its download.
        active
            Only those with such a row within so long before, such as ``90 days``; None for whenever they had it, of
            leaving without a population for as short a time as the question looks ahead.
        progress, cores
            As of :meth:`run`.

        Raises
        ------
        ConfigError
            With all problems of the question.
        DataError
            If the log does not reach that day, or is too short.
        TasksFailed
            If a step failed, with all that did.
        """
        from yule.config.questions import read_question
        from yule.session.asking import answer_question
        from yule.session.predicting import read_cutoff

        cutoff, project = None if at is None else read_cutoff(at), self._read_project()
        read = read_question(question, project, within=within, leaving=leaving, population=population, active=active)
        return answer_question(project, read, self._choose_show(progress), cutoff=cutoff, n_cores=cores)

    def rerun(self, run: str, *, progress: Progress = None, cores: int | None = None) -> "Repetition":
        """Repeat a finished run with its settings and data, and say whether the answer is identical.

        Parameters
        ----------
        run
            Its id, or its case for its newest run.
        progress, cores
            As of :meth:`run`.

        Raises
        ------
        WorkspaceError
            If there is no such run, or it has no answer.
        CodeError
            If this process has other code than the run had.
        DataError
            If tables are neither cached nor in their sources as they were. All are listed.
        TasksFailed
            If a step failed, with all that did.
        """
        from yule.pipeline.runs.reading import find_run
        from yule.session.repeating import repeat_run
        from yule.storage.opening import open_store

        project = self._read_project()
        found = find_run(open_store(project.workspace), run)
        return repeat_run(project, found, self._choose_show(progress), n_cores=cores)

    def runs(self) -> "list[RunView]":
        """Return the runs of the project, the newest last."""
        from yule.pipeline.runs.reading import read_runs

        return self._view(read_runs)

    def load_run(self, run: str) -> "RunView":
        """Return a run by its id, or the newest run of a case.

        Raises
        ------
        WorkspaceError
            If there is none; says what comes close.
        """
        from yule.pipeline.runs.reading import find_run

        return self._view(lambda store: [find_run(store, run)])[0]

    def models(self) -> "Shelf":
        """Return what was learned in the workspace: models of other questions, and those of finished runs."""
        from yule.session.shelf import read_shelf

        return read_shelf(self._read_project(), self.runs(), self._show)

    def fits(self) -> "list[MemberFits]":
        """Return what became of the members of finished runs: settings, figures by fold, seconds, size of the data."""
        from yule.session.shelf import read_fits

        return read_fits(self._read_project(), self.runs(), self._show)

    def judge(self, run: str, *, progress: Progress = None, cores: int | None = None) -> dict[str, float]:
        """Return how good the list of a finished run was by what happened since, in the project's data as they are now.

        Parameters
        ----------
        run
            Its id, or its case for its newest run.
        progress, cores
            As of :meth:`run`.

        Returns
        -------
        dict
            Figures such as ``roc_auc``, by their names in ``report.json``; empty while the horizon is open, and where
            labels are no rule over events, or are classes.

        Raises
        ------
        WorkspaceError
            If there is no such run, or it has no answer.
        DataError
            If the data are not at hand.
        TasksFailed
            If a step failed.
        """
        from yule.session.shelf import judge_since

        found = self.load_run(run)
        return judge_since(self._read_project(), found, self._choose_show(progress), n_cores=cores)

    def compare(self, a: str, b: str) -> "RunComparison":
        """Compare the settings, the figures and the lists of two finished runs.

        Parameters
        ----------
        a, b
            The runs; each by its id, or by its case for its newest run.

        Raises
        ------
        WorkspaceError
            If there is no such run, or it has no answer.
        """
        from yule.session.views.comparison import compare_runs

        return compare_runs(self.load_run(a), self.load_run(b))

    def logs(self, run: str, task: str | None = None, *, lines: int = 200) -> str:
        """Return what the driver, or a task, of a run on the cluster has printed.

        Parameters
        ----------
        run
            Its id, or its case for its newest run.
        task
            A fit such as ``lightgbm/fold-2``, a task's family or unique id; None for the driver.
        lines
            How many of the last lines.

        Raises
        ------
        WorkspaceError
            If the run was not on a cluster, or no such task has printed anything.
        """
        from yule.pipeline.runs.reading import find_run
        from yule.session.cluster import read_run_logs
        from yule.storage.opening import open_store

        project = self._read_project()
        return read_run_logs(project, find_run(open_store(project.workspace), run), task, n_lines=lines)

    def selection(self, case: str) -> "MergedSelection | None":
        """Return which features the folds of a case kept, and why; None when some have not chosen yet."""
        from yule.session.selecting import find_selection

        project, (loaded,) = self._load(case)
        return find_selection(project, loaded, self._show)

    def find_unneeded(self, *, older_than: timedelta | None = None, run: str | None = None) -> "Cleanup":
        """Say what of the workspace can go; its ``delete()`` deletes it. Other runs can still be shown, and predict.

        Parameters
        ----------
        older_than
            What was written, or used by a run, within this time stays; None for 30 days.
        run
            The id of a run: its folder instead, of whatever age, with what only it needs.

        Raises
        ------
        DataError
            If both are given.
        WorkspaceError
            If there is no such run, or it is running.
        """
        from yule.core.errors import DataError
        from yule.session.cleaning import LATE, find_all_of_run, find_unneeded

        if run is not None and older_than is not None:
            raise DataError("A run goes whatever its age: give older_than or run, not both.")
        project = self._read_project()
        if run is not None:
            return find_all_of_run(project, run)
        return find_unneeded(project, not_since=datetime.now(UTC) - (LATE if older_than is None else older_than))

    def _load(self, cases: Cases) -> "tuple[Project, list[Case]]":
        """Read cases as they are now, with the project around them."""
        from yule.config.finding import load_cases

        return load_cases(self._name_cases(cases), self.project.profile, self.project.root)

    def _name_cases(self, cases: Cases) -> list[str]:
        from yule.config.finding import find_all_cases

        root = self._find_root()
        given = find_all_cases(root) if cases is None else [cases] if isinstance(cases, str | Path) else cases
        return [str(name) for name in given]

    def _read_project(self) -> "Project":
        """Read the project as it is now."""
        from yule.config.finding import load_project

        return load_project(self.project.profile, self._find_root())

    def _find_root(self) -> Path:
        """Return the project's folder; refuse one that is gone, whatever project lies above it."""
        from yule.config.projects import require_project

        return require_project(self.project.root)

    def _choose_show(self, progress: Progress) -> Show:
        return self._show if progress is None else choose_show(progress)

    def _view(self, find: "Callable[[Store], Sequence[Run]]") -> "list[RunView]":
        """Return runs as they stand."""
        from yule.session.execution import find_setup_of
        from yule.session.standing import judge_running
        from yule.session.views.runs import view_runs

        project = self._read_project()
        return view_runs(find_setup_of(project), lambda store: judge_running(project, find(store), self._show))


def check_place(on: str) -> None:
    """Raise a DataError for a place where nothing can run.

    >>> check_place("mars")
    Traceback (most recent call last):
    ...
    yule.core.errors.DataError: on: expected 'here' or 'kubernetes', got 'mars'
    """
    from yule.core.errors import DataError

    if on not in get_args(Place):
        raise DataError(f"on: expected {' or '.join(map(repr, get_args(Place)))}, got {on!r}")
