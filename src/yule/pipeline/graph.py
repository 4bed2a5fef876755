"""The graph of a case: from project and case to the task whose output is the answer. Here one sees everything.

::

    DownloadTable ─┬─ LearnVocabulary ─► ComputeFeatures ─┬─► FitFold ─┬─► BlendMembers ─► BuildBundle
                   ├─► CollectLabels ─► AssignFolds ──────┘            └──────────────────────┘  │
                   └─► FindPopulation, ComputeFeatures at the predict cut-off ─► PredictShard ◄──┘
                                                      PredictShard ─► RankUsers ─► WriteReport
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from yule.config.cases import Case
from yule.config.projects import Project
from yule.core.errors import DataError
from yule.core.settings import Json, canonical_json, to_json, to_plain
from yule.downloads.settings import FilesSource, Method, TableSpec
from yule.downloads.sources import open_source
from yule.features.settings import FeatureSet, FeatureSpec
from yule.features.vocabulary import learn_vocabulary_date
from yule.labels.settings import EventRule, LabelSpec
from yule.pipeline.ensemble import BuildBundle
from yule.pipeline.labels import CollectLabels
from yule.pipeline.prediction import RankUsers
from yule.pipeline.report import WriteReport
from yule.pipeline.specs import AnswerSpec, DatasetSpec, ModelSpec, PopulationSpec, ReportSpec
from yule.pipeline.training import fold_fits
from yule.storage.opening import open_store


@dataclass(frozen=True, kw_only=True)
class CaseGraph:
    """The graph of one case.

    Parameters
    ----------
    case
        The case.
    answer
        What keys the tasks.
    report
        The task that requires all others.
    """

    case: Case
    answer: AnswerSpec
    report: WriteReport

    @property
    def ranking(self) -> RankUsers:
        """The task that writes the list."""
        return RankUsers(answer=to_json(self.answer))

    @property
    def labels(self) -> CollectLabels:
        """The task that observes the labels."""
        return CollectLabels(labels=to_json(self.answer.model.dataset.labels))

    @property
    def bundle(self) -> BuildBundle:
        """The task that gathers the model."""
        return BuildBundle(model=to_json(self.answer.model))

    @property
    def run_id(self) -> str:
        """Name of the run: the case and the key of all that goes into it."""
        return name_run(self.case.name, self.report)

    def find_fits(self) -> dict[str, str]:
        """Return the unique id of every fit by member and fold: ``lightgbm/fold-2``."""
        dataset = to_json(self.answer.model.dataset)
        return {
            f"{member.name}/fold-{fit.fold}": fit.unique_id
            for member in self.answer.model.members
            for fit in fold_fits(dataset, to_json(member))
        }


class Tables:
    """The tables of a project with the versions of their data, each looked up once.

    Parameters
    ----------
    project
        The project.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.find = cache(self._find)

    def check(self, downloads: Iterable[str]) -> None:
        """Raise one DataError for all downloads whose data are not at hand."""
        problems = []
        for download in sorted(set(downloads)):
            try:
                self.find(download)
            except DataError as error:
                problems.append(str(error))
        if problems:
            raise DataError("\n".join(problems))

    def _find(self, download: str) -> TableSpec:
        method = self.project.downloads[download]
        cache_folder = open_store(self.project.workspace).root
        source = open_source(self.project.sources[method.source], cache_folder=cache_folder)
        return TableSpec(method=_without_notes(method), data_version=source.data_version(method))


def build_graph(case: Case, tables: Tables) -> CaseGraph:
    """Build the graph of a case.

    Raises
    ------
    DataError
        If the data of a download are not at hand.
    """
    feature_sets = [tables.project.feature_sets[name] for name in case.feature_sets]
    tables.check([_labels_download(case), case.population.download, *(item.download for item in feature_sets)])
    first_cutoff = min(case.labels.cutoffs)
    features = tuple(_specify_features(feature_set, tables, first_cutoff) for feature_set in feature_sets)
    population = PopulationSpec(
        population=case.population, table=tables.find(case.population.download), cutoff=case.predict.cutoff
    )
    answer = AnswerSpec(
        model=ModelSpec(
            dataset=DatasetSpec(
                labels=_specify_labels(case, tables), features=features, folds=case.folds, seed=case.seed
            ),
            members=case.members,
            ensemble=case.ensemble,
        ),
        features=features,
        population=population,
        shards=case.predict.shards,
    )
    return _finish_graph(case, answer)


def score_anew(answer: AnswerSpec, tables: Tables, *, cutoff: datetime) -> AnswerSpec:
    """Return the answer of a finished run's model for another cut-off, or for newer data.

    The model stays what it was; the population and its features are taken from the project's data as they are now.
    """
    features = tuple(replace(spec, table=tables.find(spec.settings.download)) for spec in answer.features)
    population = replace(answer.population, table=tables.find(answer.population.population.download), cutoff=cutoff)
    return replace(answer, features=features, population=population)


def score_table(answer: AnswerSpec, table: TableSpec) -> AnswerSpec:
    """Return the answer of a finished run's model for the users of another table, as of the run's own cut-off."""
    features = tuple(replace(spec, table=table) for spec in answer.features)
    return replace(answer, features=features, population=replace(answer.population, table=table))


def name_run(case: str, report: WriteReport) -> str:
    """Return the name of the run of a case whose last task is a report."""
    return f"{case}-{report.unique_id[:8]}"


def sources_json(sources: Mapping[str, FilesSource]) -> str:
    """Write a project's sources the way tasks take them."""
    plain: dict[str, Json] = {name: to_plain(source) for name, source in sources.items()}
    return canonical_json(plain)


def _specify_features(feature_set: FeatureSet, tables: Tables, first_cutoff: datetime) -> FeatureSpec:
    return FeatureSpec(
        settings=feature_set,
        table=tables.find(feature_set.download),
        learn_before=learn_vocabulary_date(feature_set, first_cutoff),
    )


def _specify_labels(case: Case, tables: Tables) -> LabelSpec:
    labels = case.labels
    return LabelSpec(
        settings=labels,
        table=tables.find(_labels_download(case)),
        population=case.population,
        population_table=tables.find(case.population.download),
    )


def _labels_download(case: Case) -> str:
    return case.labels.event if isinstance(case.labels, EventRule) else case.labels.download


def _finish_graph(case: Case, answer: AnswerSpec) -> CaseGraph:
    report = ReportSpec(case=case.name, question=case.question, resolved=case.resolved)
    return CaseGraph(
        case=case,
        answer=answer,
        report=WriteReport(answer=to_json(answer), report=to_json(report)),
    )


def _without_notes(method: Method) -> Method:
    """Drop what is for the reader and does not change the data."""
    columns = tuple(replace(column, meaning="") for column in method.columns)
    return replace(method, columns=columns, description="", owner="")
