"""Score users with the model of a run: as of another cut-off, or those of a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

import pyarrow.parquet as pq

from yule.config.projects import Project
from yule.core.errors import DataError, TaskFailed, WorkspaceError
from yule.pipeline.fetching import Goal
from yule.pipeline.graph import find_bundles
from yule.pipeline.rerun import check_downloads, check_rebuildable
from yule.pipeline.runs.kept import KeptModel, find_kept_model, restore_model
from yule.pipeline.runs.learned import lend_learned
from yule.pipeline.runs.record import Run, run_place
from yule.pipeline.runs.trust import check_run
from yule.pipeline.scoring import score_kept
from yule.runtime.damage import remove_damaged
from yule.runtime.plan import find_complete
from yule.session.execution import bound, raise_broken, run_tasks
from yule.session.scoring import GivenTable, choose_answer, describe_prepared
from yule.session.show import Show
from yule.session.views.predictions import Prediction
from yule.session.views.tables import Given, open_given
from yule.storage.opening import open_store
from yule.storage.owners import temporary_folder


def predict_run(
    project: Project,
    run: Run,
    show: Show,
    *,
    cutoff: datetime | None,
    table: GivenTable | None,
    n_cores: int | None = None,
) -> Prediction:
    """Score users with the model of a finished run. Nothing is trained, unless its model was deleted or damaged.

    Parameters
    ----------
    project, run, show
        The project, its run, and who is told.
    cutoff
        As of when; None for the cut-off of the run.
    table
        A table of users; None for the population, of the project's data as they are now.
    n_cores
        Cores to use; None for all.
    """
    instant = cutoff or check_run(run).asked.population.cutoff
    project, answer, prepared = choose_answer(project, check_run(run).asked, show, cutoff=instant, table=table)
    for note in describe_prepared(prepared, instant) if prepared else ():
        show.note(f"Note: {note}")
    with bound(project):
        ranking = score_kept(_find_model(project, run, show, n_cores=n_cores), answer)
        lend_learned(open_store(project.workspace), run, answer.features)
        check_downloads([ranking], open_store(project.workspace), project)
        raise_broken(run_tasks(project, [Goal(task=ranking, payer=run.payer)], show, n_cores=n_cores))
        return Prediction(
            run_id=run.run_id,
            cutoff=instant,
            name=table.file.stem if table else f"{instant:%Y-%m-%d}",
            folder=ranking.output().load(),
            unusable=prepared.unusable if prepared else (),
            _store=open_store(project.workspace),
        )


@contextmanager
def as_file(table: Given | GivenTable | None) -> Iterator[GivenTable | None]:
    """Give a table as a file, one in memory as long as this is open."""
    if table is None or isinstance(table, GivenTable):
        yield table
    elif isinstance(table, str | Path):
        yield GivenTable(file=Path(table))
    else:
        with temporary_folder() as folder:
            file = folder / "table.parquet"
            pq.write_table(open_given(table), file)
            yield GivenTable(file=file)


def read_cutoff(at: datetime | date | str) -> datetime:
    """Return an instant; a day begins at midnight UTC, as does what has no time zone.

    Raises
    ------
    DataError
        If a text is no date.

    >>> read_cutoff("2017-12-31")
    datetime.datetime(2017, 12, 31, 0, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        found = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError as error:
        raise DataError(f"{at!r} is not a date such as 2017-12-31.") from error
    instant = found if isinstance(found, datetime) else datetime.combine(found, time.min)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _find_model(project: Project, run: Run, show: Show, *, n_cores: int | None) -> KeptModel:
    """Return the model of a run; one that its folder has no more is computed again as it was, if that can be."""
    store = open_store(project.workspace)
    kept = find_kept_model(store, run)
    if kept is not None:
        return kept
    bundles = list(find_bundles(run.asked.model).values())
    for fault in remove_damaged(bundles):
        show.note(fault)
    if len(find_complete(bundles)) < len(bundles):
        try:
            check_rebuildable(run, bundles, store, project)
        except (DataError, TaskFailed) as error:
            raise WorkspaceError(
                f"The model of {run.run_id} is gone or damaged in {store.describe(run_place(run.run_id))}, and cannot "
                f"be computed again as it was; `yule run {run.case}` makes one of today. {error}"
            ) from error
        show.note(f"The model of {run.run_id} is not in its folder any more: it is computed again.")
        goals = [Goal(task=bundle, payer=run.payer) for bundle in bundles]
        raise_broken(run_tasks(project, goals, show, n_cores=n_cores))
    return restore_model(store, run)
