"""Whom ``yule predict`` scores: the population at another cut-off, or the users of another table."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from yule.cli.upkeep import tell_state
from yule.config.projects import Project
from yule.config.scaffold import prepare_table
from yule.core.errors import DataError
from yule.downloads.fingerprints import fingerprint_files
from yule.downloads.settings import FilesSource, TableSpec
from yule.downloads.sources import open_source
from yule.labels.settings import ClassTable, LabelTable
from yule.pipeline.fetching import GIVEN
from yule.pipeline.graph import Tables, score_anew, score_table
from yule.pipeline.specs import AnswerSpec
from yule.storage.names import resolve_below
from yule.storage.opening import open_store
from yule.storage.permissions import make_folder, restrict


def choose_answer(
    project: Project, answer: AnswerSpec, *, cutoff: datetime, table: Path | None, user: str | None
) -> tuple[Project, AnswerSpec]:
    """Return what keys the scoring, and the project with the source that it reads.

    Parameters
    ----------
    project
        The project.
    answer
        That of a finished run.
    cutoff
        Users are scored as of this instant, from the project's data as they are now; not used with a table.
    table
        A table of users to score instead.
    user
        Its column with the user id; rows are numbered without.
    """
    if table is None:
        tables = Tables(project)
        scored = score_anew(answer, tables, cutoff=cutoff)
        is_changed = tell_state(project, tables.found.values(), is_run=True)
        return project, score_anew(answer, Tables(project), cutoff=cutoff) if is_changed else scored
    folder = resolve_below(open_store(project.workspace).root, "tables")
    project = replace(project, sources={**project.sources, GIVEN: FilesSource(path=str(folder))})
    return project, score_table(answer, _bring_in(table, answer, folder, user=user))


def _bring_in(table: Path, answer: AnswerSpec, folder: Path, *, user: str | None) -> TableSpec:
    """Copy a table into the workspace, in the form that the run's own table has."""
    method, labels = answer.population.table.method, answer.model.dataset.labels.settings
    others = {spec.table.method.name for spec in answer.features} - {method.name}
    if others or method.time is not None or not isinstance(labels, LabelTable | ClassTable):
        raise DataError(
            "This run's features come from events or from several tables, so one table cannot stand in for them. "
            "Update the project's data and use --cutoff DATE."
        )
    if not table.is_file():
        raise DataError(f"There is no table {table}.")
    make_folder(folder, root=folder.parent)
    name = f"{fingerprint_files([table], names=[user or ''], cache_folder=None)}.parquet"
    file = resolve_below(folder, name)
    prepare_table(table, file, method=method, label=labels.label, user=user)
    restrict(file, root=folder.parent)
    given = replace(method, source=GIVEN, table=name, sql={}, parameters={})
    source = open_source(FilesSource(path=str(folder)), cache_folder=None)
    return TableSpec(method=given, data_version=source.data_version(given))
