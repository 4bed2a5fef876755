"""Steps: find the population, observe the labels, divide the labelled users into folds."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import luigi

from yule.core.examples import Examples, divide_classes
from yule.core.seeds import derive_seed
from yule.core.settings import from_json, to_json
from yule.downloads.keeping.task import DownloadTable, Reader
from yule.labels.observe import is_mature, read_labels, read_summary, write_labels
from yule.labels.population import KnownUsers, write_population
from yule.labels.settings import LabelSpec, name_kinds
from yule.pipeline.specs import DatasetSpec, PopulationSpec
from yule.sql.conditions import is_local
from yule.storage.task import Requires, Task
from yule.training.bags import Draw, thin_validation
from yule.training.folds import assign_folds, write_folds


class FindPopulation(Reader):
    """List the users of a population as of a cut-off.

    Parameters
    ----------
    population
        JSON of a :class:`~yule.pipeline.specs.PopulationSpec`.
    """

    step = "labels"

    population: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"population at {from_json(PopulationSpec, self.population).cutoff:%Y-%m-%d}"

    def requires(self) -> Requires:
        """Need the table the users come from, and the list of those who are left out."""
        spec = from_json(PopulationSpec, self.population)
        table: dict[str, Requires] = {"table": DownloadTable(table=to_json(spec.table))}
        return table if spec.known is None else table | {"known": DownloadTable(table=to_json(spec.known))}

    def write(self, folder: Path) -> None:
        """Write ``population.parquet``."""
        spec = from_json(PopulationSpec, self.population)
        known = None if spec.known is None else KnownUsers(method=spec.known.method, table=self.load_table("known"))
        write_population(
            spec.population,
            spec.table.method,
            self.load_table("table"),
            cutoff=spec.cutoff,
            folder=folder,
            n_threads=self.n_threads,
            known=known,
        )


class CollectLabels(Reader):
    """Observe the labels of the population at every cut-off.

    Parameters
    ----------
    labels
        JSON of a :class:`~yule.labels.settings.LabelSpec`.
    """

    step = "labels"

    revision: luigi.IntParameter = luigi.IntParameter(default=6)
    labels: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "labels"

    def requires(self) -> Requires:
        """Need the table of events or labels, and the one the population comes from."""
        spec = from_json(LabelSpec, self.labels)
        return {
            "table": DownloadTable(table=to_json(spec.table)),
            "population": DownloadTable(table=to_json(spec.population_table)),
        }

    def write(self, folder: Path) -> None:
        """Write ``examples.parquet`` and ``labels.json``."""
        spec = from_json(LabelSpec, self.labels)
        table, population = self.load_table("table"), self.load_table("population")
        write_labels(spec, table, population, folder=folder, n_threads=self.n_threads)


class ObserveOutcome(Reader):
    """See what came of the scored users, if the horizon after the predict cut-off has closed in the data.

    Nothing that is trained reads this: it is for the report alone.

    Parameters
    ----------
    labels
        JSON of a :class:`~yule.labels.settings.LabelSpec` with a rule.
    cutoff
        The predict cut-off, ISO 8601.
    """

    step = "labels"

    revision: luigi.IntParameter = luigi.IntParameter(default=3)
    labels: luigi.Parameter[str] = luigi.Parameter()
    cutoff: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "outcome of the scored users"

    def requires(self) -> Requires:
        """Need what the labels need."""
        return CollectLabels(labels=self.labels).requires()

    def write(self, folder: Path) -> None:
        """Write what :class:`CollectLabels` writes, or nothing when the horizon is still open."""
        spec = from_json(LabelSpec, self.labels)
        cutoff = datetime.fromisoformat(self.cutoff)
        table, population = self.load_table("table"), self.load_table("population")
        if spec.settings.is_rule and is_mature(spec.settings, spec.table, cutoff, table):
            spec = replace(spec, settings=replace(spec.settings, cutoffs=(cutoff,)))
            write_labels(spec, table, population, folder=folder, n_threads=self.n_threads, min_positives=0)


class AssignFolds(Task):
    """Divide the labelled users into folds.

    Parameters
    ----------
    dataset
        JSON of a :class:`~yule.pipeline.specs.DatasetSpec` without features and with nothing prepared.
    """

    step = "labels"

    revision: luigi.IntParameter = luigi.IntParameter(default=2)
    dataset: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "folds"

    def requires(self) -> Requires:
        """Need the labels."""
        return {"labels": CollectLabels(labels=to_json(from_json(DatasetSpec, self.dataset).labels))}

    def write(self, folder: Path) -> None:
        """Write ``folds.parquet``."""
        spec = from_json(DatasetSpec, self.dataset)
        examples, labels = read_labels(self.load("labels")), spec.labels.settings
        folds = assign_folds(
            examples,
            spec.folds,
            horizon=labels.horizon,
            immature=read_summary(self.load("labels")).immature,
            kinds=name_kinds(labels),
        )
        draw = find_draw(spec, "held-out")
        if draw is not None:
            folds = thin_validation(folds, examples.labels, draw)
        write_folds(folds, folder)


def population_task(spec: PopulationSpec) -> FindPopulation:
    """Return the task that lists a population: conditions on times of another zone have changed what they mean."""
    revision = 1 + is_local(spec.population.where, [spec.table.method])
    return FindPopulation(population=to_json(spec), revision=revision)


def read_examples(spec: DatasetSpec, folder: Path) -> Examples:
    """Read the examples of a dataset from the folder of :class:`CollectLabels`: one class's are 1, the rest's 0."""
    examples, labels = read_labels(folder), spec.labels.settings
    if spec.one_class is None:
        return examples
    return divide_classes(examples, labels.class_names).column(spec.one_class)


def find_draw(spec: DatasetSpec, *names: str | int) -> Draw | None:
    """Return how a step draws unlabelled users; None where every label is known.

    Parameters
    ----------
    spec
        The dataset.
    names
        What the step is: every step draws its own.
    """
    per_positive = spec.labels.settings.per_positive
    if per_positive is None:
        return None
    return Draw(per_positive=per_positive, seed=derive_seed(spec.seed, "draw", *names))
