"""The graph of a case: from project and case to the task whose output is the answer. Here one sees everything.

::

    DownloadTable ─┬─ LearnVocabulary ─► ComputeFeatures ─► StackFeatures ─┬─► PrepareFold ─► FitFold ─► BlendMembers ─┐
                   ├─► CollectLabels ─► AssignFolds ───────────────────────┘                    └─► BuildBundle ◄──────┘
                   └─► FindPopulation, ComputeFeatures at the predict cut-off ─► PredictShard ◄─────────┘
                     labels, folds, features, population ─► CheckData ─► WriteReport ◄─ RankUsers ◄─ PredictShard

Every FitFold asks :class:`~yule.pipeline.training.DecideMembers`, which counts labels and features, whether its member
is to be fitted.
Of one of several classes, every step from PrepareFold to PredictShard runs once per class
(:mod:`yule.pipeline.parts`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Literal

from yule.config.cases import Case
from yule.config.projects import Project
from yule.config.questions import Question
from yule.core.errors import DataError, WorkspaceError
from yule.core.settings import to_json
from yule.downloads.keeping.fetch import narrow, specify
from yule.downloads.settings import DAY, Method
from yule.downloads.specs import FINAL, Payer, TableSpec
from yule.features.auto import propose_roles
from yule.features.settings import (
    EventFeatures,
    FeatureSet,
    FeatureSpec,
    RoleFeatures,
    find_joins,
    has_to_learn,
)
from yule.labels.settings import (
    EventRule,
    Labels,
    LabelSpec,
    Population,
)
from yule.pipeline.asking import AnswerQuestion, AskSpec
from yule.pipeline.checks import CheckData, checks_task
from yule.pipeline.ensemble import BuildBundle
from yule.pipeline.feature_sets import asks_questions, find_feature_sets, is_own_roles, name_columns
from yule.pipeline.features import learn_for
from yule.pipeline.fetching import Goal
from yule.pipeline.fits import fold_fits
from yule.pipeline.labels import AssignFolds, CollectLabels, ObserveOutcome
from yule.pipeline.parts import find_parts, name_folder, name_part
from yule.pipeline.prediction import RankUsers
from yule.pipeline.report import WriteReport, outcome_task
from yule.pipeline.shelf.learned import LearnedModels, choose_learned, find_learned
from yule.pipeline.shelf.taking import check_taken
from yule.pipeline.specs import AnswerSpec, DatasetSpec, ModelSpec, PopulationSpec, ReportSpec
from yule.pipeline.training import folds_task
from yule.questions.settings import QuestionSpec, align_cutoff, choose_cutoffs
from yule.runtime.plan import find_complete
from yule.sql.conditions import find_columns
from yule.storage.opening import open_store
from yule.storage.task import Task


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
    def labels(self) -> CollectLabels:
        """The task that observes the labels."""
        return CollectLabels(labels=to_json(self.answer.model.dataset.labels))

    @property
    def folds(self) -> AssignFolds:
        """The task that divides the labelled users."""
        return folds_task(self.answer.model.dataset)

    @property
    def checks(self) -> CheckData:
        """The task that checks the data."""
        return checks_task(self.answer)

    @property
    def whole(self) -> tuple[Task, ...]:
        """The tasks whose outputs make up a finished run."""
        return find_whole(self.answer, self.report)

    @property
    def goals(self) -> tuple[Goal, ...]:
        """What a run of the case asks for."""
        return tuple(Goal(task=task, payer=self.payer) for task in self.whole)

    def is_finished(self) -> bool:
        """Say whether the report, the list and the model are there."""
        return len(find_complete(self.whole)) == len(self.whole)

    @property
    def run_id(self) -> str:
        """Name of the run: the case and the key of all that goes into it."""
        return name_run(self.case.name, self.report)

    @property
    def payer(self) -> Payer:
        """Who pays for what is fetched for it: its run."""
        return Payer(run=self.run_id, case=self.case.name)

    def find_fits(self) -> dict[str, str]:
        """Return the unique id of every fit by member, class if any, and fold: ``lightgbm/BEER/fold-2``."""
        whole = self.answer.model
        parts = {f"/{name_folder(part)}" if name_part(part) else "": part for part in find_parts(whole)}
        return {
            f"{member.name}{part}/fold-{fit.fold}": fit.unique_id
            for member in whole.members
            for part, model in parts.items()
            for fit in fold_fits(to_json(model.dataset), to_json(member))
        }


class Tables:
    """The tables of a project with the versions of their data, each looked up once.

    Parameters
    ----------
    project
        The project.

    Attributes
    ----------
    found
        The tables that were looked up, with all their columns, by method.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.found: dict[str, TableSpec] = {}

    def check(self, downloads: Iterable[str]) -> None:
        """Raise one DataError for all downloads whose data are not at hand."""
        problems = []
        for download in sorted(set(downloads)):
            try:
                self._specify(download)
            except DataError as error:
                problems.append(str(error))
        if problems:
            raise DataError("\n".join(problems))

    def find(self, download: str, columns: Iterable[str] | None, *, before: datetime | None = None) -> TableSpec:
        """Return what is read of a table.

        Parameters
        ----------
        download
            Its method.
        columns
            The columns that are read besides user and time; None for all that say nothing of who a person is.
        before
            No row at this instant or later is read; None for all rows there are.
        """
        table = narrow(self._specify(download), columns)
        return table if before is None else table.before(before)

    def _specify(self, download: str) -> TableSpec:
        if download not in self.found:
            store = open_store(self.project.workspace)
            self.found[download] = specify(self.project.downloads[download], self.project.fetching, store)
        return self.found[download]


def build_graph(case: Case, tables: Tables) -> CaseGraph:
    """Build the graph of a case.

    Raises
    ------
    DataError
        If the data of a download are not at hand.
    """
    feature_sets = find_feature_sets(case, tables.project)
    last_cutoff, cutoff = max(case.labels.cutoffs), case.predict.cutoff
    downloads = [
        case.labels.method,
        case.population.download,
        *(download for item in feature_sets for download in _read_downloads(item)),
    ]
    _refuse_within_days(
        (tables.project.downloads[name] for name in downloads),
        (*case.labels.cutoffs, last_cutoff + case.labels.horizon, cutoff),
    )
    tables.check(downloads)
    labels = LabelSpec(
        settings=case.labels,
        table=_find_labels(case.labels, tables, before=last_cutoff + case.labels.horizon),
        population=case.population,
        population_table=_find_population(case.population, tables, before=last_cutoff),
    )
    questions, members = _specify_questions(feature_sets, case, tables), case.members
    if questions is not None and case.takes is not None:
        taken = _take_learned(case, case.takes, questions, tables.project)
        questions, members = taken.spec, (*members, *taken.members)
    answer = AnswerSpec(
        model=ModelSpec(
            dataset=DatasetSpec(
                labels=labels,
                features=_specify_features(feature_sets, case, tables, before=last_cutoff),
                preparation=case.preparation,
                folds=case.folds,
                seed=case.seed,
                questions=questions,
                has_taken=case.takes is not None,
            ),
            members=members,
            ensemble=case.ensemble,
            refit=case.refit,
        ),
        features=_specify_features(feature_sets, case, tables, before=cutoff),
        population=PopulationSpec(
            population=case.population,
            table=_find_population(case.population, tables, before=cutoff),
            cutoff=cutoff,
            known=None if case.labels.supervision == "full" else labels.table,
        ),
        shards=case.predict.shards,
    )
    outcome = _find_labels(case.labels, tables, before=cutoff + case.labels.horizon)
    report = ReportSpec(
        case=case.name,
        question=case.question,
        resolved=case.resolved,
        outcome=outcome if outcome.data_version == FINAL else labels.table,
    )
    return CaseGraph(case=case, answer=answer, report=WriteReport(answer=to_json(answer), report=to_json(report)))


def _take_learned(case: Case, name: str, own: QuestionSpec, project: Project) -> LearnedModels:
    """Return the models of an earlier time that a case names; what keeps it from them is told with its file."""
    try:
        taken = choose_learned(find_learned(open_store(project.workspace)), name)
        check_taken(taken, own, n_folds=case.folds.n_folds)
    except (DataError, WorkspaceError) as error:
        raise type(error)(f"cases/{case.name}.yaml: transfer.from: {error}") from error
    return taken


def build_question(question: Question, tables: Tables, *, since: datetime, cutoff: datetime) -> AnswerQuestion:
    """Build the task that answers a question without a label.

    Parameters
    ----------
    question
        The question.
    tables
        The tables of its project.
    since
        The first instant of its log.
    cutoff
        As of when users are scored.

    Raises
    ------
    DataError
        If the data of a download are not at hand, or the log is too short.
    """
    rule, population, project = question.rule, question.population, tables.project
    items = [method for method in project.downloads.values() if method.about == "items"]
    roles = propose_roles(project.downloads[rule.event], items, where=rule.where, of=None, horizon=rule.within)
    downloads = {population.download, *_read_downloads(roles)}
    _refuse_within_days((project.downloads[name] for name in downloads), [cutoff])
    tables.check(downloads)
    end = align_cutoff(cutoff - rule.within, rule.within)
    cutoffs = tuple(found for found in choose_cutoffs(end, rule.within) if found - rule.within >= since)
    if not cutoffs:
        raise DataError(
            f"{rule.event} begins on {since:%Y-%m-%d}, too late to learn what happens within "
            f"{rule.within / DAY:g} days by {cutoff:%Y-%m-%d}: that takes four times as long. Ask what happens within "
            "a shorter time, or as of a later day."
        )

    def specify(settings: RoleFeatures, before: datetime) -> FeatureSpec:
        spec = FeatureSpec(settings=settings, table=tables.find(settings.download, ()))
        return _fix_learning(_read_tables(spec, tables, before=before), tables, before=cutoffs[0])

    kind: Literal["events", "leaving"] = "leaving" if rule.kind == "leaving" else "events"
    asked = AskSpec(
        questions=QuestionSpec(roles=specify(replace(roles, where=None), end), cutoffs=cutoffs, kind=kind),
        roles=specify(roles, cutoff),
        population=PopulationSpec(
            population=population, table=_find_population(population, tables, before=cutoff), cutoff=cutoff
        ),
    )
    return AnswerQuestion(asked=to_json(asked))


def find_bundles(model: ModelSpec) -> dict[str, BuildBundle]:
    """Return the tasks that gather the models of a case, by the folders they go to: each class has one of its own."""
    return {
        f"{number}-{name_folder(part)}" if name_part(part) else ".": BuildBundle(model=to_json(part))
        for number, part in enumerate(find_parts(model))
    }


def find_whole(answer: AnswerSpec, report: WriteReport) -> tuple[Task, ...]:
    """Return the tasks whose outputs make up a finished run: its report, its list, its model, what features learned."""
    learned = dict.fromkeys(task for task in map(learn_for, answer.features) if task is not None)  # shared by classes
    return (report, RankUsers(answer=to_json(answer)), *find_bundles(answer.model).values(), *learned)


def score_anew(answer: AnswerSpec, tables: Tables, *, cutoff: datetime) -> AnswerSpec:
    """Return the answer of a finished run's model for another cut-off, or for newer data.

    The model stays what it was; the population and its features are taken from the project's data as they are now.
    """
    features = tuple(_read_tables(spec, tables, before=cutoff) for spec in answer.features)
    table = _find_population(answer.population.population, tables, before=cutoff)
    _refuse_within_days((used.method for used in (table, *(spec.table for spec in features))), [cutoff])
    known = answer.population.known
    if known is not None:
        known = tables.find(known.method.name, (), before=cutoff)
    population = replace(answer.population, table=table, cutoff=cutoff, known=known)
    return replace(answer, features=features, population=population)


def score_table(answer: AnswerSpec, table: TableSpec, *, cutoff: datetime) -> AnswerSpec:
    """Return the answer of a finished run's model for the users of another table, as of a cut-off."""
    features = tuple(replace(spec, table=table) for spec in answer.features)
    return replace(answer, features=features, population=replace(answer.population, table=table, cutoff=cutoff))


def look_again(answer: AnswerSpec, tables: Tables) -> ObserveOutcome:
    """Return the task that sees what came of the users of a finished run, by the project's data as they are now.

    Raises
    ------
    DataError
        If the project has a download no more, or its data are not at hand.
    """
    labels, cutoff = answer.model.dataset.labels.settings, answer.population.cutoff
    downloads = {labels.method, answer.population.population.download}
    gone = sorted(downloads - set(tables.project.downloads))
    if gone:
        raise DataError(f"What happened since cannot be seen: the project has no downloads/{gone[0]}.yaml any more.")
    tables.check(downloads)
    population = _find_population(answer.population.population, tables, before=cutoff)
    scored = replace(answer, population=replace(answer.population, table=population))
    return outcome_task(scored, outcome=_find_labels(labels, tables, before=cutoff + labels.horizon))


def name_run(case: str, report: WriteReport) -> str:
    """Return the name of the run of a case whose last task is a report."""
    return f"{case}-{report.unique_id[:8]}"


def _refuse_within_days(methods: Iterable[Method], instants: Iterable[datetime]) -> None:
    """Refuse an instant within a day where a table tells days only: what came before it on that day is not known."""
    daily = sorted({method.name for method in methods if method.tells_days})
    within = [instant for instant in instants if instant.astimezone(UTC).time() != time.min]
    if daily and within:
        raise DataError(
            f"{within[0]:%Y-%m-%d %H:%M} UTC is within a day, but the time of {', '.join(daily)} is a date: what "
            "happened before it on that day cannot be told. Write a date without a time."
        )


def _specify_features(
    feature_sets: Iterable[FeatureSet], case: Case, tables: Tables, *, before: datetime
) -> tuple[FeatureSpec, ...]:
    """Return the specs of feature sets with their tables as they are now; what they learn is of the first cut-off."""
    first_cutoff = min(case.labels.cutoffs)
    specs = (
        FeatureSpec(settings=feature_set, table=tables.find(feature_set.download, ())) for feature_set in feature_sets
    )
    return tuple(
        _fix_learning(_read_tables(spec, tables, before=before), tables, before=first_cutoff) for spec in specs
    )


def _specify_questions(feature_sets: Iterable[FeatureSet], case: Case, tables: Tables) -> QuestionSpec | None:
    """Return what Yule asks of the log of the labels itself, if a member of the case learns from it."""
    roles = next(filter(is_own_roles, feature_sets), None) if asks_questions(case) else None
    if roles is None:
        return None
    assert isinstance(roles, RoleFeatures)
    judged_from = sorted(case.labels.cutoffs)[-case.folds.n_validation_cutoffs :][0]
    cutoffs = choose_cutoffs(judged_from, case.labels.horizon)
    bare = FeatureSpec(settings=roles.of_any_question(), table=tables.find(roles.download, ()))
    spec = _fix_learning(_read_tables(bare, tables, before=judged_from), tables, before=min(case.labels.cutoffs))
    return QuestionSpec(
        roles=spec, cutoffs=cutoffs, kind=case.labels.kind if isinstance(case.labels, EventRule) else "events"
    )


def _read_downloads(settings: FeatureSet) -> Iterator[str]:
    """Give the downloads that a feature set reads."""
    yield settings.download
    yield from (join.download for join in find_joins(settings))


def _read_tables(spec: FeatureSpec, tables: Tables, *, before: datetime) -> FeatureSpec:
    """Return a feature spec with the tables as they are now, and of them just the columns that it reads."""
    settings, joins = spec.settings, find_joins(spec.settings)
    if not isinstance(settings, EventFeatures | RoleFeatures):
        columns = name_columns(settings) or None
        return replace(spec, table=tables.find(settings.download, columns, before=before))
    joined = {column: join for join in joins for column in join.columns}
    named = dict.fromkeys(name_columns(settings))
    there = {column.name for column in tables.project.downloads[settings.download].columns}
    own = [name for name in named if name in there] + [join.by for join in joins]
    return replace(
        spec,
        table=tables.find(settings.download, own, before=before),
        joined=tuple(
            tables.find(join.download, [name for name in named if joined.get(name) is join]) for join in joins
        ),
    )


def _find_population(population: Population, tables: Tables, *, before: datetime) -> TableSpec:
    return tables.find(population.download, find_columns(population.where), before=before)


def _fix_learning(spec: FeatureSpec, tables: Tables, *, before: datetime) -> FeatureSpec:
    """Say from which rows a set learns its values, items or terms, if it has to: those before the first cut-off.

    No cut-off of the case is shown what lies after another one.
    """
    if not has_to_learn(spec.settings):
        return spec
    settings = spec.settings.of_any_question() if isinstance(spec.settings, RoleFeatures) else spec.settings
    read = _read_tables(replace(spec, settings=settings), tables, before=before)
    return replace(spec, learn_before=before, learn_from=(read.table, *read.joined))


def _find_labels(labels: Labels, tables: Tables, *, before: datetime) -> TableSpec:
    return tables.find(labels.method, (*labels.columns, *find_columns(labels.where)), before=before)
