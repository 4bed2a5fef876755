"""Run a finished run again from what is recorded of it, apart from the cache, and compare."""

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from yule.config.projects import Project
from yule.core.errors import CorruptedOutput, DataError, TaskFailed
from yule.downloads.keeping.days.kept import describe_days, find_days, find_wider_days, list_days
from yule.downloads.keeping.days.marks import read_editions
from yule.downloads.keeping.fetch import list_day_keys
from yule.downloads.keeping.task import DownloadTable, TableTarget
from yule.downloads.sources.engines import open_source
from yule.downloads.specs import TableSpec
from yule.pipeline.fetching import GIVEN, find_foreign
from yule.pipeline.graph import name_run
from yule.pipeline.report import WriteReport
from yule.pipeline.runs.publishing import list_answer, report_task
from yule.pipeline.runs.record import Run, run_place
from yule.pipeline.runs.trust import check_run
from yule.runtime.plan import plan_tasks
from yule.storage.objects.protocol import Objects
from yule.storage.record import FileDigest, parse_records, read_record, verify
from yule.storage.store import RECORD, Store
from yule.storage.task import Task


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What differs between a run and its repetition.

    Parameters
    ----------
    run_id
        The run.
    is_identical
        Whether the list, the report's figures and the model are the same bytes.
    files
        Names of the files of the answer that differ, sorted.
    n_outputs
        How many outputs of tasks could be compared: those that the cache still has.
    outputs
        The outputs that differ, as people know them, those first that others were made from.
    """

    run_id: str
    is_identical: bool
    files: tuple[str, ...]
    n_outputs: int
    outputs: tuple[str, ...]


def rebuild_report(run: Run) -> WriteReport:
    """Return the task that makes a run's answer anew.

    Raises
    ------
    TaskFailed
        If the code that is running means something else by what is recorded.
    """
    report = report_task(check_run(run))
    built = name_run(run.case, report)
    if built != run.run_id:
        raise TaskFailed(
            f"With the code that is running, {run.run_id} would be {built}: tasks have changed since. "
            f"Its own code is {run.code or 'not recorded'}."
        )
    return report


def check_rebuildable(run: Run, tasks: Sequence[Task], store: Store, project: Project) -> None:
    """Raise if outputs of a run that were lost could only be computed otherwise than they were.

    Parameters
    ----------
    run
        The run.
    tasks
        Those whose outputs were lost.
    store
        The workspace's store.
    project
        The project.

    Raises
    ------
    TaskFailed
        If the code that is running means something else by what is recorded.
    DataError
        If a table is neither in the cache nor, in the version of the run, in its source. Lists all.
    """
    rebuild_report(run)
    check_downloads(tasks, store, project)


def check_downloads(tasks: Sequence[Task], store: Store, project: Project) -> None:
    """Raise a DataError for tables that tasks need as they were, if they are neither cached nor in their source."""
    needed = [planned.task for planned in plan_tasks(tasks).to_run()]
    downloads = [task for task in needed if isinstance(task, DownloadTable) and task.spec.method.source != GIVEN]
    problems = [problem for task in downloads for problem in _check_source(task, store, project, kept=store)]
    if problems:
        raise DataError("\n".join(dict.fromkeys(problems)))


def lend_downloads(report: WriteReport, before: Store, after: Store, project: Project) -> None:
    """Put the tables that a run was made from into the store of its repetition, without copying them if possible.

    Parameters
    ----------
    report
        The task to be repeated.
    before, after
        The store of the run and that of its repetition, which are configured one after the other.
    project
        The project, for tables that the cache no longer has.

    Raises
    ------
    DataError
        If a table is neither in the cache nor, in the version of the run, in its source. Lists all.
    """
    problems = []
    for task in _list_tasks(report):
        if not isinstance(task, DownloadTable):
            continue
        key = task.output().key
        if after.find_published([key]):
            continue
        try:
            TableTarget(before, key).load_files()
        except CorruptedOutput:  # damaged, or no longer there
            for lent in find_days(before, task.spec).values() if task.spec.is_by_day else ():
                with suppress(CorruptedOutput):
                    _lend(lent, before, after)
            problems += _check_source(task, before, project, kept=after)
            continue
        for lent in (*_list_days(before, key), key):
            _lend(lent, before, after)
    if problems:
        raise DataError("\n".join(dict.fromkeys(problems)))


def compare(run: Run, report: WriteReport, before: Store, after: Store) -> Comparison:
    """Compare a run with its repetition; the repetition's store is the one that is configured.

    Parameters
    ----------
    run
        The run.
    report
        The task that was repeated.
    before, after
        The store of the run and that of its repetition.
    """
    files = []
    for name, file in sorted(list_answer(run).items()):
        is_derived = name == "report.html"  # made of report.json; of runs on a cluster it tells their costs, too
        if not is_derived and not _is_same(before.objects, f"{run_place(run.run_id)}/{name}", file):
            files.append(name)
    tasks = _list_tasks(report)
    families = {task.task_family for task in tasks}
    digests = [_read_digests(store, families) for store in (before, after)]
    both = [task for task in tasks if all(task.unique_id in found for found in digests)]
    different = [task.describe() for task in both if digests[0][task.unique_id] != digests[1][task.unique_id]]
    return Comparison(
        run_id=run.run_id,
        is_identical=not files,
        files=tuple(files),
        n_outputs=len(both),
        outputs=tuple(different),
    )


def _list_tasks(report: WriteReport) -> list[Task]:
    """Return all tasks of a run, those first that others require."""
    return [planned.task for planned in plan_tasks([report]).tasks.values()]


def _check_source(task: DownloadTable, store: Store, project: Project, *, kept: Store) -> list[str]:
    """Say why a table cannot be downloaded again, if it cannot; days that are kept in a store need not be."""
    spec, sources = task.spec, project.sources
    foreign = list(find_foreign(project, spec))
    if foreign:
        return foreign
    name = f"The table of {spec.method.name} is not cached any more, and"
    if spec.method.source not in sources:
        return [f"{name} the project has no source {spec.method.source!r}."]
    if spec.method.days is not None:
        return list(_find_lost_days(spec, store, kept, name))
    found = open_source(sources[spec.method.source], cache_folder=store.root).data_version(spec.method)
    if found == spec.data_version:
        return []
    return [f"{name} its source has other data now: version {found} instead of {spec.data_version}."]


def _find_lost_days(spec: TableSpec, store: Store, kept: Store, name: str) -> Iterator[str]:
    """Say which days are not kept any more as they were, and would come otherwise from their source now."""
    there = {*find_days(kept, spec), *find_wider_days(kept, spec)} if spec.is_by_day else set()
    missing = [day for day in list_days(spec) if day not in there]
    if not all(spec.is_final_on(day) for day in missing):
        yield f"{name} its last days were not final then."
    now = replace(spec, editions=read_editions(store, spec))
    changed = [day for day in missing if now.find_edition(day) != spec.find_edition(day)]
    if changed:
        yield f"{name} {describe_days(changed)} were fetched anew since: what they held for this run is gone."


def _list_days(store: Store, key: str) -> list[str]:
    folder = store.fetch(key)
    return [] if folder is None else list_day_keys(folder)


def _lend(key: str, before: Store, after: Store) -> None:
    cached = before.fetch(key)
    if cached is not None and not after.find_published([key]):
        verify(cached, key.rsplit("/", 1)[1])
        with after.staging() as folder:
            for name in (RECORD, *read_record(cached).files):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                _link(cached / name, folder / name)
            after.publish(folder, key)


def _read_digests(store: Store, families: Collection[str]) -> dict[str, dict[str, FileDigest]]:
    texts = (text for family in families for text in store.read_records(family))
    return {record.unique_id: record.files for record in parse_records(texts)}


def _link(source: Path, place: Path) -> None:
    try:
        os.link(source, place)
    except OSError:  # another file system
        shutil.copy2(source, place)


def _is_same(objects: Objects, name: str, file: Path) -> bool:
    """Compare a file of the workspace with one on this machine, part by part: lists of users may be large."""
    place = 0
    with file.open("rb") as stream:
        while (content := objects.read(name, start=place)) is not None:
            if content != stream.read(len(content) or 1):
                return False
            if not content:
                return True
            place += len(content)
    return False
