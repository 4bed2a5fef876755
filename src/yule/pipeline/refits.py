"""Steps: prepare the features of all labelled users, fit a member on them once more."""

from pathlib import Path

import luigi

from yule.core.seeds import derive_seed
from yule.core.settings import from_json, to_json
from yule.core.tracker import SilentTracker
from yule.features.stacked import map_stacked
from yule.models.members import Selective, read_member
from yule.models.protocol import FitContext
from yule.pipeline.fits import fold_fits
from yule.pipeline.labels import CollectLabels, read_examples
from yule.pipeline.specs import DatasetSpec, ModelSpec
from yule.pipeline.training import dataset_tasks, name_class
from yule.preparation.preparation import PREPARATION, fit_preparation, write_preparation
from yule.storage.task import Requires, Task
from yule.training.fitting import write_fit
from yule.training.members import SKIPPED
from yule.training.prepared import read_prepared, see_as_they_are, write_prepared
from yule.training.refits import count_rarer, find_least, find_n_steps, fit_whole, split_whole


class PrepareWhole(Task):
    """Fit what becomes of the features on all labelled users, where there are enough for refits.

    Parameters
    ----------
    dataset
        JSON of a :class:`~yule.pipeline.specs.DatasetSpec`.
    least
        How many users of the rarer kind are enough.
    """

    step = "train"

    dataset: luigi.Parameter[str] = luigi.Parameter()
    least: luigi.IntParameter = luigi.IntParameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"prepare all labelled users{name_class(from_json(DatasetSpec, self.dataset))}"

    def requires(self) -> Requires:
        """Need the labels and the features."""
        tasks = dataset_tasks(from_json(DatasetSpec, self.dataset))
        return {name: tasks[name] for name in ("labels", "stacked")}

    def write(self, folder: Path) -> None:
        """Write ``preparation.json`` and what the members see, unless that is all as it is; nothing for few users."""
        spec = from_json(DatasetSpec, self.dataset)
        examples = read_examples(spec, self.load("labels"))
        if count_rarer(examples) < self.least:
            return
        features = map_stacked(self.load("stacked"), n_rows=examples.n_examples)
        rows = split_whole(examples)
        preparation, _ = fit_preparation(
            spec.preparation,
            examples,
            features,
            train=rows.train,
            stop=rows.stop,
            horizon=spec.labels.settings.horizon,
            seed=derive_seed(spec.seed, "prepare", "whole"),
            n_threads=self.n_threads,
        )
        write_preparation(preparation, folder)
        write_prepared(preparation, examples, features, rows, folder=folder)


class RefitMember(Task):
    """Fit a member once more, on all labelled users, for as many steps as its folds needed.

    Parameters
    ----------
    dataset
        JSON of a :class:`~yule.pipeline.specs.DatasetSpec`.
    member
        JSON of the member's settings.
    least
        How many users of the rarer kind are enough.
    """

    step = "train"

    dataset: luigi.Parameter[str] = luigi.Parameter()
    member: luigi.Parameter[str] = luigi.Parameter()
    least: luigi.IntParameter = luigi.IntParameter()

    @property
    def memory_key(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"RefitMember/{read_member(self.member).name}"

    @property
    def preparation(self) -> PrepareWhole:
        """What prepares its features; all members share it."""
        return PrepareWhole(dataset=self.dataset, least=self.least)

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        name = read_member(self.member).name
        return f"fit {name} to all labelled users{name_class(from_json(DatasetSpec, self.dataset))}"

    def requires(self) -> Requires:
        """Need the labels, the features as they are and as they are prepared, and the fits of all folds."""
        spec = from_json(DatasetSpec, self.dataset)
        return {
            "labels": CollectLabels(labels=to_json(spec.labels)),
            "stacked": dataset_tasks(spec)["stacked"],
            "preparation": self.preparation,
            "fits": list(fold_fits(self.dataset, self.member)),
        }

    def write(self, folder: Path) -> None:
        """Write the model and ``fit.json``; nothing for few users, or where the member is left out."""
        fits = self.load("fits")
        if not (self.load("preparation") / PREPARATION).exists() or (fits[0] / SKIPPED).exists():
            return
        spec, member = from_json(DatasetSpec, self.dataset), read_member(self.member)
        prepared = read_prepared(self.load("preparation")) or see_as_they_are(map_stacked(self.load("stacked")))
        seed = derive_seed(spec.seed, "refit", member.name)
        context = FitContext(seed=seed, n_threads=self.n_threads, tracker=SilentTracker())
        examples = read_examples(spec, self.load("labels"))
        write_fit(fit_whole(member, examples, prepared, n_steps=find_n_steps(fits), context=context), folder)


def find_refits(spec: ModelSpec) -> dict[str, RefitMember]:
    """Return the refits of a model by member: of those that learn from its own labels alone, all of which are known."""
    least, labels = find_least(spec.refit), spec.dataset.labels.settings
    if least is None or labels.loss != "log_loss" or labels.per_positive is not None:
        return {}
    dataset = to_json(spec.dataset.own)
    return {
        member.name: RefitMember(dataset=dataset, member=to_json(member), least=least)
        for member in spec.members
        if not isinstance(member, Selective)
    }
