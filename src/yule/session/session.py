"""A session: all that one can ask of a project."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TypeAlias

from yule.session.show import Show, Told, choose_show

if TYPE_CHECKING:
    from yule.config.cases import Case
    from yule.config.projects import Project
    from yule.runtime.events import RunEvent
    from yule.session.scoring import GivenTable
    from yule.session.views.comparison import RunComparison
    from yule.session.views.plans import CheckedCase, Explanation, RunPlan
    from yule.session.views.predictions import Prediction
    from yule.session.views.repetitions import Repetition
    from yule.session.views.runs import RunView
    from yule.session.views.tables import Given
    from yule.storage.setup import Setup

Cases: TypeAlias = str | Sequence[str] | None
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
        TaskFailed
            If a step that the checks need failed.
        """
        from yule.session.checks import check_cases
        from yule.session.execution import bound

        project, loaded = self._load(cases)
        with bound(project):
            return check_cases(project, loaded, self._show, looks_at_data=data)

    def plan(self, cases: Cases = None) -> "RunPlan":
        """Say what a run of cases would do, and what it would fetch. Nothing is computed."""
        from yule.pipeline.fetching import preview_fetches
        from yule.runtime.plan import plan_tasks
        from yule.session.code import require_code
        from yule.session.execution import bound
        from yule.session.graphs import build_graphs
        from yule.session.views.plans import RunPlan

        project, loaded = self._load(cases)
        with bound(project):
            graphs = build_graphs(project, require_code(project, loaded), self._show)
            goals = [goal for graph in graphs for goal in graph.goals]
            planned = plan_tasks([goal.task for goal in goals])
            return RunPlan(tasks=planned, fetches=tuple(preview_fetches(project, planned, goals)))

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

        It may be interrupted, and asked again: what is finished is kept.

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
        ConfigError, DataError
            If cases are not sound, or their data not at hand; with all problems.
        CodeError
            If a case names a commit whose code is not that of this process.
        TasksFailed
            If a step failed, with all that did.
        """
        from yule.session.code import require_code
        from yule.session.execution import bound
        from yule.session.running import run_here

        show = self._choose_show(progress)
        project, loaded = self._load(cases)
        with bound(project):
            if on == "kubernetes":
                from yule.session.cluster import run_on_cluster

                return run_on_cluster(project, loaded, show)
            return run_here(project, require_code(project, loaded), show, n_cores=cores, repair=repair)

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
        from yule.session.views.runs import view_runs

        return view_runs(self._setup, read_runs)

    def load_run(self, run: str) -> "RunView":
        """Return a run by its id, or the newest run of a case.

        Raises
        ------
        WorkspaceError
            If there is none; says what comes close.
        """
        from yule.pipeline.runs.reading import find_run
        from yule.session.views.runs import view_runs

        return view_runs(self._setup, lambda store: [find_run(store, run)])[0]

    def compare(self, a: str, b: str) -> "RunComparison":
        """Compare the settings and the lists of two finished runs; each by its id, or by its case."""
        from yule.session.views.comparison import compare_runs

        return compare_runs(self.load_run(a), self.load_run(b))

    def _load(self, cases: Cases) -> "tuple[Project, list[Case]]":
        """Read cases as they are now, with the project around them."""
        from yule.config.finding import find_all_cases, load_cases

        root = self.project.root
        names = find_all_cases(root) if cases is None else [cases] if isinstance(cases, str) else cases
        return load_cases(names, self.project.profile, root)

    def _read_project(self) -> "Project":
        """Read the project as it is now."""
        from yule.config.finding import load_project

        return load_project(self.project.profile, self.project.root)

    def _choose_show(self, progress: Progress) -> Show:
        return self._show if progress is None else choose_show(progress)

    @property
    def _setup(self) -> "Setup":
        from yule.session.execution import find_setup_of

        return find_setup_of(self._read_project())
