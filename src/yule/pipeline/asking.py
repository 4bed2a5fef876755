"""Steps: find out how far a log goes, and answer a question about it without a label."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import luigi
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yule.core.dataset import Features
from yule.core.errors import DataError
from yule.core.settings import from_json, read_json, to_json
from yule.downloads.keeping.task import DownloadTable, Reader
from yule.downloads.specs import TableSpec
from yule.ensemble.log_odds import log_odds, probabilities_of, weighted_mean
from yule.features.columns import name_window
from yule.features.matrix import read_features
from yule.features.roles.column import ENOUGH, FEWEST, SHARE
from yule.features.roles.roles import count_doers
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.labels.population import read_population
from yule.labels.reach import Reach, find_reach
from yule.models.members import load_model
from yule.models.pooled import Pooled
from yule.models.protocol import Model
from yule.pipeline.features import feature_files, features_at, read_tables
from yule.pipeline.labels import population_task
from yule.pipeline.questions import ChoosePooled, CompareQuestions, FindQuestions, fit_tasks
from yule.pipeline.specs import PopulationSpec
from yule.prediction.answer import Evidence, write_evidence
from yule.prediction.look_back import LookBack, count_first, look_back
from yule.prediction.ranking import Scores, rank_users
from yule.questions.choice import choose_questions
from yule.questions.doers import find_doers
from yule.questions.find import Questions, read_questions
from yule.questions.overlap import Overlaps, read_overlaps
from yule.questions.settings import QuestionSpec
from yule.sql.connecting import connect
from yule.sql.quoting import quote_table
from yule.storage.task import Requires

_REACH = "reach.json"


@dataclass(frozen=True, kw_only=True)
class AskSpec:
    """A question that is answered without a label.

    Parameters
    ----------
    questions
        The auxiliary questions that are learned from; their kind is that of the question.
    roles
        The roles of the question itself.
    population
        Who is scored, as of when.
    member
        The pooled model.
    n_folds
        In how many folds users are held out; the models of all folds answer together.
    """

    questions: QuestionSpec
    roles: FeatureSpec
    population: PopulationSpec
    member: Pooled = field(default_factory=Pooled)
    n_folds: int = 5

    @property
    def before(self) -> PopulationSpec:
        """Who is looked back at: the population a horizon earlier."""
        earlier = self.population.cutoff - self.questions.settings.within
        return replace(self.population, cutoff=earlier, table=self.population.table.before(earlier))

    @property
    def known(self) -> FeatureSpec:
        """The roles with no more of their table than the models have learned from."""
        end = self.questions.cutoffs[-1] + self.questions.settings.within
        return replace(self.roles, table=self.roles.table.before(end))


class FindReach(Reader):
    """Find out how far a log goes, by its own days.

    Parameters
    ----------
    table
        JSON of a :class:`~yule.downloads.specs.TableSpec` with a time.
    """

    step = "labels"

    table: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"how far {from_json(TableSpec, self.table).method.name} goes"

    def requires(self) -> Requires:
        """Need the table."""
        return {"table": DownloadTable(table=self.table)}

    def write(self, folder: Path) -> None:
        """Write ``reach.json``."""
        method = from_json(TableSpec, self.table).method
        with connect(n_threads=1, scratch=folder.parent) as connection:
            reach = find_reach(connection, method, quote_table(self.load_table("table")))
        (folder / _REACH).write_text(to_json(reach), encoding="utf-8")


def read_reach(folder: Path) -> Reach:
    """Read what :class:`FindReach` wrote."""
    return read_json(Reach, folder / _REACH)


class AnswerQuestion(Reader):
    """Rank users by a question of which no label is known, and look back at what such an answer was worth.

    Parameters
    ----------
    asked
        JSON of an :class:`AskSpec`.
    """

    step = "predict"

    asked: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "answer the question"

    def requires(self) -> Requires:
        """Need the models, and the users with their roles, as of the cut-off and a horizon earlier."""
        spec = from_json(AskSpec, self.asked)
        populations = (spec.population, spec.before)
        return {
            "tables": read_tables(spec.roles),
            "questions": FindQuestions(questions=to_json(spec.questions)),
            "overlap": compare_task(spec),
            "models": list[Requires](_choose_tasks(spec)),
            "populations": [population_task(population) for population in populations],
            "features": [list[Requires](features_at([spec.roles], population.cutoff)) for population in populations],
        }

    def write(self, folder: Path) -> None:
        """Write the list of users as Parquet and CSV, and ``answer.json``."""
        spec = from_json(AskSpec, self.asked)
        require_questions(spec, read_questions(self.load("questions")), read_overlaps(self.load("overlap")))
        models = [load_model(model) for model in self.load("models")]
        users = [read_population(population) for population in self.load("populations")]
        now, then = (
            read_features(feature_files(files), user_ids)
            for files, user_ids in zip(self.load("features"), users, strict=True)
        )
        before = self._look_back(spec, _score(models, then, self.n_threads), users[1], folder.parent)
        scores = probabilities_of(_score(models, now, self.n_threads) + before.level)
        rank_users(
            Scores(user_ids=pa.chunked_array([users[0]], pa.string()), names=("",), values=scores[:, None]), folder
        )
        write_evidence(self._gather(spec, now, scores, before), folder)

    def _look_back(
        self, spec: AskSpec, values: NDArray[np.float64], user_ids: NDArray[np.object_], scratch: Path
    ) -> LookBack:
        """Compare the answer of a horizon earlier with what came of it."""
        earlier, cutoff = spec.before.cutoff, spec.population.cutoff
        doers = find_doers(spec.roles, self.load_tables("tables"), since=earlier, until=cutoff, scratch=scratch)
        listed = pc.is_in(pa.array(user_ids, pa.string()), value_set=pa.array(doers, pa.string()))
        done = listed.to_numpy(zero_copy_only=False).astype(np.float64)
        return look_back(values, 1 - done if spec.questions.kind == "leaving" else done, cutoff=earlier)

    def _gather(self, spec: AskSpec, features: Features, scores: NDArray[np.float64], before: LookBack) -> Evidence:
        questions, overlaps = read_questions(self.load("questions")), read_overlaps(self.load("overlap"))
        n_first = count_first(len(scores))
        return Evidence(
            cutoff=spec.population.cutoff,
            horizon=spec.questions.settings.within,
            n_users=len(scores),
            n_doers=count_doers(features),
            n_first=n_first,
            expected_first=float(np.sort(scores)[-n_first:].sum()),
            expected=float(scores.sum()),
            column=questions.column or "",
            n_questions=len(choose_questions(questions, overlaps).places),
            question_cutoffs=spec.questions.cutoffs,
            left_out=tuple(question.value for question in overlaps.questions if question.is_left_out),
            before=before,
        )


def compare_task(spec: AskSpec) -> CompareQuestions:
    """Return the task that finds out which of the questions of the log repeat what is asked."""
    return CompareQuestions(questions=to_json(spec.questions), roles=to_json(spec.known))


def has_models(spec: AskSpec) -> bool:
    """Say whether the models are there that all questions with this horizon share: an answer takes seconds then."""
    halves = [half for task in _choose_tasks(spec) for half in fit_tasks(task)]
    return all(half.complete() for half in halves)


def require_questions(spec: AskSpec, questions: Questions, overlaps: Overlaps) -> None:
    """Refuse a question that there is nothing to learn for.

    Raises
    ------
    DataError
        If the log asks nothing else, or all that it asks repeats the question; says what to do.
    """
    if not choose_questions(questions, overlaps).places:
        raise DataError(_explain_nothing(spec, questions))


def _choose_tasks(spec: AskSpec) -> list[ChoosePooled]:
    questions, roles, member = to_json(spec.questions), to_json(spec.known), to_json(spec.member)
    return [
        ChoosePooled(questions=questions, roles=roles, member=member, fold=fold, n_folds=spec.n_folds)
        for fold in range(spec.n_folds)
    ]


def _score(models: list[Model], features: Features, n_threads: int) -> NDArray[np.float64]:
    """Return the mean log-odds of the models, (n_users,)."""
    values = [log_odds(model.predict(features, n_threads=n_threads)) for model in models]
    return weighted_mean(values, [1 / len(models)] * len(models))


def _explain_nothing(spec: AskSpec, questions: Questions) -> str:
    """Say why there is nothing to learn from, and what to do."""
    if questions.questions:
        return (
            f"All {len(questions.questions)} other questions of the log, by {questions.column}, repeat what is asked: "
            f"none is left to learn from. {_ADVICE.format(rule=_write_rule(spec))}"
        )
    settings = spec.questions.settings
    return (
        f"There is no other question to learn from: {settings.download} has no column with two values that enough "
        f"users, and not nearly all, had within {name_window(settings.within)}. Enough are {SHARE:.0%} of those who "
        f"were there, but no fewer than {FEWEST}, and {ENOUGH} anyhow. Ask what happens within a longer time. "
        f"{_ADVICE.format(rule=_write_rule(spec))}"
    )


_ADVICE = "A case learns from the labels of the log itself: `yule new NAME`, with `labels: {{{rule}}}`."


def _write_rule(spec: AskSpec) -> str:
    settings = spec.roles.settings
    assert isinstance(settings, RoleFeatures)
    where = "" if settings.where is None else f', where: "{settings.where}"'
    kind = "kind: leaving, " if spec.questions.kind == "leaving" else ""
    return f"{kind}event: {settings.download}{where}, within: {settings.within / timedelta(days=1):g} days"
