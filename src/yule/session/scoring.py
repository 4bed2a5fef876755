"""Whom ``yule predict`` scores: the population at another cut-off, or the users of another table."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from yule.config.projects import Project
from yule.config.scaffold import Prepared, prepare_table
from yule.core.errors import DataError
from yule.downloads.keeping.fingerprints import fingerprint_files
from yule.downloads.settings import FilesSource, Method
from yule.downloads.sources.engines import open_source
from yule.downloads.specs import Query, TableSpec
from yule.pipeline.fetching import GIVEN
from yule.pipeline.graph import score_anew, score_table
from yule.pipeline.specs import AnswerSpec
from yule.session.graphs import build_renewed
from yule.session.show import Show
from yule.storage.names import resolve_below
from yule.storage.opening import open_store
from yule.storage.permissions import make_folder, restrict


@dataclass(frozen=True, kw_only=True)
class GivenTable:
    """A table that is given to be scored.

    Parameters
    ----------
    file
        A CSV or Parquet file.
    user
        Its column with the user id; None for the one that the project was made with.
    encoding
        Of a CSV file without a mark that says its own; empty for UTF-8.
    """

    file: Path
    user: str | None = None
    encoding: str = ""


def describe_prepared(prepared: Prepared, cutoff: datetime) -> Iterator[str]:
    """Yield what a person should know of a table that is scored."""
    if prepared.user is None:
        yield "users are called by the numbers of their rows, as in the project; --user COLUMN takes their ids"
    for found in prepared.unusable:
        values = f"{found.count} values, for example {found.example!r},"
        if found.why == "late":
            yield (
                f"{found.column}: {values} are not before the cut-off {cutoff:%Y-%m-%d}, and missing for the model; "
                "--cutoff DATE scores as of a later day"
            )
        else:
            yield f"{found.column}: {values} are of no user that the model was trained on"


def choose_answer(
    project: Project, answer: AnswerSpec, show: Show, *, cutoff: datetime, table: GivenTable | None
) -> tuple[Project, AnswerSpec, Prepared | None]:
    """Return what keys the scoring, and the project with the source that it reads.

    Parameters
    ----------
    project
        The project.
    answer
        That of a finished run.
    show
        Who is told what people should know of the tables.
    cutoff
        Users are scored as of this instant, from the project's data as they are now.
    table
        A table of users to score instead; what came of it is given, too.
    """
    if table is None:
        scored = build_renewed(project, lambda tables: score_anew(answer, tables, cutoff=cutoff), show)
        return project, scored, None
    folder = resolve_below(open_store(project.workspace).root, "tables")
    spec, prepared = _bring_in(project, table, answer, folder, cutoff=cutoff)
    project = replace(project, sources={**project.sources, GIVEN: FilesSource(path=str(folder))})
    return project, score_table(answer, spec, cutoff=cutoff), prepared


def _bring_in(
    project: Project, table: GivenTable, answer: AnswerSpec, folder: Path, *, cutoff: datetime
) -> tuple[TableSpec, Prepared]:
    """Copy a table into the workspace, in the form that the run's own table has."""
    method, labels = answer.population.table.method, answer.model.dataset.labels.settings
    others = {spec.table.method.name for spec in answer.features} - {method.name}
    if others or method.time is not None or labels.label is None:
        raise DataError(
            "This run's features come from events or from several tables, so one table cannot stand in for them. "
            "Update the project's data and use --cutoff DATE."
        )
    if not table.file.is_file():
        raise DataError(f"There is no table {table.file}.")
    make_folder(folder, root=folder.parent)
    words = f"{table.user or ''} {table.encoding}".strip()
    name = f"{fingerprint_files([table.file], names=[words], cache_folder=None)}.parquet"
    file = resolve_below(folder, name)
    prepared = prepare_table(
        table.file,
        file,
        method=method,
        label=labels.label,
        user=table.user,
        cutoff=cutoff,
        known=_find_known(project, method, labels.label),
        encoding=table.encoding,
    )
    restrict(file, root=folder.parent)
    given = replace(method, source=GIVEN, table=name, sql={}, parameters={})
    source = open_source(FilesSource(path=str(folder)), cache_folder=None)
    return TableSpec(method=given, data_version=source.data_version(given)), prepared


def _find_known(project: Project, method: Method, label: str) -> dict[str, list[str]]:
    """Return the values of each column of text in the project's own table; nothing if that is not at hand."""
    names = tuple(
        column.name for column in method.columns if column.type == "string" and column.name not in (method.user, label)
    )
    if method.source not in project.sources or not names:
        return {}
    source = open_source(project.sources[method.source], cache_folder=None)
    try:
        rows = source.read(Query(method=method, columns=names), n_threads=1).read_all()
    except DataError:  # not there any more: the model does not need it
        return {}
    return {name: [value for value in rows[name].unique().to_pylist() if value is not None] for name in names}
