"""Step: check labels, features, folds and the population."""

from pathlib import Path

import luigi
import numpy as np

from yule.checks.evidence import (
    MAX_SAMPLE,
    Evidence,
    Sample,
    Snapshot,
    choose_examples,
    choose_users,
    take_folds,
)
from yule.checks.finding import write_findings
from yule.checks.listing import find_findings
from yule.core.seeds import derive_seed
from yule.core.settings import from_json, to_json
from yule.features.matrix import read_features
from yule.features.stacked import map_stacked
from yule.kinds import find_kind
from yule.labels.observe import read_labels, read_summary
from yule.labels.population import read_population
from yule.pipeline.features import feature_files, features_at
from yule.pipeline.labels import population_task
from yule.pipeline.specs import AnswerSpec, CheckSpec
from yule.pipeline.training import dataset_tasks
from yule.storage.task import Requires, Task
from yule.training.folds import read_folds


class CheckData(Task):
    """Look at labels, features, folds and the population the way a careful colleague would. No member is trained.

    Parameters
    ----------
    checked
        JSON of a :class:`~yule.pipeline.specs.CheckSpec`.
    """

    step = "labels"

    revision: luigi.IntParameter = luigi.IntParameter(default=6)
    checked: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "checks"

    def requires(self) -> Requires:
        """Need the labels, the folds, the population, and the features of both."""
        spec = from_json(CheckSpec, self.checked)
        return {
            **dataset_tasks(spec.dataset),
            "population": population_task(spec.population),
            "scored": list(features_at(spec.features, spec.population.cutoff)),
        }

    def write(self, folder: Path) -> None:
        """Write ``checks.json``."""
        labels = from_json(CheckSpec, self.checked).dataset.labels.settings
        write_findings(find_findings(self._gather(), find_kind(labels).checks), folder)

    def _gather(self) -> Evidence:
        spec = from_json(CheckSpec, self.checked)
        seed = derive_seed(spec.dataset.seed, "checks")
        examples, folds = read_labels(self.load("labels")), read_folds(self.load("folds"))
        labels = spec.dataset.labels.settings
        rows = choose_examples(examples, most=MAX_SAMPLE, seed=seed)
        users = read_population(self.load("population"))
        users = users[choose_users(users, most=MAX_SAMPLE, seed=seed)]
        return Evidence(
            examples=examples,
            folds=folds,
            horizon=labels.horizon,
            summary=read_summary(self.load("labels")),
            sample=Sample(
                examples=examples.take(rows),
                folds=take_folds(folds, rows),
                features=map_stacked(self.load("stacked")).take(rows),
            ),
            scored=Snapshot(
                user_ids=users,
                features=read_features(feature_files(self.load("scored")), users),
                cutoff=np.datetime64(spec.population.cutoff.replace(tzinfo=None), "us"),
            ),
            seed=seed,
            classes=labels.class_names,
        )


def checks_task(answer: AnswerSpec) -> CheckData:
    """Return the task that checks what an answer is made from: it does not depend on the members."""
    spec = CheckSpec(dataset=answer.model.dataset, features=answer.features, population=answer.population)
    return CheckData(checked=to_json(spec))
