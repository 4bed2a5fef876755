"""Which outputs runs are made of: what they need to go on, to be repeated and to be looked into."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from yule.core.errors import WorkspaceError
from yule.pipeline.graph import find_whole, name_run
from yule.pipeline.runs.publishing import report_task
from yule.pipeline.runs.record import Run
from yule.pipeline.runs.trust import check_run
from yule.runtime.plan import list_tasks
from yule.storage.record import parse_records
from yule.storage.store import Store


def find_needed(store: Store, runs: Sequence[Run], families: Iterable[str]) -> set[str]:
    """Return the unique ids of the tasks whose outputs runs are made of.

    Of a run that this version of Yule cannot rebuild, they are those that the records in the cache lead to, from its
    report and its fits on.

    Parameters
    ----------
    store
        The workspace's store.
    runs
        The runs.
    families
        The families of outputs that the cache has.
    """
    needed, foreign = set(), []
    for run in runs:
        ids = _rebuild(run)
        needed |= ids
        foreign += [] if ids else [run]
    return needed | (_follow_records(store, foreign, families) if foreign else set())


def _rebuild(run: Run) -> set[str]:
    """Return the ids of a run's tasks; nothing where they would be others than they were."""
    with suppress(WorkspaceError):
        report = report_task(check_run(run))
        if name_run(run.case, report) == run.run_id:
            return {task.unique_id for task in list_tasks(find_whole(run.asked, report))}
    return set()


def _follow_records(store: Store, runs: Iterable[Run], families: Iterable[str]) -> set[str]:
    records = list(parse_records(text for family in families for text in store.read_records(family)))
    requires = {record.unique_id: record.requires for record in records}
    ends = tuple(run.run_id.rsplit("-", 1)[1] for run in runs)  # a run is called by the beginning of its report's id
    waiting = [unique_id for unique_id in requires if unique_id.startswith(ends)]
    waiting += [unique_id for run in runs for unique_id in run.fits.values()]
    needed: set[str] = set()
    while waiting:
        unique_id = waiting.pop()
        if unique_id not in needed:
            needed.add(unique_id)
            waiting += requires.get(unique_id, ())
    return needed
