"""Steps: bring the features of all cut-offs together, prepare those of a fold, fit a member on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import luigi
import numpy as np

from yule.core.dataset import Features
from yule.core.examples import Examples
from yule.core.seeds import derive_seed
from yule.core.settings import from_json, to_json
from yule.features.matrix import read_features
from yule.features.stacked import count_columns, map_stacked, write_stacked
from yule.labels.observe import read_labels
from yule.models.members import read_member
from yule.models.protocol import FitContext
from yule.pipeline.features import feature_files, features_at
from yule.pipeline.labels import AssignFolds, CollectLabels, find_draw, read_examples
from yule.pipeline.specs import DatasetSpec, Members, StackSpec
from yule.preparation.preparation import fit_preparation, write_preparation
from yule.preparation.selection.record import write_selection
from yule.preparation.settings import KeepAll, PreparationSettings
from yule.storage.names import resolve_below
from yule.storage.opening import open_store
from yule.storage.task import Requires, Task
from yule.tracking.events import EVENTS, EventWriter
from yule.training.fitting import fit_fold, write_fold_fit
from yule.training.folds import read_folds, split_fold
from yule.training.members import DECISION, SKIPPED, decide_members, measure_size, read_decisions, write_decisions
from yule.training.prepared import read_prepared, see_as_they_are, write_prepared


class StackFeatures(Task):
    """Put the features of all labelled users at all cut-offs into one table; all folds, members and classes share it.

    Parameters
    ----------
    stacked
        JSON of a :class:`~yule.pipeline.specs.StackSpec`.
    """

    step = "features"

    stacked: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "features of the labelled users"

    def requires(self) -> Requires:
        """Need the labels, and all features at the label cut-offs."""
        spec = from_json(StackSpec, self.stacked)
        return {
            "labels": CollectLabels(labels=to_json(spec.labels)),
            "features": [
                task for cutoff in spec.labels.settings.cutoffs for task in features_at(spec.features, cutoff)
            ],
        }

    def write(self, folder: Path) -> None:
        """Write the files of :mod:`yule.features.stacked`, rows as the examples."""
        spec = from_json(StackSpec, self.stacked)
        examples = read_labels(self.load("labels"))
        parts = _read_parts(spec, examples, self.load("features"))
        write_stacked(parts, n_rows=examples.n_examples, folder=folder)


class PrepareFold(Task):
    """Fit what becomes of the features on one fold's training users; all members share it, and what comes of it.

    Parameters
    ----------
    dataset
        JSON of a :class:`~yule.pipeline.specs.DatasetSpec`.
    fold
        The fold that is held out.
    """

    step = "train"

    revision: luigi.IntParameter = luigi.IntParameter(default=5)
    dataset: luigi.Parameter[str] = luigi.Parameter()
    fold: luigi.IntParameter = luigi.IntParameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"prepare fold {self.fold}{name_class(from_json(DatasetSpec, self.dataset))}"

    def requires(self) -> Requires:
        """Need the labels, the folds and the features."""
        return dict(_shared_tasks(self.dataset, workspace=self.workspace_directory))

    def write(self, folder: Path) -> None:
        """Write ``preparation.json``, ``selection.json`` and what the members see, unless that is all as it is."""
        spec = from_json(DatasetSpec, self.dataset)
        examples = read_examples(spec, self.load("labels"))
        features = map_stacked(self.load("stacked"), n_rows=examples.n_examples)
        rows = split_fold(examples, read_folds(self.load("folds")), self.fold)
        preparation, record = fit_preparation(
            spec.preparation,
            examples,
            features,
            train=rows.train,
            stop=rows.stop,
            horizon=spec.labels.settings.horizon,
            seed=derive_seed(spec.seed, "prepare", self.fold),
            n_threads=self.n_threads,
        )
        write_preparation(preparation, folder)
        write_prepared(preparation, examples, features, rows, folder=folder)
        write_selection(record, folder)


class DecideMembers(Task):
    """Decide by the size of the data whether members are fitted.

    Parameters
    ----------
    dataset
        JSON of a :class:`~yule.pipeline.specs.DatasetSpec` with nothing prepared and no seed.
    members
        JSON of the settings of the members. A fit asks for its own alone: who adds a member fits no other again.
    """

    step = "labels"

    dataset: luigi.Parameter[str] = luigi.Parameter()
    members: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        names = ", ".join(member.name for member in from_json(Members, self.members).members)
        return f"whether to fit {names}{name_class(from_json(DatasetSpec, self.dataset))}"

    def requires(self) -> Requires:
        """Need the labels and the features, of which it counts the columns."""
        tasks = _shared_tasks(self.dataset, workspace=self.workspace_directory)
        return {name: tasks[name] for name in ("labels", "stacked")}

    def write(self, folder: Path) -> None:
        """Write ``members.json``."""
        examples = read_examples(from_json(DatasetSpec, self.dataset), self.load("labels"))
        size = measure_size(examples, n_features=count_columns(self.load("stacked")))
        write_decisions(decide_members(from_json(Members, self.members).members, size), folder / DECISION)


class FitFold(Task):
    """Fit one member on one fold's training users; predict the users it did not see.

    Parameters
    ----------
    dataset
        JSON of a :class:`~yule.pipeline.specs.DatasetSpec`.
    member
        JSON of the member's settings.
    fold
        The fold that is held out.
    """

    step = "train"

    dataset: luigi.Parameter[str] = luigi.Parameter()
    member: luigi.Parameter[str] = luigi.Parameter()
    fold: luigi.IntParameter = luigi.IntParameter()

    @property
    def memory_key(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"FitFold/{read_member(self.member).name}"

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"fit {read_member(self.member).name} fold {self.fold}{name_class(from_json(DatasetSpec, self.dataset))}"

    def requires(self) -> Requires:
        """Need the labels, the folds, the features, what the fold has made of them, and whether it is to be fitted."""
        return {
            **_shared_tasks(self.dataset, workspace=self.workspace_directory),
            "preparation": PrepareFold(dataset=self.dataset, fold=self.fold),
            "decision": decision_task(self.dataset, self.member, workspace=self.workspace_directory),
        }

    def write(self, folder: Path) -> None:
        """Write the model, its out-of-fold predictions and ``fit.json``; ``skipped.json`` if it is left out."""
        (decision,) = read_decisions(self.load("decision") / DECISION)
        if decision.is_kept:
            self._fit(folder)
        else:
            write_decisions([decision], folder / SKIPPED)

    def _fit(self, folder: Path) -> None:
        spec = from_json(DatasetSpec, self.dataset)
        member = read_member(self.member)
        prepared = read_prepared(self.load("preparation")) or see_as_they_are(map_stacked(self.load("stacked")))
        with EventWriter(events_folder(self)) as tracker:
            context = FitContext(
                seed=derive_seed(spec.seed, "fit", member.name, self.fold), n_threads=self.n_threads, tracker=tracker
            )
            fit = fit_fold(
                member,
                read_examples(spec, self.load("labels")),
                prepared,
                read_folds(self.load("folds")),
                fold=self.fold,
                context=context,
                draw=find_draw(spec, "fit", member.name, self.fold),
            )
        write_fold_fit(fit, folder)


def fold_preparations(dataset: str) -> list[PrepareFold]:
    """Return the preparations of all folds."""
    own = from_json(DatasetSpec, dataset).own
    return [PrepareFold(dataset=to_json(own), fold=fold) for fold in range(own.folds.n_folds)]


def dataset_tasks(spec: DatasetSpec) -> dict[str, Requires]:
    """Return the tasks that hold a dataset: labels, folds, and the features of the labelled users."""
    return {
        "labels": CollectLabels(labels=to_json(spec.labels)),
        "folds": folds_task(spec),
        "stacked": StackFeatures(stacked=to_json(StackSpec(labels=spec.labels, features=spec.features))),
    }


@lru_cache(maxsize=64)
def _shared_tasks(dataset: str, *, workspace: str) -> Mapping[str, Requires]:
    """Return the tasks of a dataset, built once: luigi takes a millisecond for each, and all fits read them."""
    del workspace  # the tasks belong to it
    return dataset_tasks(from_json(DatasetSpec, dataset))


@lru_cache(maxsize=256)
def decision_task(dataset: str, member: str, *, workspace: str) -> DecideMembers:
    """Return the task that decides whether a member is fitted, built once for all folds."""
    del workspace  # the task belongs to it
    bare = replace(from_json(DatasetSpec, dataset), preparation=PreparationSettings(select=KeepAll()), seed=0)
    return DecideMembers(dataset=to_json(bare), members=to_json(Members(members=(read_member(member),))))


def folds_task(spec: DatasetSpec) -> AssignFolds:
    """Return the task that divides the labelled users: it depends neither on the features nor on one class.

    Only a draw of unlabelled users depends on the seed.
    """
    seed = 0 if spec.labels.settings.per_positive is None else spec.seed
    bare = replace(spec.own, features=(), preparation=PreparationSettings(select=KeepAll()), seed=seed, one_class=None)
    return AssignFolds(dataset=to_json(bare))


def name_class(spec: DatasetSpec) -> str:
    """Return what is added to the description of a step on one of several classes."""
    return "" if spec.one_class is None else f" of {spec.one_class}"


def _read_parts(spec: StackSpec, examples: Examples, folders: Sequence[Path]) -> Iterator[Features]:
    """Read the features of the examples cut-off by cut-off, as the examples are sorted."""
    n_sets = len(spec.features)
    for index, cutoff in enumerate(spec.labels.settings.cutoffs):
        user_ids = examples.user_ids[examples.cutoffs == np.datetime64(cutoff.replace(tzinfo=None), "us")]
        if len(user_ids):
            yield read_features(feature_files(folders[index * n_sets : (index + 1) * n_sets]), user_ids)


def events_folder(task: Task) -> Path:
    """Return the folder of a task's learning curves."""
    return resolve_below(open_store(task.workspace_directory).root, f"{EVENTS}/{task.unique_id}")
