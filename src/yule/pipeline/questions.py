"""Steps: find auxiliary questions, answer them, fit pooled models to them, and choose those for a question."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import luigi

from yule.core.dataset import Labelled
from yule.core.schema import describe_features
from yule.core.seeds import derive_seed
from yule.core.settings import from_json, to_json
from yule.downloads.keeping.task import Reader
from yule.features.roles.column import read_column
from yule.features.roles.roles import name_roles
from yule.features.settings import FeatureSpec, RoleFeatures
from yule.features.stacked import map_stacked
from yule.models.card import has_model
from yule.models.members import load_model, read_member, take_up
from yule.models.protocol import FitContext, Model
from yule.pipeline.feature_sets import is_own_roles
from yule.pipeline.features import LearnColumn, activity_task, read_tables
from yule.pipeline.labels import read_examples
from yule.pipeline.specs import DatasetSpec
from yule.pipeline.training import dataset_tasks, events_folder, name_class
from yule.preparation.preparation import Preparation, prepare, write_preparation
from yule.questions.answers import read_answers, write_answers
from yule.questions.choice import choose_questions
from yule.questions.find import find_questions, read_questions
from yule.questions.halves import N_HALVES
from yule.questions.overlap import compare_questions, read_overlaps
from yule.questions.rows import divide_answers
from yule.questions.settings import QuestionSpec
from yule.storage.task import Requires, Task
from yule.tracking.events import EventWriter
from yule.training.fitting import FoldFit, write_fold_fit
from yule.training.folds import read_folds, split_fold
from yule.training.members import leave_out


class FindQuestions(Reader):
    """Choose which questions Yule asks of a log itself. No case is part of it, so all cases share them.

    Parameters
    ----------
    questions
        JSON of a :class:`~yule.questions.settings.QuestionSpec`.
    """

    step = "train"

    questions: luigi.Parameter[str] = luigi.Parameter()
    revision: luigi.IntParameter = luigi.IntParameter(default=2)

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"questions of {from_json(QuestionSpec, self.questions).settings.download}"

    def requires(self) -> Requires:
        """Need the tables, and which column says what events are of."""
        roles = from_json(QuestionSpec, self.questions).roles
        tables: dict[str, Requires] = {"tables": read_tables(roles)}
        return tables | {"column": LearnColumn(features=to_json(roles.learned))} if roles.learn_from else tables

    def write(self, folder: Path) -> None:
        """Write ``questions.json``."""
        spec = from_json(QuestionSpec, self.questions)
        find_questions(
            spec,
            self.load_tables("tables"),
            column=read_column(self.load("column")) if spec.roles.learn_from else None,
            folder=folder,
            scratch=folder.parent,
            n_threads=self.n_threads,
        )


class AnswerQuestions(Reader):
    """Compute roles and labels of all questions as of a cut-off.

    Parameters
    ----------
    questions
        JSON of a :class:`~yule.questions.settings.QuestionSpec`.
    cutoff
        One of its cut-offs, ISO 8601.
    """

    step = "train"

    questions: luigi.Parameter[str] = luigi.Parameter()
    cutoff: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"answers of {from_json(QuestionSpec, self.questions).settings.download} at {self.cutoff[:10]}"

    def requires(self) -> Requires:
        """Need the tables, the questions, and what users do at all."""
        roles = from_json(QuestionSpec, self.questions).roles
        return {
            "tables": read_tables(roles),
            "questions": FindQuestions(questions=self.questions),
            "activity": activity_task(roles, datetime.fromisoformat(self.cutoff)),
        }

    def write(self, folder: Path) -> None:
        """Write the files of :mod:`yule.questions.answers`, or nothing where the log has no questions."""
        questions = read_questions(self.load("questions"))
        if not questions.questions:
            return
        write_answers(
            from_json(QuestionSpec, self.questions),
            self.load_tables("tables"),
            questions,
            activity=self.load("activity"),
            cutoff=datetime.fromisoformat(self.cutoff),
            folder=folder,
            n_threads=self.n_threads,
        )


class FitPooled(Task):
    """Fit the pooled model of a fold to one half of the questions. All cases share it.

    Parameters
    ----------
    questions
        JSON of a :class:`~yule.questions.settings.QuestionSpec`.
    member
        JSON of one of :data:`~yule.models.members.Transferred`.
    half
        Which half is learned from, 0 or 1.
    fold
        The fold whose users are held out.
    n_folds
        Number of folds.
    """

    step = "train"

    questions: luigi.Parameter[str] = luigi.Parameter()
    member: luigi.Parameter[str] = luigi.Parameter()
    half: luigi.IntParameter = luigi.IntParameter()
    fold: luigi.IntParameter = luigi.IntParameter()
    n_folds: luigi.IntParameter = luigi.IntParameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"fit {read_member(self.member).name} fold {self.fold} to half {self.half} of the questions"

    def requires(self) -> Requires:
        """Need the questions and their answers."""
        return {"questions": FindQuestions(questions=self.questions), "answers": answer_tasks(self.questions)}

    def write(self, folder: Path) -> None:
        """Write the model, or nothing where the log has no questions."""
        questions = read_questions(self.load("questions")).questions
        places = [place for place, question in enumerate(questions) if question.half == self.half]
        if places:
            fit_to_questions(self, self.load("answers"), places).save(folder)


class CompareQuestions(Reader):
    """Find out which of the questions repeat what a case asks.

    Parameters
    ----------
    questions
        JSON of a :class:`~yule.questions.settings.QuestionSpec`.
    roles
        JSON of a :class:`~yule.features.settings.FeatureSpec`: the roles of the case's own question.
    """

    step = "train"

    questions: luigi.Parameter[str] = luigi.Parameter()
    roles: luigi.Parameter[str] = luigi.Parameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return "compare the questions with the case"

    def requires(self) -> Requires:
        """Need the tables and the questions."""
        roles = from_json(FeatureSpec, self.roles)
        return {"tables": read_tables(roles), "questions": FindQuestions(questions=self.questions)}

    def write(self, folder: Path) -> None:
        """Write ``overlap.json``."""
        compare_questions(
            from_json(QuestionSpec, self.questions),
            from_json(FeatureSpec, self.roles),
            self.load_tables("tables"),
            read_questions(self.load("questions")),
            folder=folder,
            scratch=folder.parent,
            n_threads=self.n_threads,
        )


class ChoosePooled(Task):
    """Choose the pooled model of a fold for one question: none that it learned from repeats that question.

    It is the one fitted to the half of the questions that holds none which does. Where both halves do, one is fitted to
    all questions that do not.

    Parameters
    ----------
    questions
        JSON of a :class:`~yule.questions.settings.QuestionSpec`.
    roles
        JSON of a :class:`~yule.features.settings.FeatureSpec`: the roles of the question.
    member
        JSON of one of :data:`~yule.models.members.Transferred`.
    fold
        The fold whose users are held out.
    n_folds
        Number of folds.
    """

    step = "train"

    questions: luigi.Parameter[str] = luigi.Parameter()
    roles: luigi.Parameter[str] = luigi.Parameter()
    member: luigi.Parameter[str] = luigi.Parameter()
    fold: luigi.IntParameter = luigi.IntParameter()
    n_folds: luigi.IntParameter = luigi.IntParameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"choose {read_member(self.member).name} fold {self.fold}"

    def requires(self) -> Requires:
        """Need what is known of the questions, and both halves' models."""
        return {**_choosing_tasks(self), "answers": answer_tasks(self.questions)}

    def write(self, folder: Path) -> None:
        """Write the model, or nothing where there is no other question to learn from."""
        choice = choose_questions(read_questions(self.load("questions")), read_overlaps(self.load("overlap")))
        if not choice.places:
            return
        if choice.half is None:
            fit_to_questions(self, self.load("answers"), choice.places).save(folder)
        else:
            load_model(self.load("halves")[choice.half]).save(folder)


class ChooseFitted(Task):
    """Choose the pooled model of a fold for one question from the shelf: where both halves repeat it there is none.

    Nothing is fitted anew, so the answers that the models have learned from are not needed any more.

    Parameters
    ----------
    questions, roles, member, fold, n_folds
        See :class:`ChoosePooled`.
    """

    step = "train"

    questions: luigi.Parameter[str] = luigi.Parameter()
    roles: luigi.Parameter[str] = luigi.Parameter()
    member: luigi.Parameter[str] = luigi.Parameter()
    fold: luigi.IntParameter = luigi.IntParameter()
    n_folds: luigi.IntParameter = luigi.IntParameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return f"choose {read_member(self.member).name} fold {self.fold} from the shelf"

    def requires(self) -> Requires:
        """Need what is known of the questions, and both halves' models."""
        return _choosing_tasks(self)

    def write(self, folder: Path) -> None:
        """Write the model, or nothing where each half repeats the question."""
        choice = choose_questions(read_questions(self.load("questions")), read_overlaps(self.load("overlap")))
        if choice.places and choice.half is not None:
            load_model(self.load("halves")[choice.half]).save(folder)


class TakePooled(Task):
    """Take the model of other questions of a fold for a case, and predict the users that the case holds out in it.

    What the case's own labels say moves it, where its kind can be moved.

    Parameters
    ----------
    dataset
        JSON of a :class:`~yule.pipeline.specs.DatasetSpec` with questions.
    member
        JSON of one of :data:`~yule.models.members.Transferred`.
    fold
        The fold that is held out.
    """

    step = "train"

    dataset: luigi.Parameter[str] = luigi.Parameter()
    member: luigi.Parameter[str] = luigi.Parameter()
    fold: luigi.IntParameter = luigi.IntParameter()

    def describe(self) -> str:
        """See :class:`~yule.storage.task.Task`."""
        return (
            f"take {read_member(self.member).name} fold {self.fold}{name_class(from_json(DatasetSpec, self.dataset))}"
        )

    def requires(self) -> Requires:
        """Need the labelled users and the model."""
        return {**dataset_tasks(from_json(DatasetSpec, self.dataset)), "model": self.choose_model()}

    def choose_model(self) -> ChoosePooled | ChooseFitted:
        """Return the task that chooses the model."""
        spec = from_json(DatasetSpec, self.dataset)
        choose = ChooseFitted if spec.has_taken else ChoosePooled
        return choose(
            questions=to_json(_find_questions(spec)),
            roles=to_json(_find_roles(spec)),
            member=self.member,
            fold=self.fold,
            n_folds=spec.folds.n_folds,
        )

    def write(self, folder: Path) -> None:
        """Write the model, its out-of-fold predictions, ``fit.json``, and ``preparation.json``: it sees roles alone.

        ``skipped.json`` where there is no model.
        """
        spec = from_json(DatasetSpec, self.dataset)
        examples = read_examples(spec, self.load("labels"))
        if not has_model(self.load("model")):
            leave_out(read_member(self.member), examples, "member-unasked", folder)
            return
        rows = split_fold(examples, read_folds(self.load("folds")), self.fold)
        features = map_stacked(self.load("stacked"), n_rows=examples.n_examples)
        names = _name_columns(_find_roles(spec))
        preparation = Preparation(kept=describe_features(features).only(set(names)))
        learned, held_out = (prepare(preparation, features.take(part)) for part in (rows.train, rows.held_out))
        labels, loss = examples.labels[rows.train], spec.labels.settings.loss
        labelled = Labelled(features=learned, labels=labels, loss=loss)
        called = _name_columns(_find_questions(spec).roles)
        model = take_up(load_model(self.load("model")), labelled, names=called)
        scores = model.predict(held_out, n_threads=self.n_threads)
        write_fold_fit(FoldFit(model=model, rows=rows.held_out, scores=scores), folder)
        write_preparation(preparation, folder)


def _choosing_tasks(task: ChoosePooled | ChooseFitted) -> dict[str, Requires]:
    """Return the tasks that a model is chosen by, and those that fit the models of both halves."""
    return {
        "questions": FindQuestions(questions=task.questions),
        "overlap": CompareQuestions(questions=task.questions, roles=task.roles),
        "halves": list[Requires](fit_tasks(task)),
    }


def fit_tasks(task: ChoosePooled | ChooseFitted) -> list[FitPooled]:
    """Return the tasks that fit the models which one is chosen of: those of both halves."""
    return [
        FitPooled(questions=task.questions, member=task.member, half=half, fold=task.fold, n_folds=task.n_folds)
        for half in range(N_HALVES)
    ]


def answer_tasks(questions: str) -> list[Requires]:
    """Return the tasks that answer the questions, at all cut-offs."""
    cutoffs = from_json(QuestionSpec, questions).cutoffs
    return [AnswerQuestions(questions=questions, cutoff=cutoff.isoformat()) for cutoff in cutoffs]


def fit_to_questions(task: FitPooled | ChoosePooled, answers: Sequence[Path], places: Sequence[int]) -> Model:
    """Fit the member of a task to some of the questions, without the users of its fold."""
    loss = from_json(QuestionSpec, task.questions).loss
    train, stop = divide_answers(
        [read_answers(folder, loss) for folder in answers], questions=places, fold=task.fold, n_folds=task.n_folds
    )
    with EventWriter(events_folder(task)) as tracker:
        seed = derive_seed(0, "pooled", task.fold, *places)
        context = FitContext(seed=seed, n_threads=task.n_threads, tracker=tracker)
        return read_member(task.member).fit(train, stop, context=context)


def _find_questions(spec: DatasetSpec) -> QuestionSpec:
    """Return what is asked of the log: for those who are of no class, who has none of an event."""
    assert spec.questions is not None
    labels = spec.labels.settings
    is_none = spec.one_class is not None and labels.class_names.index(spec.one_class) == labels.negative
    return replace(spec.questions, kind="leaving") if is_none else spec.questions


def _find_roles(spec: DatasetSpec) -> FeatureSpec:
    """Return the roles of the case's own question, or of that of its class."""
    own = [features for features in spec.features if is_own_roles(features.settings)]
    classes = spec.labels.settings.class_names
    return own[0 if spec.one_class is None else classes.index(spec.one_class)]


def _name_columns(roles: FeatureSpec) -> list[str]:
    settings = roles.settings
    assert isinstance(settings, RoleFeatures)
    names = name_roles(settings.name, settings.download, settings.within, has_amounts=settings.of is not None)
    return list(names)
