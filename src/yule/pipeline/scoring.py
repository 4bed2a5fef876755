"""Steps: score users with the model that a finished run keeps.

::

    TakeModel ─┬─► ScoreShard, each part and shard ─► RankScored
    FindPopulation, ComputeFeatures ─┘

Nothing of what the model was trained on is needed: neither its data nor the cache of its run.
"""

from pathlib import Path, PurePosixPath

import luigi

from yule.core.errors import CorruptedOutput, DataError
from yule.core.files import digest_file
from yule.core.settings import from_json, to_json
from yule.kinds import find_kind, read_kind
from yule.labels.population import read_population
from yule.pipeline.features import feature_files, features_at
from yule.pipeline.graph import find_bundles
from yule.pipeline.labels import population_task
from yule.pipeline.parts import divide
from yule.pipeline.runs.kept import KeptModel
from yule.pipeline.specs import AnswerSpec, ScoringSpec
from yule.prediction.bundle import BUNDLE, open_bundle
from yule.prediction.ranking import read_scores
from yule.prediction.shards import SCORES, predict_shard
from yule.storage.names import resolve_below
from yule.storage.opening import open_store
from yule.storage.task import Requires, Task


class TakeModel(Task):
    """Take the model of a run as its folder has it.

    Parameters
    ----------
    model
        JSON of a :class:`~yule.pipeline.runs.kept.KeptModel`.
    """

    step = "predict"

    model: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"model of {from_json(KeptModel, self.model).run}"

    def requires(self) -> Requires:
        """Need nothing: what it takes is kept beside the cache."""
        return {}

    def write(self, folder: Path) -> None:
        """Write the files of the model."""
        kept, store = from_json(KeptModel, self.model), open_store(self.workspace_directory)
        for name, digest in kept.files.items():
            file = resolve_below(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            if not store.objects.download(f"{kept.place}/{name}", file) or digest_file(file) != digest:
                raise DataError(
                    f"{store.describe(f'{kept.place}/{name}')} has changed while it was used. Run the same command "
                    "again."
                )
        for name in kept.files if kept.is_unproven else ():
            if PurePosixPath(name).name == BUNDLE:
                _try_to_open(resolve_below(folder, name).parent, store.describe(kept.place), kept.run)


class ScoreShard(Task):
    """Score one slice of a population with one part of a model: the whole of it, or that of one class.

    Parameters
    ----------
    model
        JSON of a :class:`~yule.pipeline.runs.kept.KeptModel`.
    scoring
        JSON of a :class:`~yule.pipeline.specs.ScoringSpec`.
    part
        Folder of the part in the model.
    shard
        Number of the slice, from 0.
    """

    step = "predict"

    model: luigi.Parameter[str] = luigi.Parameter()
    scoring: luigi.Parameter[str] = luigi.Parameter()
    part: luigi.Parameter[str] = luigi.Parameter()
    shard: luigi.IntParameter = luigi.IntParameter()

    @property
    def memory_key(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"ScoreShard/{from_json(ScoringSpec, self.scoring).shards}"

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"predict shard {self.shard}" + (f" of {self.part}" if self.part != "." else "")

    def requires(self) -> Requires:
        """Need the model, the population, and its features."""
        spec = from_json(ScoringSpec, self.scoring)
        return {
            "model": TakeModel(model=self.model),
            "population": population_task(spec.population),
            "features": list(features_at(spec.features, spec.population.cutoff)),
        }

    def write(self, folder: Path) -> None:
        """Write ``scores.parquet``."""
        model = self.load("model")
        predict_shard(
            open_bundle(model if self.part == "." else resolve_below(model, self.part)),
            feature_files(self.load("features")),
            read_population(self.load("population")),
            shard=self.shard,
            n_shards=from_json(ScoringSpec, self.scoring).shards,
            folder=folder,
            n_threads=self.n_threads,
        )


class RankScored(Task):
    """Rank a population by the scores of all parts of a model.

    Parameters
    ----------
    model
        JSON of a :class:`~yule.pipeline.runs.kept.KeptModel`.
    scoring
        JSON of a :class:`~yule.pipeline.specs.ScoringSpec`.
    """

    step = "predict"

    model: luigi.Parameter[str] = luigi.Parameter()
    scoring: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "rank the users"

    def requires(self) -> Requires:
        """Need all shards of all parts."""
        spec = from_json(ScoringSpec, self.scoring)
        return {
            "shards": [
                ScoreShard(model=self.model, scoring=self.scoring, part=part, shard=shard)
                for part in spec.parts
                for shard in range(spec.shards)
            ]
        }

    def write(self, folder: Path) -> None:
        """Write the lists of users, each as Parquet and CSV."""
        spec = from_json(ScoringSpec, self.scoring)
        names = spec.classes or ("",)
        files = divide([shard / SCORES for shard in self.load("shards")], len(names))
        read_kind(spec.kind).rank(read_scores(files, names), folder)


def score_kept(kept: KeptModel, answer: AnswerSpec) -> RankScored:
    """Return the task that ranks whom an answer scores, with a model that a run keeps."""
    labels = answer.model.dataset.labels.settings
    kind = find_kind(labels)
    scoring = ScoringSpec(
        kind=kind.name,
        features=answer.features,
        population=answer.population,
        shards=answer.shards,
        parts=tuple(find_bundles(answer.model)),
        classes=labels.class_names,
    )
    return RankScored(model=to_json(kept), scoring=to_json(scoring))


def _try_to_open(part: Path, place: str, run: str) -> None:
    """Raise a DataError that names where a model lies if it is damaged: runs of earlier versions know no digests."""
    try:
        open_bundle(part)
    except CorruptedOutput as error:
        raise DataError(
            f"The model of {run} in {place} is damaged. Put that folder back from a copy, or run the case again and "
            "score with its new run."
        ) from error
