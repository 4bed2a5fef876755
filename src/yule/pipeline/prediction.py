"""Steps: score a shard of the population, rank all of it."""

from dataclasses import replace
from pathlib import Path

import luigi

from yule.core.settings import from_json, to_json
from yule.kinds import find_kind
from yule.labels.population import read_population
from yule.pipeline.ensemble import BuildBundle
from yule.pipeline.features import feature_files, features_at
from yule.pipeline.labels import population_task
from yule.pipeline.parts import divide, find_parts, name_part
from yule.pipeline.specs import AnswerSpec
from yule.prediction.bundle import open_bundle
from yule.prediction.ranking import read_scores
from yule.prediction.shards import SCORES, predict_shard
from yule.storage.task import Requires, Task


class PredictShard(Task):
    """Score one slice of the population.

    Parameters
    ----------
    answer
        JSON of an :class:`~yule.pipeline.specs.AnswerSpec`.
    shard
        Number of the slice, from 0.
    """

    step = "predict"

    answer: luigi.Parameter[str] = luigi.Parameter()
    shard: luigi.IntParameter = luigi.IntParameter()

    @property
    def memory_key(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"PredictShard/{from_json(AnswerSpec, self.answer).shards}"

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"predict shard {self.shard}"

    def requires(self) -> Requires:
        """Need the bundle, the population, and its features."""
        spec = from_json(AnswerSpec, self.answer)
        return {
            "bundle": BuildBundle(model=to_json(spec.model)),
            "population": population_task(spec.population),
            "features": list(features_at(spec.features, spec.population.cutoff)),
        }

    def write(self, folder: Path) -> None:
        """Write ``scores.parquet``."""
        predict_shard(
            open_bundle(self.load("bundle")),
            feature_files(self.load("features")),
            read_population(self.load("population")),
            shard=self.shard,
            n_shards=from_json(AnswerSpec, self.answer).shards,
            folder=folder,
            n_threads=self.n_threads,
        )


class RankUsers(Task):
    """Rank the whole population by what the models of the case say of it.

    Parameters
    ----------
    answer
        JSON of an :class:`~yule.pipeline.specs.AnswerSpec`.
    """

    step = "predict"

    answer: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "rank the users"

    def requires(self) -> Requires:
        """Need all shards of all models."""
        spec = from_json(AnswerSpec, self.answer)
        answers = [to_json(replace(spec, model=part)) for part in find_parts(spec.model)]
        return {"shards": [PredictShard(answer=one, shard=shard) for one in answers for shard in range(spec.shards)]}

    def write(self, folder: Path) -> None:
        """Write the lists of users, each as Parquet and CSV."""
        spec = from_json(AnswerSpec, self.answer)
        names = [name_part(part) for part in find_parts(spec.model)]
        files = divide([shard / SCORES for shard in self.load("shards")], len(names))
        find_kind(spec.model.dataset.labels.settings).rank(read_scores(files, names), folder)
