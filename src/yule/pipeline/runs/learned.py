"""What the features of a run have learned of its data: with it users are scored, whatever became of cache and data.

A run keeps the outputs of the tasks that learned it, with their records, and lends them to the cache.
"""

from collections.abc import Iterable

from yule.core.errors import CorruptedOutput
from yule.features.settings import FeatureSpec
from yule.pipeline.features import Learning, learn_for
from yule.pipeline.runs.record import LEARNED, Run, run_place
from yule.storage.names import resolve_below
from yule.storage.record import read_record, verify
from yule.storage.store import RECORD, Store


def keep_learned(store: Store, run: Run) -> None:
    """Put what a finished run's features have learned into its folder, as far as the cache has it."""
    for task in _list_learning(run.asked.features):
        if task.complete():
            output = task.output().load()
            for name in (*read_record(output).files, RECORD):
                store.objects.write(f"{_place(run, task)}/{name}", output / name)


def lend_learned(store: Store, run: Run, features: Iterable[FeatureSpec]) -> None:
    """Put what features have learned into the cache, if that has it no more and the folder of a run has it whole.

    Parameters
    ----------
    store
        The workspace's store.
    run
        The run.
    features
        What is to be computed.
    """
    for task in _list_learning(features):
        if not task.complete():
            _lend(store, _place(run, task), task)


def _lend(store: Store, place: str, task: Learning) -> None:
    with store.staging() as folder:
        for name in store.objects.list(f"{place}/"):
            store.objects.download(name, resolve_below(folder, name.removeprefix(f"{place}/")))
        try:
            verify(folder, task.unique_id)
        except CorruptedOutput:  # or not there: it is learned again, if the data still are what they were
            return
        store.publish(folder, task.output().key)


def _list_learning(features: Iterable[FeatureSpec]) -> list[Learning]:
    return [task for task in map(learn_for, features) if task is not None]


def _place(run: Run, task: Learning) -> str:
    return f"{run_place(run.run_id)}/{LEARNED}/{task.task_family}/{task.unique_id}"
